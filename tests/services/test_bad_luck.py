"""Bad luck around a referral: a mail on its way, a pregnancy that ends, a family known already."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text, update

from portal.app import listen_to_families
from portal.consents import service as consents
from portal.contacts.rules import ContactRefusal
from portal.db.session import acting_as, transaction
from portal.families import expected
from portal.families import service as families
from portal.families.rules import ChildDetails
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.organisations.models import Organisation
from portal.outreach import service as outreach
from portal.outreach.models import OutreachPlan
from portal.outreach.rules import CallResult, OutreachRefusal
from portal.referrals import service as referrals
from portal.referrals.models import Referral
from portal.referrals.rules import ReferralEvent, ReferralState
from tests.database import HOME, ROOT, TestServer
from tests.factories import referring
from tests.factories.outreach import MORNING, plan, refer
from tests.factories.people import children_of, make_guardian, make_liaison, make_worker
from tests.factories.places import Site, accept, make_site
from tests.factories.support import met
from tests.smtp import MailServer, running_mail_server, wait_until

Look = Callable[[str], list[Any]]
#: Never quiet: what a test queues may leave by the machine's own clock.
ALL_DAY = {"contact": {"quiet_from": "23:59:59.999999", "quiet_until": "00:00"}}


@pytest.fixture
def look(emptied: Engine, server: TestServer) -> Iterator[Look]:
    """Ask the database as its superuser, past every policy."""
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))

    def ask(sql: str) -> list[Any]:
        with admin.connect() as connection:
            return list(connection.execute(text(sql)))

    yield ask
    admin.dispose()


@contextmanager
def portal_worker(server: TestServer, emptied: Engine, smtp: MailServer) -> Iterator[None]:
    """Run ``portal worker`` as it is installed, in a process of its own."""
    name = str(emptied.url.database)
    process = subprocess.Popen(
        [sys.executable, "-m", "portal", "worker"],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": server.url("portal_app", name),
            "DATABASE_WORKER_URL": server.url("portal_worker", name),
            "PORTAL_SECRETS": str(HOME / "secrets.json"),
            "SMTP_HOST": smtp.settings.host,
            "SMTP_PORT": str(smtp.settings.port),
        },
    )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def mailed(of: OutreachPlan, staff: Actor) -> None:
    with acting_as(staff), transaction() as session:
        outreach.send_mail(session, of.id, actor=staff, now=clock.now())


def mail_of(actor: Actor) -> str:
    with acting_as(actor) as session:
        found = session.scalar(text("SELECT mail FROM users WHERE id = :id"), {"id": actor.user_id})
        return str(found)


@pytest.mark.proves("R11", "R20", "P12", "J8")
@pytest.mark.parametrize("is_withdrawn", [True, False])
def test_a_mail_in_the_queue_never_arrives_once_the_consent_is_taken_back(
    emptied: Engine, server: TestServer, look: Look, *, is_withdrawn: bool
) -> None:
    """With the worker as it runs and a mail server that takes everything; untouched, it arrives."""
    listen_to_families()
    nurse = make_liaison("鈴木 あき")
    with acting_as(nurse), transaction() as session:
        session.execute(
            update(Organisation)
            .where(Organisation.id == nurse.organisation_id)
            .values(settings=ALL_DAY)
        )
    staff = make_worker("佐藤 まり", make_site("ひなた保育園").organisation_id, "staff")
    sent = refer(nurse, staff, met(nurse)[0])
    mother = make_guardian("高橋 あかり")
    referring.joined_with(sent, mother, staff)
    mailed(plan(sent, staff, now=clock.now()), staff)
    if is_withdrawn:
        assert sent.consent_id is not None
        with acting_as(nurse), transaction() as session:
            consents.withdraw(session, sent.consent_id, actor=nurse, now=clock.now())
    with running_mail_server() as smtp, portal_worker(server, emptied, smtp):
        queued = "SELECT 1 FROM outbox_messages WHERE sent_at IS NULL AND dropped_at IS NULL"
        assert wait_until(lambda: not look(queued), seconds=60)
        arrived = {one.to for one in smtp.taken}
    assert (mail_of(mother) in arrived) is not is_withdrawn
    # The nursery is told to stop by this same worker: so it works, and chose not to write to her.
    assert (mail_of(staff) in arrived) is is_withdrawn


@pytest.mark.proves("R7", "R20", "J8")
def test_a_pregnancy_that_ended_ends_contact_at_every_nursery(
    emptied: Engine, server: TestServer, look: Look
) -> None:
    """She tells one nursery, in her own account; the other knows her from the city alone."""
    listen_to_families()
    nurse = make_liaison("鈴木 あき")
    with acting_as(nurse), transaction() as session:
        session.execute(
            update(Organisation)
            .where(Organisation.id == nurse.organisation_id)
            .values(settings=ALL_DAY)
        )
    sites = [make_site(name) for name in ("ひなた保育園", "みどりこども園")]
    staff = [make_worker("佐藤 まり", site.organisation_id, "staff") for site in sites]
    sent = of_unborn(nurse, *sites)
    mother = make_guardian("高橋 あかり")
    referring.joined_with(sent[0], mother, staff[0])
    with acting_as(mother), transaction() as session:
        assert mother.family_id is not None
        details = ChildDetails(None, due_on=clock.today(clock.now()) + timedelta(days=44))
        child_id = families.add_child(
            session, mother.family_id, details, actor=mother, now=clock.now()
        ).id
    plans = [plan(each, who, now=clock.now()) for each, who in zip(sent, staff, strict=True)]
    mailed(plans[0], staff[0])
    before = len(look("SELECT 1 FROM outbox_messages"))
    with acting_as(mother), transaction() as session:
        expected.close(session, child_id, actor=mother, now=clock.now())
    assert [row.state for row in look("SELECT state FROM referrals")] == ["recalled"] * 2
    reasons = [row.end_reason for row in look("SELECT end_reason FROM outreach_plans")]
    assert reasons == ["withdrawn"] * 2, "no code of its own that says why"
    for of, who in zip(plans, staff, strict=True):
        with pytest.raises(Refusal) as refused, acting_as(who), transaction() as session:
            outreach.begin_call(session, of.id, actor=who, now=MORNING)
        assert refused.value.codes == (OutreachRefusal.PLAN_OVER,)
    assert len(look("SELECT 1 FROM outbox_messages")) == before, "nobody is told, or asked why"
    with running_mail_server() as smtp, portal_worker(server, emptied, smtp):
        queued = "SELECT 1 FROM outbox_messages WHERE sent_at IS NULL AND dropped_at IS NULL"
        assert wait_until(lambda: not look(queued), seconds=60)
        assert mail_of(mother) not in {one.to for one in smtp.taken}
    with acting_as(mother), transaction() as session:
        expected.reopen(session, child_id, actor=mother, now=clock.now())
    assert [row.state for row in look("SELECT state FROM referrals")] == ["received"] * 2


def of_unborn(nurse: Actor, *sites: Site) -> list[Referral]:
    """Refer one expected child to several nurseries."""
    of = referring.interviewed(nurse)
    _elder, unborn = referring.children_of(nurse, of.family_id)
    rows = []
    for site in sites:
        with acting_as(nurse), transaction() as session:
            row = referrals.draft(
                session,
                of.family_id,
                site.organisation_id,
                child_ids=[unborn],
                interview_id=of.id,
                facility_id=site.facility_id,
                actor=nurse,
                now=clock.now(),
            )
        referring.agreed(nurse, of.family_id, site.organisation_id)
        rows.append(referring.sent(nurse, row.id))
    return rows


@pytest.mark.proves("R10", "R19", "R20")
def test_a_family_that_is_registered_already_is_not_asked_to_register(
    suzuki: Actor, sato: Actor, hinata: Site
) -> None:
    listen_to_families()
    mother = make_guardian("高橋 あかり", children=("高橋 そら",))
    accept(hinata, mother, children_of(mother)[0].id)
    sent = referring.referred(suzuki, hinata)
    referring.moved(sato, sent.id, ReferralEvent.RECEIVE)
    of = plan(sent, sato, now=MORNING)
    referring.joined_with(sent, mother, sato)
    found = referring.seen(suzuki, sent.id)
    assert found.state is ReferralState.REGISTERED, "the sender sees it too"
    assert found.next_what == "use"
    with acting_as(sato), transaction() as session:
        made = outreach.begin_call(session, of.id, actor=sato, now=MORNING)
        outreach.finish_call(session, made.id, CallResult.TALKED, actor=sato, now=MORNING)
    with pytest.raises(Refusal) as refused, acting_as(sato), transaction() as session:
        outreach.begin_call(session, of.id, actor=sato, now=MORNING + timedelta(hours=1))
    assert refused.value.codes == (ContactRefusal.TOO_SOON,)
    with acting_as(sato) as session:
        assert len(families_with(session)) == 1, "no second record of her"


def families_with(session: Any) -> list[Any]:
    return list(session.scalars(text("SELECT DISTINCT family_id FROM family_access")))


@pytest.mark.proves("R10")
def test_a_stranger_that_only_applied_is_still_on_her_way(
    suzuki: Actor, sato: Actor, hinata: Site
) -> None:
    """Known by name is not registered; nor is what she has with another nursery."""
    listen_to_families()
    mother = make_guardian("高橋 あかり", children=("高橋 そら",))
    accept(make_site("みどりこども園"), mother, children_of(mother)[0].id)
    sent = referring.referred(suzuki, hinata)
    referring.moved(sato, sent.id, ReferralEvent.RECEIVE)
    referring.joined_with(sent, mother, sato)
    assert referring.seen(suzuki, sent.id).state is ReferralState.RECEIVED

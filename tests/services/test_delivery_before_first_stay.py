"""Every mail from the first visit to the accepted application, written under the worker's role."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, select, text

from portal.db import roles
from portal.db.session import Database, acting_as, in_use, make_engine, transaction, use
from portal.drafts import service as drafts
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS
from portal.messages.delivery import Delivery
from portal.messages.letters import collect
from portal.messages.models import OutboxMessage
from portal.messages.outbox import enqueue
from portal.messages.smtp import Post
from portal.policies.trials import TrialOutcome
from portal.preregistration.rules import PreregistrationState
from portal.trials import service as trials
from tests.database import TestServer
from tests.factories import apart, days, people, places, steps, visits
from tests.smtp import running_mail_server

S = PreregistrationState
#: What the family must have been told of, and where its application stands then.
APPLICATIONS = {
    "received": S.APPLIED,
    "asked_back": S.ASKED_BACK,
    "waiting": S.WAITING,
    "accepted": S.ACCEPTED,
    "declined": S.DECLINED,
    "withdrawn": S.WITHDRAWN,
    "word": S.WAITING,
    "renew": S.ACCEPTED,
    "extended": S.ACCEPTED,
    "record": S.ACCEPTED,
}
VISITS = {
    "booked": "booked",
    "moved": "booked",
    "cancelled": "cancelled",
    "changed_by_facility": "booked",
    "cancelled_by_facility": "cancelled",
    "reminder": "booked",
    "missed": "missed",
}
FEATURES = ("drafts", "families", "preregistration", "trials", "visits")


def _queue_all(admin: Engine) -> set[str]:
    site = places.make_site("ひなた保育園")
    steps.give_steps(site, steps.TRIAL)
    names = tuple(f"田中 {each}" for each in "一二三四五六七八九十")
    tanaka = people.make_guardian("田中 みほ", children=names)
    children = [child.id for child in people.children_of(tanaka)]
    now = clock.now()
    rows: dict[str, dict[str, Any]] = {}
    with admin.begin() as owner:
        for kind, state in APPLICATIONS.items():
            child = children.pop()
            about = places.accept(site, tanaka, child)
            days.keep_record(tanaka, child, allergies="")
            owner.execute(
                text(
                    "UPDATE preregistrations SET state = :state, accepted_until = CASE :state"
                    " WHEN 'accepted' THEN accepted_until END WHERE id = :id"
                ),
                {"state": state.value, "id": about},
            )
            owner.execute(
                text("UPDATE child_records SET confirmed_on = :day WHERE child_id = :id"),
                {"day": clock.today(now) - timedelta(days=400), "id": child},
            )
            rows[f"preregistration/{kind}"] = {"about": [about]}
    for number, (kind, becomes) in enumerate(VISITS.items()):
        tour = visits.open_session(site, start=16 + 2 * number)
        visit_id, starts_at = visits.book(tanaka, tour), visits.session_of(tanaka, tour).starts_at
        more = [visit_id] if kind == "moved" else []
        rows[f"visits/{kind}"] = {
            "about": [visit_id, *more],
            "context": {"starts_at": starts_at.isoformat()},
        }
        with admin.begin() as owner:
            owner.execute(
                text(
                    "UPDATE visits SET state = :state, cancelled_at = CASE :state"
                    " WHEN 'cancelled' THEN now() END, cancelled_by_family = CASE :state"
                    " WHEN 'cancelled' THEN :by_family END WHERE id = :id"
                ),
                {"state": becomes, "id": visit_id, "by_family": kind == "cancelled"},
            )
    trial_family = people.make_guardian("佐々木 ゆい", children=("佐々木 そら",))
    places.accept(site, trial_family, people.children_of(trial_family)[0].id)
    (trial,) = steps.book_trial(trial_family, site).bookings
    steps.attend(site, trial)
    with acting_as(site.owner), transaction() as session:
        trials.record_outcome(
            session, trial, TrialOutcome.NEXT, note="", seen=None, actor=site.owner, now=now
        )
    with acting_as(tanaka), transaction() as session:
        drafts.save(session, "application", "who", {}, actor=tanaka, now=now)
    with admin.connect() as owner:
        (draft,) = owner.scalars(text("SELECT id FROM drafts"))
    rows["drafts/ending"] = {"about": [draft], "to_user": tanaka.user_id}
    rows["families/signed_out"] = {"to_user": tanaka.user_id}
    rows["families/joined"] = {"about": [uuid.uuid4()]}
    rows["families/guardian_entered"] = {"about": [apart.own_row(tanaka)]}
    rows["families/birth_entered"] = {"about": [people.children_of(tanaka)[0].id]}
    with acting_as(ANONYMOUS), transaction() as session:
        for kind, options in rows.items():
            receiver: dict[str, Any] = (
                {} if "to_user" in options else {"to_family": tanaka.family_id}
            )
            enqueue(session, kind, organisation_id=site.organisation_id, **options, **receiver)
    return {*rows, "trials/outcome"}


@pytest.mark.proves("R4", "J3", "P3")
def test_the_worker_writes_every_mail_of_the_way_to_the_first_stay(
    emptied: Engine, server: TestServer
) -> None:
    app = in_use()
    admin = create_engine(server.url(roles.ADMIN, str(emptied.url.database)))
    queued = _queue_all(admin)
    assert queued == {kind for kind in collect() if kind.split("/")[0] in FEATURES}
    engine = make_engine(server.url("portal_worker", str(emptied.url.database)))
    use(Database(engine, server.secrets))
    with running_mail_server() as smtp:
        Delivery(collect(), Post(smtp.settings), base_url="http://portal.test").drain()
    with acting_as(ANONYMOUS) as session:
        rows = list(session.scalars(select(OutboxMessage)))
    use(app)
    engine.dispose()
    admin.dispose()
    assert queued == {row.kind for row in rows if row.sent_at}
    assert not [row.kind for row in rows if row.last_error]
    assert all("さん" not in str(one.message["Subject"]) for one in smtp.taken)

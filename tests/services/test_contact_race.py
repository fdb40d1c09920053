"""Two who reach for one family at the same moment, really at once; and what holds them apart."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import Engine, text

from portal.contacts import queries, service
from portal.contacts.rules import ContactChannel, ContactRefusal, Nature
from portal.db.session import acting_as, end_session, transaction
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.outreach import service as outreach
from portal.referrals.models import Referral
from tests.factories.outreach import MORNING, days, plan, refer
from tests.factories.people import make_worker
from tests.factories.places import make_site
from tests.factories.support import make_center


def both(first: Callable[[], object], second: Callable[[], object]) -> list[object]:
    """Run both at once and return what came of each: its result, or its refusal."""
    start, came = threading.Barrier(2), [None, None]
    answers: list[object] = list(came)

    def run(place: int, action: Callable[[], object]) -> None:
        start.wait()
        try:
            answers[place] = action()
        except Refusal as refusal:
            answers[place] = refusal
        finally:
            end_session()

    threads = [threading.Thread(target=run, args=each) for each in enumerate((first, second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return answers


def two_providers() -> tuple[Referral, Actor, Referral, Actor]:
    center = make_center()
    sato = make_worker("佐藤 まり", make_site("ひなた保育園").organisation_id, "staff")
    yamada = make_worker("山田 けい", make_site("みどりこども園").organisation_id, "staff")
    first = refer(center, sato)
    return first, sato, refer(center, yamada, first.family_id), yamada


def calling(actor: Actor, referral: Referral, meet: threading.Barrier) -> Callable[[], object]:
    """Return a call that waits, once it has counted, for the other to have counted too."""

    def call() -> object:
        with acting_as(actor), transaction() as session:
            made = service.record_contact(
                session,
                referral.family_id,
                nature=Nature.ADVANCE,
                channel=ContactChannel.PHONE,
                about="tour",
                actor=actor,
                now=MORNING,
                referral_id=referral.id,
            )
            # Where the other one waits for the lock, nobody meets.
            with suppress(threading.BrokenBarrierError):
                meet.wait(timeout=1.0)
            return made

    return call


def race() -> tuple[list[object], int]:
    first, sato, second, yamada = two_providers()
    meet = threading.Barrier(2)
    answers = both(calling(sato, first, meet), calling(yamada, second, meet))
    with acting_as(sato) as session:
        counted = queries.earlier_advances(session, first.family_id, MORNING - days(1))
    return answers, len(counted)


@pytest.mark.proves("R20", "P12")
def test_of_two_providers_that_press_at_once_one_is_told_to_wait(emptied: Engine) -> None:
    del emptied
    answers, counted = race()
    [refusal] = [each for each in answers if isinstance(each, Refusal)]
    assert refusal.codes == (ContactRefusal.TOO_SOON,)
    assert counted == 1


def test_without_the_lock_both_would_have_called(
    emptied: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same race breaks the limit as soon as nobody waits."""
    del emptied
    monkeypatch.setattr(service, "_LOCK", text("SELECT CAST(:family AS uuid)"))
    answers, counted = race()
    assert not any(isinstance(each, Refusal) for each in answers)
    assert counted == 2


@pytest.mark.proves("R19", "R20")
def test_two_colleagues_who_begin_the_same_call_do_not_both_dial(emptied: Engine) -> None:
    del emptied
    site = make_site("ひなた保育園")
    sato = make_worker("佐藤 まり", site.organisation_id, "staff")
    mori = make_worker("森 なお", site.organisation_id, "staff")
    of = plan(refer(make_center(), sato), sato, now=MORNING)

    def begin(actor: Actor) -> Callable[[], object]:
        def call() -> object:
            with acting_as(actor), transaction() as session:
                return outreach.begin_call(session, of.id, actor=actor, now=MORNING)

        return call

    answers = both(begin(sato), begin(mori))
    assert len([each for each in answers if isinstance(each, Refusal)]) == 1

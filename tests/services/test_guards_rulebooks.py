"""Rules published, kept as drafts and taken back: who may, what is refused, and every trace."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.audit import service as audit
from portal.db.session import acting_as, transaction
from portal.facilities.models import Programme
from portal.facilities.rules import ProgrammeKind
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.policies.document import load_template
from portal.rulebooks.drafts import drop_draft, save_draft, withdraw_version
from portal.rulebooks.models import Rulebook
from portal.rulebooks.queries import draft_of, rules_in_force, versions_of
from portal.rulebooks.rules import RulebookRefusal, reasons_against_start
from portal.rulebooks.service import publish
from tests.factories import people
from tests.factories.places import Site, make_site

#: The traces of an action, by one actor alone: subjects and details of each.
Log = Callable[[str, Actor], list[tuple[list[uuid.UUID], dict[str, Any]]]]
NOW = clock.now()
TODAY = clock.today(NOW)
SOON = TODAY + timedelta(days=20)
RULES = load_template("half-day")


def published(actor: Actor, programme_id: uuid.UUID, since: date, *, at: Any = NOW) -> uuid.UUID:
    with acting_as(actor), transaction() as session:
        return publish(session, programme_id, RULES, since, actor=actor, now=at)


def new_programme(site: Site) -> uuid.UUID:
    """A programme that has no rules and takes no bookings yet."""
    programme = Programme(
        id=uuid.uuid4(),
        facility_id=site.facility_id,
        organisation_id=site.organisation_id,
        kind=ProgrammeKind.UNIVERSAL_ACCESS_CARE,
        name="だれでも",
    )
    with acting_as(site.owner), transaction() as session:
        session.add(programme)
    return programme.id


def codes_of(work: Callable[[], object]) -> tuple[Any, ...]:
    with pytest.raises(Refusal) as refused:
        work()
    return tuple(refused.value.codes)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    """What goes into the log while the test runs; the portal itself may write it, never read it."""
    written: list[Mapping[str, Any]] = []
    statement = audit._RECORD

    class Seen:
        def run(self, session: Session, values: Mapping[str, Any]) -> None:
            statement.run(session, values)
            written.append(values)

    monkeypatch.setattr(audit, "_RECORD", Seen())

    def of(action: str, actor: Actor) -> list[tuple[list[uuid.UUID], dict[str, Any]]]:
        whose = (actor.user_id, actor.organisation_id)
        rows = [
            row
            for row in written
            if (row["action"], row["user_id"], row["organisation_id"]) == (action, *whose)
        ]
        return [(row["subjects"], row["detail"].obj) for row in rows]

    return of


# --- publishing ---


@pytest.mark.parametrize(
    ("days", "is_first", "codes"),
    [
        (0, True, []),
        (-1, True, []),
        (1, True, [RulebookRefusal.FIRST_STARTS_LATER]),
        (0, False, []),
        (1, False, []),
        (-1, False, [RulebookRefusal.STARTS_IN_THE_PAST]),
    ],
)
def test_first_rules_hold_at_once_and_later_ones_never_in_the_past(
    days: int, *, is_first: bool, codes: list[RulebookRefusal]
) -> None:
    start = TODAY + timedelta(days=days)
    found = reasons_against_start(start, is_first=is_first, today=TODAY)
    assert [reason.code for reason in found] == codes


@pytest.mark.proves("R6", "P10")
def test_a_version_is_numbered_leaves_its_trace_and_opens_the_programme_once(
    hinata: Site, director: Actor, log: Log
) -> None:
    programme_id = new_programme(hinata)
    refused = [RulebookRefusal.FIRST_STARTS_LATER]
    assert list(codes_of(lambda: published(director, programme_id, SOON))) == refused
    with acting_as(director) as session:
        assert session.get_one(Programme, programme_id).published_at is None
        assert versions_of(session, programme_id) == []
    first = published(director, programme_id, TODAY)
    later = NOW + timedelta(minutes=5)
    second = published(director, programme_id, SOON, at=later)
    past = TODAY - timedelta(days=1)
    refused = [RulebookRefusal.STARTS_IN_THE_PAST]
    assert list(codes_of(lambda: published(director, programme_id, past))) == refused
    with acting_as(director) as session:
        assert session.get_one(Programme, programme_id).published_at == NOW
        found = [
            (one.id, one.version, one.created_by) for one in versions_of(session, programme_id)
        ]
    assert found == [(second, 2, director.user_id), (first, 1, director.user_id)]
    assert sorted(log("rulebook.published", director), key=lambda each: each[1]["version"]) == [
        ([first, programme_id], {"version": 1, "in_force_from": TODAY.isoformat()}),
        ([second, programme_id], {"version": 2, "in_force_from": SOON.isoformat()}),
    ]


@pytest.mark.usefixtures("emptied")
def test_two_who_publish_at_once_wait_for_each_other() -> None:
    site = make_site("ひなた保育園")
    with ThreadPoolExecutor(1) as pool:
        with acting_as(site.owner), transaction() as session:
            publish(session, site.programme_id, RULES, SOON, actor=site.owner, now=NOW)
            other = pool.submit(published, site.owner, site.programme_id, SOON)
            with pytest.raises(TimeoutError):
                other.result(timeout=0.5)
        other.result(timeout=60)
    with acting_as(site.owner) as session:
        assert [one.version for one in versions_of(session, site.programme_id)] == [3, 2, 1]


def _publish(session: Session, site: Site, actor: Actor) -> None:
    publish(session, site.programme_id, RULES, SOON, actor=actor, now=NOW)


def _save(session: Session, site: Site, actor: Actor) -> None:
    save_draft(session, site.programme_id, {}, RULES, actor=actor, now=NOW)


def _drop(session: Session, site: Site, actor: Actor) -> None:
    drop_draft(session, site.programme_id, actor=actor)


def _withdraw(session: Session, site: Site, actor: Actor) -> None:
    withdraw_version(session, site.rulebook_id, actor=actor, now=NOW)


@pytest.mark.proves("P7", "R6")
@pytest.mark.parametrize(
    "work", [_publish, _save, _drop, _withdraw], ids=lambda each: each.__name__
)
def test_another_bodys_rules_are_not_there(
    work: Callable[[Session, Site, Actor], None], hinata: Site, midori: Site
) -> None:
    """Before the database refuses: nothing is found of which the answer could tell."""
    stranger = people.make_worker("よそ 園長", midori.organisation_id, "director")
    with pytest.raises(NoResultFound), acting_as(stranger), transaction() as session:
        work(session, hinata, stranger)


# --- drafts ---


@pytest.mark.proves("P10")
def test_a_draft_is_kept_as_typed_written_over_dropped_and_traced(
    hinata: Site, director: Actor, log: Log
) -> None:
    programme = hinata.programme_id
    with acting_as(director), transaction() as session:
        save_draft(session, programme, {"age_min": "x"}, None, actor=director, now=NOW)
    later = NOW + timedelta(minutes=1)
    with acting_as(director), transaction() as session:
        draft = draft_of(session, programme)
        assert draft is not None
        assert (draft.fields, draft.document) == ({"age_min": "x"}, None)
        save_draft(session, programme, {"age_min": "6"}, RULES, actor=director, now=later)
    with acting_as(director), transaction() as session:
        draft = draft_of(session, programme)
        assert draft is not None
        assert (draft.fields, draft.saved_at) == ({"age_min": "6"}, later)
        assert draft.document == RULES.model_dump(mode="json")
        drop_draft(session, programme, actor=director)
    with acting_as(director) as session:
        assert draft_of(session, programme) is None
    assert log("rulebook.draft_saved", director) == [([programme], {})] * 2
    assert log("rulebook.draft_dropped", director) == [([programme], {})]


# --- taking back ---


@pytest.mark.proves("R6", "P10")
def test_what_begins_on_the_same_day_is_taken_back_together_and_nothing_else(
    hinata: Site, director: Actor, log: Log
) -> None:
    programme, other = hinata.programme_id, new_programme(hinata)
    published(director, other, TODAY)
    elsewhere = published(director, other, SOON)
    mended, newest = (published(director, programme, SOON) for _each in range(2))
    after = published(director, programme, SOON + timedelta(days=1))
    with acting_as(director), transaction() as session:
        taken = withdraw_version(session, newest, actor=director, now=NOW)
        assert (taken.id, taken.withdrawn_at) == (newest, NOW)
    with acting_as(director) as session:
        gone = session.scalars(select(Rulebook.id).where(Rulebook.withdrawn_at.is_not(None))).all()
        assert set(gone) == {mended, newest}
        assert rules_in_force(session, programme, SOON)[0] == hinata.rulebook_id
        assert rules_in_force(session, programme, SOON + timedelta(days=1))[0] == after
        assert rules_in_force(session, other, SOON)[0] == elsewhere
    assert log("rulebook.withdrawn", director) == [([newest, programme], {})]


@pytest.mark.proves("R6")
def test_what_has_begun_stays_and_nothing_is_taken_back_twice(
    hinata: Site, director: Actor, log: Log
) -> None:
    begun = published(director, hinata.programme_id, TODAY)
    coming = published(director, hinata.programme_id, SOON)

    def withdraw(rulebook_id: uuid.UUID) -> None:
        with acting_as(director), transaction() as session:
            withdraw_version(session, rulebook_id, actor=director, now=NOW)

    for each in (hinata.rulebook_id, begun):
        assert codes_of(partial(withdraw, each)) == (RulebookRefusal.ALREADY_IN_FORCE,)
    withdraw(coming)
    assert codes_of(partial(withdraw, coming)) == (RulebookRefusal.ALREADY_WITHDRAWN,)
    assert len(log("rulebook.withdrawn", director)) == 1

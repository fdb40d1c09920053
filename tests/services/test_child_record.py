"""The child's record: sealed to its child, confirmed by sections, compared with what staff know."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from portal.db.session import acting_as, transaction
from portal.families import queries, record, service
from portal.families.models import ChildRecord
from portal.families.record_models import RecordReading, RecordSection, RecordVersion
from portal.families.record_rules import RecordRefusal
from portal.families.rules import RecordDetails
from portal.kernel import clock
from portal.kernel.actor import Actor, Right
from portal.kernel.channel import Channel, Told
from portal.kernel.errors import Refusal
from tests.factories.days import keep_record
from tests.factories.people import children_of, make_child, make_guardian
from tests.factories.places import Site, accept

NUMBER = "12345678"
EGG = {"has_allergies": "yes", "allergies": "卵"}


def child_of(guardian: Actor) -> uuid.UUID:
    return children_of(guardian)[0].id


def save(actor: Actor, child_id: uuid.UUID, key: str, answers: Any, **about: Any) -> None:
    with acting_as(actor), transaction() as session:
        now = about.pop("now", clock.now())
        record.save_section(session, child_id, key, answers, actor=actor, now=now, **about)


def opened(session: Session, actor: Actor, child_id: uuid.UUID) -> record.OpenRecord:
    return record.open_parts(session, child_id, actor=actor)


def refused(actor: Actor, child_id: uuid.UUID, key: str, answers: Any, **about: Any) -> set[str]:
    with pytest.raises(Refusal) as found:
        save(actor, child_id, key, answers, **about)
    return {str(code) for code in found.value.codes}


@pytest.mark.proves("R3", "P11")
def test_sections_are_sealed_and_open_on_no_other_child(tanaka: Actor) -> None:
    first, second = child_of(tanaka), make_child(tanaka, "田中 りく")
    for child_id in (first, second):
        save(tanaka, child_id, "allergies", EGG)
    with acting_as(tanaka), transaction() as session:
        sealed = text("SELECT content_sealed FROM record_sections LIMIT 1")
        raw = bytes(session.execute(sealed).scalar_one())
        assert "卵".encode() not in raw
        rows = {row.child_id: row for row in session.scalars(select(RecordSection))}
        stolen = rows[first].content_sealed
        session.execute(
            update(RecordSection)
            .where(RecordSection.child_id == second)
            .values(content_sealed=stolen)
        )
    with acting_as(tanaka) as session, pytest.raises(InvalidTag):
        opened(session, tanaka, second)


@pytest.mark.proves("P11")
@pytest.mark.parametrize("column", ["child_id", "section"])
def test_a_content_is_bound_to_its_child_and_section_too(tanaka: Actor, column: str) -> None:
    """The row kept its id and family, so only the further binding can tell."""
    save(tanaka, child_of(tanaka), "health", {"doctor": "みほん医院"})
    with acting_as(tanaka), transaction() as session:
        row = session.scalars(select(RecordSection)).one()
        session.expunge(row)
        setattr(row, column, "other" if column == "section" else uuid.uuid4())
        with pytest.raises(InvalidTag):
            _ = row.content
    with acting_as(tanaka), pytest.raises(ProgrammingError), transaction() as session:
        session.execute(text(f"UPDATE record_sections SET {column} = {column}"))


@pytest.mark.proves("R3")
def test_what_was_written_before_sections_is_carried_over_without_loss(tanaka: Actor) -> None:
    child_id = child_of(tanaka)
    keep_record(tanaka, child_id, allergies="卵", conditions="喘息", habits="だっこ", notes="双子")
    with acting_as(tanaka) as session:
        before = opened(session, tanaka, child_id).parts
    save(tanaka, child_id, "sleep", {"nap_times": "12時半"})
    with acting_as(tanaka) as session:
        after = opened(session, tanaka, child_id).parts
        head = queries.record_of(session, child_id, actor=tanaka)
        assert head is not None
        assert (head.allergies, head.conditions, head.notes) == ("卵", "喘息", "双子")
        assert head.habits == "だっこ\n昼ね：12時半"
    for parts in (before, after):
        assert parts["allergies"].answers == EGG
        assert parts["health"].answers == {"conditions": "喘息"}
        assert parts["habits"].answers == {"habits": "だっこ"}
        assert parts["other"].answers == {"notes": "双子"}


@pytest.mark.proves("R3")
def test_asked_and_none_is_not_the_same_as_not_asked(tanaka: Actor) -> None:
    child_id = child_of(tanaka)
    save(tanaka, child_id, "feeding", {"milk": "formula"})
    with acting_as(tanaka) as session:
        head = queries.record_of(session, child_id, actor=tanaka)
        assert head is not None
        assert head.allergies is None
        assert head.confirmed_on is None
        assert queries.confirmed_days(session, [child_id], actor=tanaka) == {}
    with acting_as(tanaka), pytest.raises(Refusal) as asked, transaction() as session:
        record.confirm(session, child_id, actor=tanaka, now=clock.now())
    assert asked.value.codes == (RecordRefusal.NOT_ASKED_YET,)
    save(tanaka, child_id, "allergies", {"has_allergies": "no"})
    with acting_as(tanaka) as session:
        head = queries.record_of(session, child_id, actor=tanaka)
        assert head is not None
        assert head.allergies == ""
        assert head.confirmed_on == clock.today(clock.now())


@pytest.mark.proves("R3")
def test_the_oldest_section_says_since_when_all_holds_and_one_tap_renews(tanaka: Actor) -> None:
    child_id, now = child_of(tanaka), clock.now()
    save(tanaka, child_id, "health", {"doctor": "みほん医院"}, now=now - timedelta(days=100))
    save(tanaka, child_id, "allergies", EGG, now=now - timedelta(days=2))
    with acting_as(tanaka) as session:
        days = queries.confirmed_days(session, [child_id], actor=tanaka)
        assert days == {child_id: clock.today(now - timedelta(days=100))}
    with acting_as(tanaka), transaction() as session:
        record.confirm(session, child_id, actor=tanaka, now=now)
    with acting_as(tanaka) as session:
        parts = opened(session, tanaka, child_id).parts
        assert parts["health"].confirmed_on == clock.today(now)
        assert parts["health"].confirmed_role == "guardian"
        assert queries.confirmed_days(session, [child_id], actor=tanaka) == {
            child_id: clock.today(now)
        }


@pytest.mark.proves("R3")
def test_what_changed_since_staff_took_note_stands_old_beside_new(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    child_id, now = child_of(tanaka), clock.now()
    foods = [{"food": "小麦", "state": "forbidden", "reaction": "じんましん"}]
    save(tanaka, child_id, "allergies", {**EGG, "foods": foods}, now=now - timedelta(hours=3))
    accept(hinata, tanaka, child_id)
    with acting_as(sato), transaction() as session:
        assert record.seen_until(session, child_id, actor=sato) is None
        noted = now - timedelta(hours=2)
        record.take_note(session, child_id, actor=sato, until=noted, now=now)
    assert changed(sato, child_id) == []
    eaten = [{"food": "小麦", "state": "eaten", "reaction": ""}]
    answers = {**EGG, "allergies": "卵と牛乳", "foods": eaten}
    save(tanaka, child_id, "allergies", answers, now=now - timedelta(hours=1))
    save(tanaka, child_id, "sleep", {"nap_times": "13時"}, now=now - timedelta(hours=1))
    assert changed(sato, child_id) == [
        ("食べもの・出た症状", "卵", "卵と牛乳"),
        ("小麦", "食べてはいけない　じんましん", "食べた"),
        ("昼ねの時刻と長さ", "", "13時"),
    ]
    with acting_as(sato), transaction() as session:
        record.take_note(session, child_id, actor=sato, until=now, now=now)
    assert changed(sato, child_id) == []
    with acting_as(tanaka) as session:
        version = session.scalars(select(RecordVersion)).one()
        assert "卵と牛乳" not in (version.content or "")
        # What staff have seen is the provider's own affair.
        assert session.scalars(select(RecordReading)).all() == []


def changed(actor: Actor, child_id: uuid.UUID) -> list[tuple[str, str, str]]:
    with acting_as(actor) as session:
        since = record.seen_until(session, child_id, actor=actor)
        assert since is not None
        found = opened(session, actor, child_id)
        listed = record.changes_since(session, found, since, actor=actor)
        return [(each.label, each.before, each.after) for each in listed]


@pytest.mark.proves("R3", "P7")
def test_support_and_insurance_are_for_the_director_even_past_the_pages(
    hinata: Site, sato: Actor, director: Actor, yamada: Actor, tanaka: Actor
) -> None:
    child_id = child_of(tanaka)
    save(tanaka, child_id, "insurance", {"insurance": NUMBER})
    save(tanaka, child_id, "development", {"support": "静かな場所"})
    save(tanaka, child_id, "allergies", EGG)
    accept(hinata, tanaka, child_id)
    for actor, count in ((tanaka, 3), (director, 3), (sato, 1), (yamada, 0)):
        with acting_as(actor) as session:
            assert len(session.scalars(select(RecordSection)).all()) == count, actor.role
    with acting_as(sato), transaction() as session:
        assert "insurance" not in opened(session, sato, child_id).parts
        head = queries.record_of(session, child_id, actor=sato)
        assert head is not None
        assert "静か" not in f"{head.conditions}{head.habits}{head.notes}"
    with acting_as(sato), pytest.raises(ProgrammingError):
        save(sato, child_id, "development", {"support": "x"})


@pytest.mark.proves("P7")
def test_a_guardian_without_contacts_sees_no_numbers_of_others(tanaka: Actor) -> None:
    child_id = child_of(tanaka)
    row = {"name": "祖母", "relation": "祖母", "phone": "090-0000-0000", "when": ""}
    save(tanaka, child_id, "contacts", {"contacts": [row]})
    save(tanaka, child_id, "allergies", EGG)
    apart = Actor(
        role=tanaka.role,
        user_id=tanaka.user_id,
        family_id=tanaka.family_id,
        withheld=frozenset({Right.CONTACTS}),
    )
    with acting_as(tanaka), transaction() as session:
        session.execute(text("SELECT 1"))
    with acting_as(apart) as session:
        shown = {one.section for one in session.scalars(select(RecordSection))}
    assert shown == {"allergies"}


def test_a_number_stays_while_its_field_is_empty_and_goes_when_asked(tanaka: Actor) -> None:
    child_id = child_of(tanaka)
    save(tanaka, child_id, "insurance", {"insurance": NUMBER, "tax": "taxed"})
    save(tanaka, child_id, "insurance", {"tax": "exempt"})
    with acting_as(tanaka) as session:
        answers = opened(session, tanaka, child_id).parts["insurance"].answers
        assert answers == {"insurance": NUMBER, "tax": "exempt"}
    save(tanaka, child_id, "insurance", {"tax": "exempt"}, forget=frozenset({"insurance"}))
    with acting_as(tanaka) as session:
        assert "insurance" not in opened(session, tanaka, child_id).parts["insurance"].answers


def test_who_was_slower_is_told_and_overwrites_nothing(tanaka: Actor) -> None:
    child_id, now = child_of(tanaka), clock.now()
    save(tanaka, child_id, "sleep", {"nap_times": "12時"}, now=now - timedelta(minutes=9))
    seen = now - timedelta(minutes=9)
    save(tanaka, child_id, "sleep", {"nap_times": "13時"}, seen=seen)
    found = refused(tanaka, child_id, "sleep", {"nap_times": "14時"}, seen=seen)
    assert found == {RecordRefusal.WRITTEN_MEANWHILE}
    with acting_as(tanaka) as session:
        assert opened(session, tanaka, child_id).parts["sleep"].answers == {"nap_times": "13時"}


def test_words_from_paper_carry_their_day(hinata: Site, sato: Actor, tanaka: Actor) -> None:
    child_id, now = child_of(tanaka), clock.now()
    accept(hinata, tanaka, child_id)
    told = Told(Channel.FAX, now - timedelta(days=3))
    save(sato, child_id, "allergies", EGG, told=told)
    with acting_as(sato) as session:
        part = opened(session, sato, child_id).parts["allergies"]
        assert (part.channel, part.confirmed_role) == ("fax", "staff")
        assert part.confirmed_on == clock.today(now - timedelta(days=3))
    ahead = Told(Channel.FAX, now + timedelta(days=1))
    assert refused(sato, child_id, "allergies", EGG, told=ahead) == {"received_in_future"}


@pytest.mark.parametrize(
    ("key", "answers", "code"),
    [
        ("health", {"checked_on": "2999-01-01"}, "day_in_future"),
        ("health", {"checked_on": "きのう"}, "day_unreadable"),
        ("health", {"doctor_phone": "12"}, "phone_unreadable"),
        ("health", {"illnesses": "あ" * 4000}, "too_long"),
        ("health", {"doctor": "み\x07ほん"}, "unshown_sign"),
        ("health", {"fits": "maybe"}, "choice_unknown"),
        ("health", {"fits": "yes"}, "fits_untold"),
        ("health", {"temperature": "99"}, "temperature_unlikely"),
        ("allergies", {"has_allergies": "yes"}, "allergy_unnamed"),
        ("allergies", {"has_allergies": "no", "allergies": "卵"}, "allergy_named"),
        ("allergies", {}, "say_yes_or_no"),
        (
            "vaccinations",
            {"doses": [{"vaccine": "BCG", "day": "2001-01-01"}]},
            "day_before_birth",
        ),
        (
            "contacts",
            {"contacts": [{"name": f"人{n}", "phone": "0900000000"} for n in range(30)]},
            "too_many_rows",
        ),
        ("contacts", {"contacts": [{"phone": "0900000000"}]}, "row_without_name"),
        ("contacts", {"contacts": [{"name": "祖母"}]}, "column_missing"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    tanaka: Actor, key: str, answers: dict[str, Any], code: str
) -> None:
    child_id = child_of(tanaka)
    assert code in refused(tanaka, child_id, key, answers)
    with acting_as(tanaka) as session:
        assert session.scalars(select(ChildRecord)).all() == []


def test_erasing_the_head_takes_everything_of_the_record(tanaka: Actor) -> None:
    foreign = "SELECT confdeltype FROM pg_constraint WHERE conname = :name"
    with acting_as(tanaka) as session:
        for table in ("record_sections", "record_versions", "record_readings"):
            kind = session.execute(text(foreign), {"name": f"fk_{table}_record_id"}).scalar_one()
            assert kind in {"c", b"c"}, table


def test_old_ways_of_writing_keep_what_sections_say_besides(tanaka: Actor) -> None:
    child_id = child_of(tanaka)
    save(tanaka, child_id, "allergies", {**EGG, "what_to_do": "119番"})
    with acting_as(tanaka), transaction() as session:
        details = RecordDetails(allergies="卵と牛乳", notes="ほか")
        service.save_record(session, child_id, details, actor=tanaka, now=clock.now())
    with acting_as(tanaka) as session:
        parts = opened(session, tanaka, child_id).parts
        assert parts["allergies"].answers["what_to_do"] == "119番"
        assert parts["other"].answers == {"notes": "ほか"}


def test_two_families_never_meet_in_a_record(tanaka: Actor) -> None:
    other = make_guardian("森 あい", children=("森 りん",))
    save(tanaka, child_of(tanaka), "allergies", EGG)
    with acting_as(other) as session:
        assert session.scalars(select(RecordSection)).all() == []
        assert session.scalars(select(RecordVersion)).all() == []

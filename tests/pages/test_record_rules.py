"""When a child's record is asked for again is the director's to say, and every page obeys it."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from flask import Flask

from portal.attendance.mail import MAILS
from portal.db.session import acting_as, transaction
from portal.families.record_rules import AskAgain, ask_again
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.messages.letters import Wanted
from portal.policies.record import RecordRule
from portal.rulebooks.queries import record_rules_of, rules_in_force
from portal.rulebooks.record_words import record_words
from tests.factories.days import DAY, book
from tests.factories.places import Site, accept
from tests.factories.rules import put_in_force, rules_with
from tests.pages.rules_sent import put_in_force_by
from tests.pages.test_booking_pages import wished
from tests.pages.test_child_record import FULL, child_of, mine, save, theirs
from tests.pages.test_rules_pages import TODAY, typed
from tests.pages.visit import Visitor

#: Only the days count: what holds must not hang on when in the year the test runs.
BY_DAYS = RecordRule(confirm_within_days=30, each_fiscal_year=False)
NEVER = RecordRule(confirm_within_days=None, each_fiscal_year=False)


def demand(site: Site, rule: RecordRule) -> None:
    put_in_force(site, rules_with(record=rule.model_dump()))


@pytest.mark.proves("R3")
@pytest.mark.parametrize(
    ("rule", "after", "expected"),
    [
        (BY_DAYS, 30, None),
        (BY_DAYS, 31, AskAgain.OLD),
        (NEVER, 366, None),
        (RecordRule(confirm_within_days=None), 181, None),
        (RecordRule(confirm_within_days=None), 182, AskAgain.NEW_YEAR),
    ],
)
def test_days_and_the_fiscal_year_are_asked_by_each_for_itself(
    rule: RecordRule, after: int, expected: AskAgain | None
) -> None:
    confirmed = date(2026, 10, 1)
    assert ask_again(confirmed, rule, on=confirmed + timedelta(days=after)) is expected


def test_a_rule_is_said_in_one_line_and_nothing_where_nothing_is_asked() -> None:
    assert record_words(NEVER) == ""
    assert record_words(BY_DAYS) == "前の確認から30日を過ぎたら、もう一度たずねます"
    assert record_words(RecordRule(is_required=True)).endswith("確認がすむと、予約できます")


@pytest.mark.proves("R3", "R19")
def test_a_director_says_when_records_are_confirmed_again(
    app: Flask, director: Actor, hinata: Site
) -> None:
    url, visitor = f"/office/programmes/{hinata.programme_id}/rules/form", Visitor(app, director)
    begins = {f"in_force_from-{part}": getattr(TODAY, part) for part in ("year", "month", "day")}
    asked = {**typed(record_days="４５", record_required="y"), **begins}
    wrong = visitor.submit(url, {**asked, "record_days": "400", "do": "publish"})
    assert wrong.status == 422
    assert "もう一度たずねるか：366以下の数にしてください" in wrong.text
    page = visitor.submit(url, {**asked, "do": "refresh"})
    assert "45日を過ぎたら、もう一度たずねます。確認がすむと、予約できます" in page.text
    assert put_in_force_by(visitor, url.removesuffix("/form"), asked).status == 303
    with acting_as(director) as session:
        _book, document = rules_in_force(session, hinata.programme_id, TODAY)
    written = RecordRule(confirm_within_days=45, each_fiscal_year=False, is_required=True)
    assert document.record == written
    assert visitor.get(url).field("record_days") == "45"


@pytest.mark.proves("R19")
def test_trying_rules_out_says_what_is_asked_of_an_old_record(
    app: Flask, director: Actor, hinata: Site
) -> None:
    url, visitor = f"/office/programmes/{hinata.programme_id}/rules/form", Visitor(app, director)
    old = TODAY - timedelta(days=31)
    wish = {
        **{f"try_{name}-{part}": getattr(day, part)
           for name, day in (("born", date(2024, 6, 15)), ("day", DAY), ("asked", TODAY),
                             ("confirmed", old))
           for part in ("year", "month", "day")},
        "try_from": "9:00", "try_to": "12:00", "try_asked_at": "9:00",
        "try_registered": "y", "try_steps": "y", "do": "try",
    }  # fmt: skip
    soft = visitor.submit(url, {**typed(record_days="30"), **wish})
    assert "予約できます。料金" in soft.text
    assert "予約の前にたずねます" in soft.text
    hard = visitor.submit(url, {**typed(record_days="30", record_required="y"), **wish})
    assert "体のことに変わりがないかをたしかめてから" in hard.text
    fine = visitor.submit(url, {**typed(record_days="31", record_required="y"), **wish})
    assert "予約できます。料金" in fine.text
    assert "たずねません" in fine.text


@pytest.mark.proves("R3")
def test_every_page_asks_by_the_rules_where_the_child_is_registered(
    app: Flask, hinata: Site, midori: Site, sato: Actor, tanaka: Actor
) -> None:
    save(tanaka, "allergies", FULL, days_ago=31)
    accept(hinata, tanaka, child_of(tanaka))
    book(hinata, tanaka)
    hers, theirs_ = Visitor(app, tanaka), Visitor(app, sato)
    board = f"/office/facilities/{hinata.facility_id}/board/{DAY}"
    asked = {
        "/my/": "体のことに、変わりはありませんか",
        "/my/children/": "変わりがないか見てください",
        mine(child_of(tanaka)): "体のことに、変わりはありませんか",
    }
    demand(midori, BY_DAYS)
    demand(hinata, NEVER)
    for url, words in asked.items():
        assert words not in hers.get(url).text, url
    assert "もう一度の確認が必要です" not in theirs_.get(theirs(tanaka)).text
    assert "変わりがないか聞く" not in theirs_.get(board).text
    demand(hinata, BY_DAYS)
    for url, words in asked.items():
        assert words in hers.get(url).text, url
    assert "もう一度の確認が必要です" in theirs_.get(theirs(tanaka)).text
    assert "変わりがないか聞く" in theirs_.get(board).text
    assert "変わりがないか聞く" in theirs_.get(f"{board}/print").text


@pytest.mark.proves("R3")
def test_an_application_asks_by_the_rules_of_its_facility(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    save(tanaka, "allergies", FULL, days_ago=31)
    browser, apply = Visitor(app, tanaka), f"/my/preregistrations/apply/{hinata.facility_id}"
    browser.submit(f"{apply}/children", {"child_ids": str(child_of(tanaka))})
    part = f"{apply}/health"
    demand(hinata, NEVER)
    assert "確認ずみ" in browser.get(part).text
    demand(hinata, BY_DAYS)
    assert "変わりがないか見てください" in browser.get(part).text


@pytest.mark.proves("R3")
def test_the_mail_of_the_evening_before_asks_by_the_rules_of_the_day(
    hinata: Site, tanaka: Actor
) -> None:
    save(tanaka, "allergies", FULL, days_ago=31)
    (stay,) = book(hinata, tanaka)
    wanted = Wanted(
        id=uuid.uuid4(),
        kind="attendance/reminder",
        subject_ids=(stay,),
        context={"address": str(uuid.uuid4()), "day": DAY.isoformat()},
        organisation_id=hinata.organisation_id,
        family_id=tanaka.family_id,
        to_user_id=tanaka.user_id,
        to_mail="m@example.test",
        to_name="田中 みほ",
        base_url="https://portal.example",
        is_demo=False,
        now=clock.now(),
    )
    said = []
    for rule in (NEVER, BY_DAYS):
        demand(hinata, rule)
        with acting_as(tanaka), transaction() as session:
            letter = MAILS[wanted.kind](session, wanted)
            said.append("変わりがないか見てください" in letter.text if letter else None)
    assert said == [False, True]


@pytest.mark.proves("R3")
def test_a_record_of_today_opens_a_booking_months_ahead(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    save(tanaka, "allergies", FULL)
    accept(hinata, tanaka, child_of(tanaka))
    demand(hinata, RecordRule(confirm_within_days=1, is_required=True))
    page = Visitor(app, tanaka).post("/my/bookings/confirm", wished(tanaka, hinata))
    assert page.status == 200, "what was confirmed just now cannot be confirmed any better"


def test_a_facility_without_rules_asks_as_usual(hinata: Site, midori: Site) -> None:
    demand(hinata, BY_DAYS)
    long_ago = clock.today(clock.now()) - timedelta(days=3000)
    with acting_as(hinata.owner) as session:
        known = record_rules_of(session, [hinata.facility_id, midori.facility_id], long_ago)
    assert set(known.values()) == {RecordRule()}

"""Pages of steps and trial care: what a family books, what staff say, what the board shows."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from flask import Flask

from portal.kernel.actor import Actor
from portal.kernel.clock import now, today
from portal.policies.steps import StepKind
from tests.factories.people import children_of, make_child
from tests.factories.places import Site, accept
from tests.factories.steps import DAY, INTERVIEW, TRIAL, attend, book_trial, give_steps
from tests.pages.test_booking_pages import wished
from tests.pages.visit import Page, Visitor
from tests.services.test_place_booking import bookings_of


@pytest.fixture
def hana(hinata: Site, tanaka: Actor) -> uuid.UUID:
    """The application of Hana, accepted at ひなた保育園, whose rules have trial care."""
    give_steps(hinata, TRIAL, {"kind": "consultation", "demand": "ordered"})
    return accept(hinata, tanaka, children_of(tanaka)[0].id)


def asked(actor: Actor, site: Site, page: Page, **changes: object) -> dict[str, object]:
    fields = wished(actor, site, end="10:00", trial=1) | {"once": page.field("once")}
    return fields | changes


@pytest.mark.proves("R4", "R5", "J3")
def test_a_family_books_the_next_part_from_its_free_times(
    app: Flask, hinata: Site, tanaka: Actor, hana: uuid.UUID
) -> None:
    mother = Visitor(app, tanaka)
    place = f"/my/trials/{hana}"
    assert place in mother.get(f"/my/preregistrations/{hana}").html
    page = mother.get(place)
    assert "1回目は1時間まで、12:00までに終わります（保護者もいっしょ）" in page.text
    assert "ならし預かりは無料です。" in page.text
    assert page.html.count('action="/my/bookings/confirm"') > 6
    told = mother.post("/my/bookings/confirm", asked(tanaka, hinata, page))
    assert told.status == 200
    assert "1回目（保護者もいっしょ）" in told.text
    assert "ならし預かり（1回目）" in told.text
    assert bookings_of(tanaka) == []
    sent = asked(tanaka, hinata, told, agreed_fee=0)
    placed = mother.post("/my/bookings/", sent)
    assert placed.status == 303
    assert "1回目（保護者もいっしょ）" in mother.get(placed.location).text
    (booking,) = bookings_of(tanaka)
    assert (booking.trial_part, booking.fee_yen) == (1, 0)
    assert mother.get(f"{placed.location}/change").status == 200
    after = mother.get(f"/my/preregistrations/{hana}").text
    assert "1回目は" in after
    assert "に予約ずみです" in after
    assert "前のならし預かりが、まだ終わっていません" in mother.get(place).text


def test_a_wrong_time_is_told_with_the_limit_and_what_was_typed_stays(
    app: Flask, hinata: Site, tanaka: Actor, hana: uuid.UUID
) -> None:
    mother = Visitor(app, tanaka)
    page = mother.get(f"/my/trials/{hana}")
    late = asked(tanaka, hinata, page, start="11:00", end="13:00", note="人見知りです")
    refused = mother.post("/my/bookings/confirm", late)
    assert refused.status == 409
    assert "ならし預かりの1回目は、1時間までです" in refused.text
    assert "ならし預かりの1回目は、12:00までに終わります" in refused.text
    again = mother.post("/my/bookings/new", late)
    assert "人見知りです" in again.text
    empty = mother.post("/my/bookings/confirm", late | {"start": "", "day-day": "40"})
    assert empty.status == 422
    assert "ならし預かりを予約する（1回目）" in empty.text
    for part in ("2", "99999999999999999999", "-1"):
        assert mother.post("/my/bookings/confirm", late | {"trial": part}).status == 409, part


def test_two_children_have_no_trial_in_common(
    app: Flask, hinata: Site, tanaka: Actor, hana: uuid.UUID
) -> None:
    make_child(tanaka, "田中 りく", born_on=DAY - timedelta(days=500))
    accept(hinata, tanaka, children_of(tanaka)[1].id)
    mother = Visitor(app, tanaka)
    page = mother.get(f"/my/trials/{hana}")
    both = mother.post("/my/bookings/confirm", asked(tanaka, hinata, page))
    assert both.status == 422


def test_a_usual_stay_names_the_step_and_leads_to_the_application(
    app: Flask, hinata: Site, tanaka: Actor, hana: uuid.UUID
) -> None:
    mother = Visitor(app, tanaka)
    page = mother.get(f"/my/bookings/new?facility={hinata.facility_id}")
    wish = wished(tanaka, hinata) | {"once": page.field("once")}
    refused = mother.post("/my/bookings/confirm", wish)
    assert refused.status == 409
    assert "利用の前の「ならし預かり」が、まだです" in refused.text
    assert f"/my/preregistrations/{hana}" in refused.html


def test_staff_book_a_part_for_a_caller(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor, hana: uuid.UUID
) -> None:
    staff = Visitor(app, sato)
    steps = staff.get(f"/office/preregistrations/{hana}/steps")
    child = children_of(tanaka)[0].id
    url = f"/office/bookings/new?family={tanaka.family_id}&facility={hinata.facility_id}"
    url += f"&trial=1&child={child}"
    assert url.replace("&", "&amp;") in steps.html
    page = staff.get(url)
    assert "ならし預かり（1回目）の予約です" in page.text
    assert "1回目は1時間まで" in page.text
    here = today(now())
    sent = asked(tanaka, hinata, page) | {
        "channel": "phone",
        "received_on-year": here.year,
        "received_on-month": here.month,
        "received_on-day": here.day,
        "received_time": "0:00",
        "children": [str(child)],
    }
    placed = staff.post(url, sent)
    assert placed.status == 303, placed.text
    assert "1回目（保護者もいっしょ）" in staff.get(placed.location).text


@pytest.mark.proves("R3", "R4")
def test_the_board_marks_a_trial_and_staff_say_what_comes_next(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor, hana: uuid.UUID
) -> None:
    (booking,) = book_trial(tanaka, hinata).bookings
    staff, place = Visitor(app, sato), f"/office/trials/{booking}"
    board = staff.get(f"/office/facilities/{hinata.facility_id}/board/{DAY}")
    assert "ならし 1回目・保護者もいっしょ" in board.text
    assert "来たことを記録すると、結果を入れられます" in staff.get(place).text
    attend(hinata, booking)
    assert "結果がまだの、ならし預かり" in staff.get("/office/").text
    page = staff.get(place)
    nothing = staff.post(place, {"once": page.field("once"), "note": "泣きました", "seen": ""})
    assert nothing.status == 422
    assert "泣きました" in nothing.text
    sent = {"once": page.field("once"), "outcome": "next", "note": "泣きました", "seen": ""}
    assert staff.post(place, sent).status == 303
    assert "結果がまだの、ならし預かり" not in staff.get("/office/").text
    late = staff.get(place).field("once")
    twice = staff.post(place, sent | {"once": late, "outcome": "repeat"})
    assert twice.status == 409
    assert "ほかの職員が、先に結果を入れました" in twice.text
    mother = Visitor(app, tanaka)
    own = mother.get(f"/my/preregistrations/{hana}").text
    assert "ならし預かりを予約する（2回目）" in own
    assert "泣きました" not in own
    assert "2回目は2時間まで" in mother.get(f"/my/trials/{hana}").text


@pytest.mark.proves("R5")
def test_staff_order_waive_and_undo_steps_on_one_page(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor, hana: uuid.UUID
) -> None:
    del hinata
    staff, place = Visitor(app, sato), f"/office/preregistrations/{hana}/steps"

    def send(what: str, kind: str, **more: str) -> Page:
        once = staff.get(place).field("once")
        return staff.post(f"{place}/{what}", {"once": once, "kind": kind, **more})

    assert "相談をお願いする" in staff.get(place).text
    assert send("order", "consultation").status == 303
    assert "相談" in Visitor(app, tanaka).get(f"/my/preregistrations/{hana}").text
    empty = send("waive", "consultation", reason="")
    assert (empty.status, "省く理由を書いてください" in empty.text) == (422, True)
    assert send("waive", "consultation", reason="電話で聞いた").status == 303
    assert send("done", "trial_care").status == 303
    assert "予約できます" in staff.get(place).text
    assert send("undo", "trial_care").status == 303
    assert send("undo", "trial_care").status == 409
    assert send("done", "nonsense").status == 422
    assert send("nonsense", "tour").status == 404
    assert StepKind.TRIAL_CARE in StepKind


def test_rules_without_steps_say_so_and_ask_for_nothing(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    found = accept(hinata, tanaka, children_of(tanaka)[0].id)
    page = Visitor(app, sato).get(f"/office/preregistrations/{found}/steps")
    assert "いまのきまりに、利用の前の段階はありません" in page.text
    assert "いまは予約できません" in Visitor(app, tanaka).get(f"/my/trials/{found}").text


def test_the_public_page_tells_the_steps_in_order(app: Flask, hinata: Site) -> None:
    give_steps(hinata, INTERVIEW, TRIAL)
    text = Visitor(app).get(f"/facilities/{hinata.facility_id}").text
    assert text.index("利用の前に 1 面談") < text.index("利用の前に 2 ならし預かり")

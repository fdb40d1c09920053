"""The pages of cases: two taps after a call, an exact preview, one A4, the phone before urgency."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader

from portal.attendance import queries as stays
from portal.attendance.service import taps
from portal.bookings.rules import BookingState
from portal.contacts.rules import ContactChannel
from portal.db.session import acting_as, transaction
from portal.documents.pdf import is_available
from portal.facilities.models import Facility
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.noshow import paper, queries, service
from portal.noshow.models import CareCase, CaseReport
from portal.noshow.rules import CaseKind, CaseState, CheckResult
from portal.noshow.telling import Line
from portal.organisations.models import Organisation
from portal.referrals.rules import Item, Urgency
from tests.factories import people, support
from tests.factories.cases import DUE, Referred, agree, body_of, missing, refer
from tests.factories.days import DAY, book, clock_time
from tests.factories.places import Site, accept
from tests.pages.visit import Visitor

NOTES = "声がかすれていました"
#: The pages ask the real clock: the case was raised just now.
NOW = clock.now()


@pytest.fixture
def referred(hinata: Site, suzuki: Actor, tanaka: Actor) -> Referred:
    return refer(suzuki, hinata, tanaka)


@pytest.fixture
def case_id(hinata: Site, tanaka: Actor, referred: Referred) -> uuid.UUID:
    return missing(hinata, tanaka, referred=referred, now=NOW)


@pytest.fixture
def office(app: Flask, sato: Actor) -> Visitor:
    return Visitor(app, sato)


def state_of(actor: Actor, case_id: uuid.UUID) -> CaseState:
    with acting_as(actor) as session:
        return queries.case(session, case_id, actor=actor).state


@pytest.mark.proves("R21")
def test_a_call_is_recorded_by_its_number_and_its_result(
    office: Visitor, sato: Actor, case_id: uuid.UUID
) -> None:
    page = office.get(f"/office/cases/{case_id}")
    assert "田中 はなさんが来ませんでした" in page.text
    assert 'href="tel:09000000000"' in page.html
    sent = office.submit(
        f"/office/cases/{case_id}/result",
        {"channel": "phone", "result": "not_reached"},
        form_page=f"/office/cases/{case_id}",
    )
    assert sent.status == 303
    shown = office.get(sent.location)
    assert "電話：つながらない" in shown.text
    assert state_of(sato, case_id) is CaseState.CHECKED


def test_what_is_missing_is_said_on_the_same_page(office: Visitor, case_id: uuid.UUID) -> None:
    page = office.submit(
        f"/office/cases/{case_id}/result",
        {"channel": "phone", "words": "書いたこと"},
        form_page=f"/office/cases/{case_id}",
    )
    assert page.status == 422
    assert "結果をえらんでください" in page.text
    assert "書いたこと" in page.text
    page = office.submit(f"/office/cases/{case_id}/close", {}, form_page=f"/office/cases/{case_id}")
    assert page.status == 409
    assert "いまの段階では" in page.text


@pytest.mark.proves("R22")
def test_the_preview_is_what_is_sent_and_names_what_is_left_out(
    office: Visitor, sato: Actor, suzuki: Actor, case_id: uuid.UUID, referred: Referred
) -> None:
    center = support.make_center()
    agree(
        suzuki,
        referred.referral.family_id,
        body_of(center),
        (Item.NAME_AND_PHONE, Item.NO_SHOW),
    )
    at = f"/office/cases/{case_id}"
    office.submit(f"{at}/noticed", {"noticed-words": NOTES}, form_page=at)
    office.submit(f"{at}/result", {"channel": "phone", "result": "not_reached"}, form_page=at)
    page = office.get(f"{at}/report")
    assert page.text.count(NOTES) == 1
    assert "伝えません（同意がありません）" in page.text
    both = [str(suzuki.organisation_id), str(center.organisation_id)]
    sent = office.post(
        f"{at}/report",
        {"once": page.field("once"), "seen": page.field("seen"), "receivers": both},
    )
    assert sent.status == 303
    assert state_of(sato, case_id) is CaseState.REPORTED
    with acting_as(center), transaction() as session:
        mine = queries.reports(session, case_id, actor=center)
        (said,) = queries.read_words(session, mine, actor=center).values()
    assert set(said) == {Line.WHO, Line.PHONE, Line.WHAT}
    assert all(line in page.text for line in said.values())


@pytest.mark.proves("R22")
def test_what_changed_while_somebody_looked_is_shown_before_it_is_sent(
    office: Visitor, sato: Actor, suzuki: Actor, case_id: uuid.UUID
) -> None:
    at = f"/office/cases/{case_id}"
    office.submit(f"{at}/result", {"channel": "phone", "result": "ill"}, form_page=at)
    page = office.get(f"{at}/report")
    with acting_as(sato), transaction() as session:
        service.notice(session, case_id, NOTES, actor=sato, now=NOW)
    sent = office.post(
        f"{at}/report",
        {
            "once": page.field("once"),
            "seen": page.field("seen"),
            "receivers": [str(suzuki.organisation_id)],
        },
    )
    assert sent.status == 409
    assert "伝える内容が変わりました" in sent.text
    assert state_of(sato, case_id) is CaseState.CHECKED
    with acting_as(sato), transaction() as session:
        assert queries.reports(session, case_id, actor=sato) == []


@pytest.mark.proves("R26")
def test_an_urgent_worry_shows_the_numbers_first_and_asks_when_it_was_called(
    app: Flask, office: Visitor, hinata: Site, tanaka: Actor, suzuki: Actor
) -> None:
    del app
    refer(suzuki, hinata, tanaka)
    child = people.children_of(tanaka)[0].id
    accept(hinata, tanaka, child)
    address = f"/office/families/{tanaka.family_id}/worry"
    page = office.get(address)
    assert page.html.index("tel:189") < page.html.index('name="words"')
    sent = office.submit(
        address,
        {
            "words": NOTES,
            "is_urgent": "y",
            "children": str(child),
            "facility": str(hinata.facility_id),
        },
    )
    assert sent.status == 303
    page = office.get(sent.location)
    assert page.html.index("tel:000-0000-0000") < page.html.index('name="receivers"')
    wish = {
        "seen": page.field("seen"),
        "receivers": [str(suzuki.organisation_id)],
        "is_urgent": "y",
    }
    refused = office.post(sent.location, {"once": page.field("once"), **wish})
    assert refused.status == 409
    assert "先に電話をします" in refused.text
    now = clock.now().astimezone(clock.JST)
    done = office.post(
        sent.location,
        {"once": page.field("once"), **wish, "phoned": f"{now:%H:%M}"},
    )
    assert done.status == 303


@pytest.mark.proves("R16")
def test_a_family_without_referral_is_ended_here_and_told_nobody(
    office: Visitor, sato: Actor, hinata: Site, tanaka: Actor
) -> None:
    case_id = missing(hinata, tanaka, now=NOW)
    at = f"/office/cases/{case_id}"
    office.submit(f"{at}/result", {"channel": "phone", "result": "forgot"}, form_page=at)
    assert "この件を閉じる" in office.get(at).text
    office.submit(f"{at}/close", {}, form_page=at)
    assert state_of(sato, case_id) is CaseState.CLOSED


@pytest.mark.skipif(not is_available(), reason="this machine makes no PDFs")
def test_one_report_is_one_page_of_paper(
    office: Visitor, sato: Actor, suzuki: Actor, case_id: uuid.UUID
) -> None:
    long = "見たことと聞いたことを、ことばどおりに書いています。" * 20  # as much as a form takes
    with acting_as(sato), transaction() as session:
        service.record_result(
            session,
            case_id,
            CheckResult.REACHED_WORRIED,
            channel=ContactChannel.PHONE,
            actor=sato,
            now=NOW,
        )
        service.report(session, case_id, [body_of(suzuki)], notes=long, actor=sato, now=NOW)
    answer = office.client.get(f"/office/cases/{case_id}/paper/{suzuki.organisation_id}.pdf")
    assert answer.mimetype == "application/pdf"
    (leaf,) = PdfReader(BytesIO(answer.data)).pages
    assert "お返事をお願いします" in leaf.extract_text()
    other = uuid.uuid4()
    assert office.get(f"/office/cases/{case_id}/paper/{other}.pdf").status == 404


@pytest.mark.parametrize(
    ("days", "answered", "said"),
    [
        (0, False, "までに、受け取りのお返事をお願いします"),
        (1, False, "まだいただいていません"),
        (1, True, "にいただきました"),
    ],
)
def test_the_paper_asks_for_no_answer_by_a_day_that_is_over(
    days: int, said: str, *, answered: bool
) -> None:
    report = CaseReport(
        urgency=Urgency.NORMAL, sent_at=NOW, due_at=NOW, acknowledged_at=NOW if answered else None
    )
    page = paper.html(
        CareCase(kind=CaseKind.NO_SHOW, number=1),
        report,
        {},
        facility=Facility(name="ひなた保育園"),
        receiver=Organisation(name="みほん市"),
        on=clock.today(NOW) + timedelta(days=days),
        is_demo=False,
    )
    assert said in page


def test_strangers_get_no_case(
    app: Flask, yamada: Actor, suzuki: Actor, case_id: uuid.UUID
) -> None:
    for page in ("", "/report"):
        assert Visitor(app, yamada).get(f"/office/cases/{case_id}{page}").status == 404
        assert Visitor(app, suzuki).get(f"/office/cases/{case_id}{page}").status == 403


def test_a_director_sets_how_long_the_facility_waits(
    app: Flask, director: Actor, hinata: Site
) -> None:
    visitor = Visitor(app, director)
    address = f"/office/cases/waiting/{hinata.facility_id}"
    assert visitor.submit(address, {"minutes": "5"}).status == 422
    assert visitor.submit(address, {"minutes": "45"}).status == 303
    assert "始まりから 45分" in visitor.get("/office/cases/").text


def test_the_list_and_the_home_page_say_what_waits(office: Visitor, case_id: uuid.UUID) -> None:
    assert "電話します" in office.get("/office/").text
    page = office.get("/office/cases/")
    assert "こちらですること（1）" in page.text
    assert str(case_id) in page.html


@pytest.mark.proves("R21", "R22")
def test_what_waits_for_others_stands_apart_from_what_the_nursery_does(
    office: Visitor, sato: Actor, case_id: uuid.UUID
) -> None:
    with acting_as(sato), transaction() as session:
        queries.case(session, case_id, actor=sato).state = CaseState.REPORTED
    page = office.get("/office/cases/").html
    waits = page.index("返事や支援を待っている件（1）")
    assert page.index("こちらですること（0）") < waits < page.index(str(case_id))


def test_reading_words_of_a_case_leaves_a_trace(
    office: Visitor, case_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = f"/office/cases/{case_id}"
    office.submit(f"{at}/noticed", {"noticed-words": NOTES}, form_page=at)
    read: list[str] = []
    monkeypatch.setattr(
        queries, "record_read", lambda _session, _actor, what, *_, **__: read.append(what)
    )
    assert NOTES in office.get(at).text
    assert read == ["case_words"]


def test_a_guardian_reads_no_reproach_of_a_day_without_word(
    app: Flask, hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    booking = book(hinata, tanaka)[0]
    with acting_as(sato), transaction() as session:
        taps.mark_absent(
            session,
            hinata.facility_id,
            booking,
            BookingState.NO_SHOW,
            actor=sato,
            now=clock_time("9:40"),
        )
        group = stays.stay(session, booking, actor=sato).group_id
    page = Visitor(app, tanaka).get(f"/my/bookings/{group}")
    assert "だれにでもあります" in page.text
    for word in ("無断", "違反", "来ませんでした", "来園なし"):
        assert word not in page.text
    assert "notice--bad" not in page.html
    assert "notice--warn" not in page.html


@pytest.mark.proves("R21")
def test_the_board_leads_from_a_missing_child_to_its_case(
    office: Visitor, hinata: Site, case_id: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.office.board.now", lambda: DUE)
    page = office.get(f"/office/facilities/{hinata.facility_id}/board/{DAY.isoformat()}")
    assert "まだ来ていません：田中 はなさん" in page.text
    assert f"/office/cases/{case_id}#call" in page.html


@pytest.mark.proves("R20")
def test_the_page_says_from_when_she_may_be_encouraged_and_counts_no_duty_call(
    office: Visitor, sato: Actor, case_id: uuid.UUID
) -> None:
    at = f"/office/cases/{case_id}"
    before = limit_of(office.get(at).text)
    for result in ("not_reached", "ill", "reached_well"):
        office.submit(f"{at}/result", {"channel": "phone", "result": result}, form_page=at)
    assert limit_of(office.get(at).text) == before
    assert "7日間に2回まで" in office.get(at).text
    assert state_of(sato, case_id) is CaseState.CHECKED


def limit_of(text: str) -> str:
    found = re.search(r"誘う連絡[^。]*?(?=予約や見学)", text)
    assert found
    return found[0]

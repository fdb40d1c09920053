"""What a guardian who lives apart meets on the portal's pages, and what staff see of it."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pypdf
import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.accounts.addresses import AddressKind, make_address
from portal.bookings.models import Booking
from portal.bookings.rules import booking_number
from portal.db.session import acting_as, transaction
from portal.families import protections
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.web.access import Permission
from tests.factories import apart, days, people
from tests.factories.places import Site
from tests.pages.visit import Page, Visitor

#: The days of the test's own world that a page may show for other reasons.
WORDS = ("ひなた保育園", "はな", "祖母 さん", apart.ADDRESS, apart.PHONE, "田中 みほ")


@pytest.fixture
def things(hinata: Site, tanaka: Actor) -> dict[str, object]:
    """Something of everything, and the ids that stand in addresses."""
    apart.give_address(tanaka)
    booking_id = days.book(hinata, tanaka)[0]
    person = days.name_pickup(tanaka, "祖母 さん", "祖母")
    with acting_as(tanaka), transaction() as session:
        booking = session.scalars(select(Booking)).one()
        feed = make_address(session, tanaka, AddressKind.FAMILY_FEED)
        word = make_address(session, tanaka, AddressKind.BOOKING_WORD, booking_id=booking_id)
        application = session.execute(text("SELECT id FROM preregistrations")).scalar_one()
    return {
        "facility_id": hinata.facility_id,
        "group_id": booking.group_id,
        "number": booking_number(booking.group_id),
        "child_id": booking.child_id,
        "guardian_id": apart.own_row(tanaka),
        "person_id": person,
        "preregistration_id": application,
        "programme_id": hinata.programme_id,
        "booking_id": booking_id,
        "feed": feed,
        "word": word,
        "day": days.DAY.isoformat(),
    }


def family_urls(app: Flask, things: dict[str, object], *, absent: bool) -> Iterator[str]:
    """Yield every address of the families' own pages, today's and those added later."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        asked = getattr(app.view_functions[rule.endpoint], "required_permission", None)
        if asked is not Permission.ACT_FOR_OWN_FAMILY or "GET" not in (rule.methods or ()):
            continue
        values = {
            name: uuid.uuid4() if absent or name not in things else things[name]
            for name in rule.arguments - set(rule.defaults or {})
        }
        if "number" in values:
            # Which of several documents is shown, not the number of a booking.
            values["number"] = 1
        yield adapter.build(rule.endpoint, values)


def follow(visitor: Visitor, url: str) -> Page:
    page = visitor.get(url)
    return visitor.get(page.location) if page.status in {302, 303} else page


def told(page: Page, things: dict[str, object]) -> set[str]:
    """Return the family's words that stand on a page, in its text or in its links."""
    words = {*WORDS, *(str(things[name]) for name in ("group_id", "number", "child_id"))}
    if page.response.mimetype == "application/pdf":
        sheets = pypdf.PdfReader(io.BytesIO(page.response.data)).pages
        said = "".join(sheet.extract_text() for sheet in sheets)
    else:
        said = page.text + page.html
    return {word for word in words if word in said}


def test_no_page_tells_an_apart_guardian_anything(
    app: Flask, things: dict[str, object], tanaka: Actor, sato: Actor
) -> None:
    father = apart.join(tanaka)
    before, free = set(), Visitor(app, father)
    urls = list(family_urls(app, things, absent=False))
    assert len(urls) > 12
    for url in urls:
        before |= told(follow(free, url), things)
    assert before >= {"ひなた保育園", "はな", "祖母 さん", apart.ADDRESS, apart.PHONE}
    apart.protect(sato, tanaka)
    for browser in (free, Visitor(app, father)):
        for url in urls:
            page = follow(browser, url)
            # What he typed himself stands in the links to the other languages.
            new = {word for word in told(page, things) if word not in url}
            assert new - {"ひなた保育園"} == set(), url
            # An address typed by himself leads to the public page of the facility at most.
            if str(things["facility_id"]) not in url:
                assert "ひなた保育園" not in page.text, url


def test_what_is_there_and_what_is_not_look_the_same(
    app: Flask, things: dict[str, object], tanaka: Actor, sato: Actor
) -> None:
    father = apart.join(tanaka)
    apart.protect(sato, tanaka)
    browser = Visitor(app, father)
    real = list(family_urls(app, things, absent=False))
    invented = list(family_urls(app, things, absent=True))
    for url, other in zip(real, invented, strict=True):
        here, there = browser.get(url), browser.get(other)
        assert (here.status, here.text) == (there.status, there.text), url


def test_his_tries_to_book_are_answered_alike_whether_the_child_is_there_or_not(
    app: Flask, hinata: Site, things: dict[str, object], tanaka: Actor, sato: Actor
) -> None:
    father = apart.join(tanaka)
    apart.protect(sato, tanaka)
    browser, answers = Visitor(app, father), []
    for start, day in (("9:00", days.DAY), ("13:00", days.DAY + timedelta(days=1))):
        wish = {
            "programme": str(hinata.programme_id),
            "children": str(things["child_id"]),
            "day": day.isoformat(),
            "start": start,
            "end": "14:00",
            "purpose": "respite",
        }
        for url in ("/my/bookings/", "/my/bookings/confirm"):
            page = browser.post(url, wish)
            answers.append((page.status, page.text))
    assert len(set(answers)) == 1
    assert answers[0][0] == 403


def test_addresses_without_sign_in_open_nothing_any_more(
    app: Flask, things: dict[str, object], tanaka: Actor, sato: Actor, visitor: Visitor
) -> None:
    apart.join(tanaka)
    urls = (f"/feeds/{things['feed']}.ics", f"/w/{things['word']}")
    left_open = Visitor(app, tanaka)
    assert [visitor.get(url).status for url in urls] == [200, 200]
    apart.protect(sato, tanaka)
    assert [visitor.get(url).status for url in urls] == [404, 404]
    assert left_open.get("/my/bookings/").location.startswith("/sign-in"), "on a device he has"
    mother = Visitor(app, tanaka)
    mother.submit("/my/calendar/renew", {}, form_page="/my/calendar")
    assert "/feeds/" in mother.get("/my/calendar").html, "she makes herself a new one"


def test_the_public_pages_show_him_what_they_show_everybody(
    app: Flask, hinata: Site, things: dict[str, object], tanaka: Actor, sato: Actor
) -> None:
    father = apart.join(tanaka)
    apart.protect(sato, tanaka)
    browser = Visitor(app, father)
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("public.") and "facility_id" in rule.arguments:
            if rule.arguments - {"facility_id", "day", "month"}:
                continue
            values = {
                "facility_id": hinata.facility_id,
                "day": days.DAY,
                "month": f"{days.DAY:%Y-%m}",
            }
            url = app.url_map.bind("localhost").build(
                rule.endpoint, {name: values[name] for name in rule.arguments}
            )
            page = browser.get(url)
            assert page.status == 200, url
            assert told(page, things) <= {"ひなた保育園"}, url
            assert "/my/" not in page.html.replace('href="/my/"', ""), (
                "nothing that he may not open"
            )
    day = f"/facilities/{hinata.facility_id}/days/{days.DAY}"
    asked = browser.get(f"{day}?start=9:00&end=10:00&class=1")
    assert "このアカウントでは予約できません" in asked.text
    assert "action-bar" not in asked.html
    assert "予約する" not in asked.text
    assert "控えを受け取り" not in browser.get("/account").text
    assert "できることをえらぶ" not in Visitor(app, tanaka).get("/my/family/").text


@pytest.mark.usefixtures("things")
def test_his_own_page_says_what_he_may_do_and_lets_him_correct_himself(
    app: Flask, tanaka: Actor, sato: Actor
) -> None:
    father = apart.join(tanaka)
    apart.protect(sato, tanaka)
    browser = Visitor(app, father)
    page = follow(browser, "/my/")
    assert "ご自分の連絡先を見て直す" in page.text
    for word in ("非公開", "支援措置", "制限", "できません。ほか"):
        assert word not in page.text.replace("ここにないことは、このアカウントではできません。", "")
    own = f"/my/family/guardians/{apart.own_row(father)}"
    answer = browser.submit(own, {"name": "田中 けん", "relation": "父", "phone": "080-3333-4444"})
    assert answer.status == 303
    assert "080-3333-4444" in browser.get("/my/family/").text


def test_a_protected_request_goes_from_her_page_to_the_staffs_list_and_back(
    app: Flask, things: dict[str, object], tanaka: Actor, sato: Actor
) -> None:
    father = apart.join(tanaka)
    mother = Visitor(app, tanaka)
    assert mother.submit("/my/protection", {}).status == 303
    assert "園に申し出ています" in mother.get("/my/protection").text
    assert "申し出ています" not in Visitor(app, father).get("/my/protection").text
    staff = Visitor(app, sato)
    assert "田中 みほさん" in staff.get("/office/families/protected").text
    show = f"/office/families/{tanaka.family_id}"
    assert "住所非公開の申し出があります" in staff.get(show).text
    url = f"{show}/guardians/{things['guardian_id']}/protection"
    today = apart.TODAY
    filled = {
        "shown": "notice",
        **_parts("shown_on", today.year, today.month, today.day),
        **_parts("until_on", today.year + 1, today.month, min(today.day, 28)),
    }
    assert staff.post(url, {}).status == 422
    assert staff.submit(url, filled).status == 303
    page = staff.get(show)
    assert "住所非公開のご家庭です" in page.text
    assert "別居の保護者からの問い合わせには答えません" in page.text
    assert apart.ADDRESS not in page.text
    assert "住所非公開」になっています" in Visitor(app, tanaka).get("/my/protection").text
    assert apart.ADDRESS in Visitor(app, tanaka).get("/my/family/").text, "her own she sees"


def _parts(name: str, year: int, month: int, day: int) -> dict[str, object]:
    return {f"{name}-year": year, f"{name}-month": month, f"{name}-day": day}


def test_staff_see_the_address_for_a_reason_alone(
    app: Flask, things: dict[str, object], tanaka: Actor, sato: Actor, yamada: Actor
) -> None:
    apart.protect(sato, tanaka)
    base = f"/office/families/{tanaka.family_id}/guardians/{things['guardian_id']}"
    staff = Visitor(app, sato)
    for path in ("", "/guardians/" + str(things["guardian_id"])):
        assert apart.ADDRESS not in staff.get(f"/office/families/{tanaka.family_id}{path}").html
    refused = staff.post(f"{base}/address", {"needed_for": " "})
    assert refused.status == 422
    assert apart.ADDRESS not in refused.html
    assert apart.ADDRESS in staff.post(f"{base}/address", {"needed_for": "手紙のため"}).text
    stranger = Visitor(app, yamada)
    assert stranger.post(f"{base}/address", {"needed_for": "手紙のため"}).status == 404
    ended = staff.post(f"{base}/protection/end", {"reason": "本人の申し出"})
    assert ended.status == 303
    assert apart.ADDRESS in staff.get(f"/office/families/{tanaka.family_id}").text


def test_the_first_guardian_invites_and_limits_the_other(app: Flask, tanaka: Actor) -> None:
    mother = Visitor(app, tanaka)
    mother.submit(
        "/my/family/guardians/new",
        {"name": "田中 けん", "relation": "父", "phone": "080-1111-2222"},
    )
    with acting_as(tanaka) as session:
        row = session.execute(text("SELECT id FROM guardians WHERE user_id IS NULL")).scalar_one()
        session.rollback()
    page = f"/my/family/guardians/{row}/invitation"
    assert "アカウントは、まだありません" in mother.get("/my/family/").text
    assert "checked" not in mother.get(page).html, "nothing is chosen for her"
    lost = mother.submit(page, {"rights": ["book", "mails"]})
    assert lost.status == 422
    assert "はできません。どちらかを直してください" in lost.text
    nothing = mother.submit(page, {})
    assert nothing.status == 422
    assert "できることを1つ以上えらんでください" in nothing.text
    assert mother.submit(page, {"rights": ["bookings"]}).status == 303
    shown = mother.get(page).text
    assert "予約・申し込み・園からのお知らせを見る" in shown
    assert "申し込む・予約する" not in shown
    assert "/sign-up" in shown
    code = mother.get(page).html.partition('class="code">')[2].partition("<")[0]
    account = people.make_account("田中 けん")
    new = Visitor(app, Actor(role=tanaka.role, user_id=account))
    wrong = {"code": code, **_parts("day", 2020, 1, 1)}
    tried = new.submit("/my/claim", wrong)
    assert tried.status == 409
    born = people.BORN
    right = {"code": code, **_parts("day", born.year, born.month, born.day)}
    corrected = {"once": tried.field("once"), **right}
    assert new.post("/my/claim", corrected).status == 303, "the page that said so takes it"
    assert new.get("/my/bookings/").status == 200
    assert new.get("/my/children/").status == 403
    assert new.get("/my/bookings/new").status == 403
    assert new.get(f"/my/family/guardians/{row}/rights").status == 403
    again = Visitor(app, Actor(role=tanaka.role, user_id=people.make_account("だれか")))
    assert again.submit("/my/claim", right).status == 409, "a code works once"


@pytest.mark.usefixtures("things")
def test_staff_say_why_somebody_may_less(app: Flask, tanaka: Actor, sato: Actor) -> None:
    father = apart.join(tanaka)
    url = f"/office/families/{tanaka.family_id}/guardians/{apart.own_row(father)}/rights"
    staff = Visitor(app, sato)
    assert staff.submit(url, {"rights": ["bookings", "children"]}).status == 422
    reason = {"rights": ["bookings", "children"], "reason": "話し合いの結果"}
    assert staff.submit(url, reason).status == 303
    page = staff.get(f"/office/families/{tanaka.family_id}").text
    assert "お迎えはできません" in page
    assert "話し合いの結果" not in page


@pytest.mark.usefixtures("things")
def test_a_family_entered_by_staff_is_claimed_with_the_letter(
    app: Flask, tanaka: Actor, sato: Actor
) -> None:
    with acting_as(sato), transaction() as session:
        row = session.execute(
            text(
                "INSERT INTO guardians (id, family_id, name, search_key, relation)"
                " VALUES (gen_random_uuid(), :family, '田中 よし', '', '祖母') RETURNING id"
            ),
            {"family": tanaka.family_id},
        ).scalar_one()
    staff = Visitor(app, sato)
    page = f"/office/families/{tanaka.family_id}/guardians/{row}/invitation"
    assert staff.submit(page, {}).status == 303
    shown = staff.get(page)
    code = shown.html.partition('class="code">')[2].partition("<")[0]
    assert len(code) == 14
    assert "田中 よし 様" in shown.text
    new = Visitor(app, Actor(role=tanaka.role, user_id=people.make_account("田中 よし")))
    born = people.BORN
    typed = {
        "code": code.lower().replace("-", " "),
        **_parts("day", born.year, born.month, born.day),
    }
    assert new.submit("/my/claim", typed).status == 303
    assert "はな" in new.get("/my/children/").text


@pytest.mark.usefixtures("things")
def test_papers_that_run_out_are_shown_to_staff(app: Flask, tanaka: Actor, sato: Actor) -> None:
    grandmother = apart.own_row(apart.join(tanaka, "田中 よし"))
    soon = protections.ProtectionDetails(
        protections.Shown.COURT, apart.TODAY, apart.TODAY + timedelta(days=20), (grandmother,)
    )
    with acting_as(sato), transaction() as session:
        protections.set_protection(
            session, apart.own_row(tanaka), soon, actor=sato, now=clock.now()
        )
    staff = Visitor(app, sato)
    assert "もうすぐ期限" in staff.get("/office/families/protected").text
    assert "期限が近い書類" in staff.get("/office/").text
    row = apart.own_row(tanaka)
    page = staff.get(f"/office/families/{tanaka.family_id}/guardians/{row}/protection")
    assert "裁判所の命令の書類を見た" in page.text
    assert page.field("until_on-day") == str(soon.until_on.day)
    assert f'value="{grandmother}" checked' in page.html


def test_staff_see_on_every_page_about_the_family_that_it_is_protected(
    app: Flask, hinata: Site, things: dict[str, object], tanaka: Actor, sato: Actor
) -> None:
    father = apart.join(tanaka)
    staff = Visitor(app, sato)
    board = f"/office/facilities/{hinata.facility_id}/board/{days.DAY}"
    pages = (
        f"/office/families/{tanaka.family_id}",
        f"/office/bookings/{things['group_id']}",
        f"/office/bookings/new?family={tanaka.family_id}",
        f"/office/preregistrations/{things['preregistration_id']}",
    )
    stay = f"/office/facilities/{hinata.facility_id}/stays/{things['booking_id']}"
    lists = ("/office/families/", board, stay, f"{board}/print")
    words = {url: staff.get(url).text.count("住所非公開") for url in lists}
    for url in pages:
        assert "住所非公開のご家庭です" not in staff.get(url).text
    assert "080-1111-2222" in staff.get(stay).text, "he is called like her"
    apart.protect(sato, tanaka)
    for url in pages:
        assert "住所非公開のご家庭です" in staff.get(url).text, url
    for url in lists:
        assert staff.get(url).text.count("住所非公開") == words[url] + 1, url
    for url in (*lists[1:], *pages[1:]):
        page = staff.get(url)
        assert "080-1111-2222" not in page.html, url
        assert apart.ADDRESS not in page.html, url
    assert father.user_id is not None

"""A family's guided application: part by part, nothing lost, sent as a whole."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from portal.consents import queries as consents
from portal.db.session import acting_as, transaction
from portal.families import service as families
from portal.families.rules import ChildDetails
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.policies.application import ApplicationRule, AskedDocument
from portal.preregistration import queries, service
from portal.selfservice.application_view import form_key
from portal.uploads.queries import documents
from tests.factories.application import ask_for, write_records
from tests.factories.people import children_of, make_child, make_guardian
from tests.factories.photos import photo
from tests.factories.places import Site
from tests.pages.applying import agree, choose, part
from tests.pages.visit import Page, Visitor

PAPERS = ApplicationRule(
    documents=(
        AskedDocument(name="子ども医療証", hint="表の面"),
        AskedDocument(name="きょうだい割引の申込書", each_child=False),
    ),
    photographs=True,
)


@pytest.fixture
def asking(hinata: Site) -> Site:
    """ひなた保育園, which asks for two documents and all consents."""
    ask_for(hinata, PAPERS)
    return hinata


def send_photo(browser: Visitor, url: str, data: bytes, name: str = "a.jpg") -> Page:
    sent = {"once": str(uuid.uuid4()), "photo": (io.BytesIO(data), name)}
    page = browser.post(url, sent, content_type="multipart/form-data")
    # The test client keeps a large body in a file that it does not close.
    page.response.request.environ["wsgi.input"].close()
    return page


@pytest.mark.proves("R5", "R10")
def test_two_children_in_one_application_with_papers_and_consents(
    app: Flask, asking: Site, tanaka: Actor, sato: Actor
) -> None:
    small = make_child(tanaka, "田中 りく", born_on=clock.today(clock.now()) - timedelta(days=500))
    big = children_of(tanaka)[-1].id if children_of(tanaka)[0].id == small else None
    ids = [child.id for child in children_of(tanaka)]
    write_records(tanaka)
    browser = Visitor(app, tanaka)
    start = browser.get(f"/my/preregistrations/apply/{asking.facility_id}")
    assert start.location == part(asking, "children")
    page = browser.get(part(asking, "children"))
    assert "6つのうち 1つめ" in page.text
    assert page.text.count("歳児クラス") == 2
    assert choose(browser, asking, *ids).location == part(asking, "health")
    assert browser.get(part(asking, "health")).text.count("確認ずみ") == 2
    assert browser.submit(part(asking, "health"), {}).location == part(asking, "words")
    words = {"note": "人見知りです。\n抱っこが好きです。"}
    assert browser.submit(part(asking, "words"), words).location == part(asking, "documents")
    assert browser.get(part(asking, "documents")).text.count("まだです") == 3
    first = part(asking, "documents/1")
    assert send_photo(browser, first, photo()).location == first
    assert "写真を受け取りました" in browser.get(first).text
    later = browser.post(part(asking, "documents/2/later"), {"once": str(uuid.uuid4())})
    assert later.location == part(asking, "documents")
    assert "写真 1枚" in browser.get(part(asking, "documents")).text
    assert browser.submit(part(asking, "documents"), {}).location == part(asking, "consents")
    asked = browser.get(part(asking, "consents"))
    assert "checked" not in asked.html
    assert asked.text.count("同意しないとき") == 3
    assert agree(browser, asking, photographs="no").location == part(asking, "check")
    check = browser.get(part(asking, "check"))
    for told in ("田中 りく", "抱っこが好きです", "写真 1枚", "同意しません", "この内容で申し込む"):
        assert told in check.text
    assert "書きかけ：ひなた保育園への申し込み" in browser.get("/my/").text
    assert browser.submit(part(asking, "check"), {}).location == "/my/preregistrations/"
    assert "書きかけ" not in browser.get("/my/").text
    del big
    with acting_as(sato) as session:
        assert tanaka.family_id is not None
        rows = queries.of_family(session, actor=sato, family_id=tanaka.family_id)
        assert len(rows) == 2
        (paper,) = documents(session, tanaka.family_id, asking.facility_id, actor=sato)
        now = clock.now()
        for purpose, is_given in (("emergency_care", True), ("photographs", False)):
            found = consents.in_force(
                session,
                tanaka.family_id,
                purpose,
                asking.organisation_id,
                actor=sato,
                now=now,
            )
            assert (found is not None) is is_given
    staff = Visitor(app, sato)
    shown = staff.get(f"/office/preregistrations/{rows[0].id}/papers/")
    assert f"/office/photos/{paper.id}" in shown.html
    assert "子ども医療証" in shown.text
    image = staff.get(f"/office/photos/{paper.id}").response
    assert (image.mimetype, image.headers["Cache-Control"]) == ("image/jpeg", "no-store")
    assert image.headers["X-Content-Type-Options"] == "nosniff"
    assert image.headers["Content-Disposition"] == 'inline; filename="photo.jpg"'
    assert image.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.proves("R5")
def test_later_and_signed_out_and_another_device_lose_nothing(
    app: Flask, asking: Site, tanaka: Actor
) -> None:
    (child,) = children_of(tanaka)
    browser = Visitor(app, tanaka)
    choose(browser, asking, child.id)
    saved = browser.submit(part(asking, "words"), {"note": "夜に\n泣きます", "later": "1"})
    assert saved.location == "/my/"
    other_device = Visitor(app, tanaka)
    assert "書きかけ：ひなた保育園への申し込み" in other_device.get("/my/").text
    assert "夜に\n泣きます" in other_device.get(part(asking, "words")).html
    assert "checked" in other_device.get(part(asking, "children")).html
    stranger = Visitor(app, make_guardian("遠い だれか", children=("遠い こども",)))
    assert "泣きます" not in stranger.get(part(asking, "words")).html
    assert "書きかけ" not in stranger.get("/my/").text


@pytest.mark.proves("R5")
def test_an_older_tab_does_not_write_over_a_newer_saving(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    browser, url = Visitor(app, tanaka), part(hinata, "words")
    old, new = browser.get(url), browser.get(url)
    sent = {"note": "新しい文章"}
    again = {"once": new.field("once"), "seen": new.field("seen"), **sent}
    assert browser.post(url, again).status == 303
    assert browser.post(url, again).status == 303  # the same thing twice
    twice = {"once": str(uuid.uuid4()), "seen": new.field("seen"), **sent}
    assert browser.post(url, twice).status == 303
    stale = {"once": old.field("once"), "seen": old.field("seen"), "note": "古い文章"}
    refused = browser.post(url, stale)
    assert refused.status == 409
    assert "ほかの画面で" in refused.text
    assert "古い文章" in refused.html
    assert "新しい文章" in browser.get(url).html
    on_purpose = {**stale, "once": str(uuid.uuid4()), "seen": refused.field("seen")}
    assert browser.post(url, on_purpose).status == 303
    assert "古い文章" in browser.get(url).html


def test_what_is_missing_is_named_and_nothing_is_sent(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    browser = Visitor(app, tanaka)
    for name in ("health", "documents", "consents", "check"):
        assert browser.get(part(hinata, name)).status in {200, 303}
    nobody = browser.submit(part(hinata, "children"), {})
    assert nobody.status == 422
    assert "申し込むお子さんをえらんでください" in nobody.text
    (child,) = children_of(tanaka)
    choose(browser, hinata, child.id)
    unsaid = browser.submit(part(hinata, "consents"), {})
    assert unsaid.status == 422
    agree(browser, hinata)
    refused = browser.submit(part(hinata, "check"), {})
    assert refused.status == 409
    assert "「体のこと」に、まだのところがあります" in refused.text
    write_records(tanaka)
    agree(browser, hinata, care_information="no")
    page = browser.get(part(hinata, "check"))
    assert "インターネットでは申し込めません" in page.text
    assert browser.submit(part(hinata, "check"), {}).status == 409
    with acting_as(tanaka) as session:
        assert not queries.of_family(session, actor=tanaka)


@pytest.mark.proves("R5")
def test_the_same_child_twice_and_a_strangers_child(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    (child,) = children_of(tanaka)
    browser = Visitor(app, tanaka)
    stranger = make_guardian("遠い だれか", children=("遠い こども",))
    assert choose(browser, hinata, children_of(stranger)[0].id).status == 422
    choose(browser, hinata, child.id)
    write_records(tanaka)
    agree(browser, hinata)
    with acting_as(tanaka), transaction() as session:
        service.apply(session, hinata.facility_id, [child.id], actor=tanaka, now=clock.now())
    refused = choose(browser, hinata, child.id)
    assert refused.status == 409
    assert "もう申し込んでいます" in refused.text
    assert browser.submit(part(hinata, "check"), {}).status == 409


def test_the_unborn_and_too_young_are_told_from_when(app: Flask, hinata: Site) -> None:
    mother, today = make_guardian("森 あい"), clock.today(clock.now())
    make_child(mother, "森 つむぎ", born_on=today - timedelta(days=20))
    with acting_as(mother), transaction() as session:
        assert mother.family_id is not None
        due = ChildDetails(None, due_on=today + timedelta(days=60))
        families.add_child(session, mother.family_id, due, actor=mother, now=clock.now())
    page = Visitor(app, mother).get(part(hinata, "children"))
    assert "0歳児クラス" in page.text
    assert "の利用から予約できます。申し込みは、いまできます" in page.text
    assert "園は、生まれてから返事をします" in page.text
    assert "予定日どおりなら" in page.text


@pytest.mark.proves("R10")
def test_twenty_brothers_and_sisters(app: Flask, hinata: Site) -> None:
    mother = make_guardian("森 あい", children=tuple(f"森 {n}子" for n in range(20)))
    write_records(mother)
    browser = Visitor(app, mother)
    ids = [child.id for child in children_of(mother)]
    assert choose(browser, hinata, *ids).status == 303
    browser.submit(part(hinata, "words"), {"note": "よろしくお願いします"})
    agree(browser, hinata)
    assert browser.submit(part(hinata, "check"), {}).status == 303
    with acting_as(mother) as session:
        assert len(queries.of_family(session, actor=mother)) == 20


@pytest.mark.proves("P8")
def test_bad_photos_are_answered_and_lose_nothing(app: Flask, asking: Site, tanaka: Actor) -> None:
    (child,) = children_of(tanaka)
    browser, url = Visitor(app, tanaka), part(asking, "documents/1")
    choose(browser, asking, child.id)
    send_photo(browser, url, photo())
    for data, told in (
        (b"", "写真をえらんでください"),
        (b"%PDF-1.7", "PDF は受け取れません"),
        (photo()[:900], "こわれているか"),
        (b"MZ" + b"\0" * 99, "写真ではないファイルです"),
        (b"\xff\xd8\xff" + b"0" * (10 * 1024 * 1024), "10MB まで"),
    ):
        refused = send_photo(browser, url, data, "../../etc/passwd.jpg")
        assert refused.status == 409, told
        assert told in refused.text, refused.text
        assert "受け取った写真" in refused.text
        assert "同じ法人の園の担当者だけが見ます" in refused.text
    huge = send_photo(browser, url, b"\xff\xd8\xff" + b"0" * (12 * 1024 * 1024))
    assert huge.status == 413
    assert "写真は、1枚 10MB までです。" in huge.text
    assert "写真でわたす" in huge.text or "もう1枚わたす" in huge.text
    assert "受け取った写真" in huge.text
    assert browser.get(part(asking, "documents/9")).status == 404
    with acting_as(tanaka) as session:
        assert tanaka.family_id is not None
        assert len(documents(session, tanaka.family_id, asking.facility_id, actor=tanaka)) == 1


def test_sending_twice_makes_one_application(app: Flask, hinata: Site, tanaka: Actor) -> None:
    (child,) = children_of(tanaka)
    write_records(tanaka)
    browser = Visitor(app, tanaka)
    choose(browser, hinata, child.id)
    agree(browser, hinata)
    page = browser.get(part(hinata, "check"))
    sent = {"once": page.field("once"), "seen": "0"}
    first, second = (browser.post(part(hinata, "check"), sent) for _ in range(2))
    assert first.status == second.status == 303
    assert first.location == second.location
    with acting_as(tanaka) as session:
        left = session.execute(
            text("SELECT count(*) FROM drafts WHERE form = :form"),
            {"form": form_key(hinata.facility_id)},
        ).scalar_one()
        assert left == 0

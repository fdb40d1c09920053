"""Referrals by file and on paper, over the pages."""

from __future__ import annotations

import io
import subprocess
import uuid
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.referrals import queries
from portal.referrals.models import Provision
from portal.referrals.rules import ReferralEvent, ReferralSource
from tests.factories import places, referring, support
from tests.factories.referral_files import file_of, row
from tests.pages.test_referral_pages import AGREED, MET, TODAY, agree, day, went
from tests.pages.visit import Page, Visitor

FILES = "/liaison/referral-files/"
PAPERS = "/liaison/referral-papers"


def upload(nurse: Visitor, data: bytes) -> Page:
    once = nurse.get(FILES).field("once")
    return nurse.post(
        FILES,
        {"once": once, "file": (io.BytesIO(data), "紹介.csv")},
        content_type="multipart/form-data",
    )


@pytest.mark.proves("R30")
def test_a_file_is_shown_before_it_is_sent(app: Flask, suzuki: Actor, hinata: places.Site) -> None:
    nurse = Visitor(app, suzuki)
    shown = upload(nurse, file_of(row(), row(管理番号="K-2", 電話="12")))
    assert "まだ何も送っていません" in shown.text
    assert "3行目" in shown.text
    assert "電話番号" in shown.text
    assert "K-1" not in nurse.get("/liaison/referrals/").text
    sent = {name: shown.field(name) for name in ("once", "content", "seen")}
    assert went(nurse.post(f"{FILES}send", sent)) == "/liaison/referrals/"
    assert "髙橋 あかりさん" in nurse.get("/liaison/referrals/").text
    assert nurse.post(f"{FILES}send", sent).status == 303, "sent again it is answered alike"
    # What was shown is no longer what would happen: it is shown anew, and nothing is sent.
    later = nurse.post(f"{FILES}send", {**sent, "once": nurse.get(FILES).field("once")})
    assert later.status == 409
    assert "もう送った" in later.text
    assert nurse.post(f"{FILES}send", {**sent, "content": "???", "once": ""}).status == 422
    assert upload(nurse, b"%PDF-1.7").status == 409
    template = nurse.client.get(f"{FILES}template.csv?encoding=cp932")
    assert "管理番号" in template.data.decode("cp932")
    assert nurse.get(f"{FILES}template.csv?encoding=latin-1").status == 404
    out = nurse.client.get(f"{FILES}sent.csv")
    assert out.data.startswith(b"\xef\xbb\xbf")
    assert "髙橋" in out.data.decode("utf-8-sig")
    assert "すべての文字を書けます" in nurse.get(f"{FILES}cp932").text
    del hinata


def test_signs_that_cp932_lacks_are_named_first(
    app: Flask, suzuki: Actor, hinata: places.Site
) -> None:
    referring.referred(suzuki, hinata, name="𠮷田 ゆみ")
    page = Visitor(app, suzuki).get(f"{FILES}cp932")
    assert "𠮷" in page.text


@pytest.mark.proves("R30", "R7", "R11", "R13")
def test_a_paper_that_came_by_fax_goes_the_same_way(
    app: Flask, suzuki: Actor, hinata: places.Site
) -> None:
    nurse = Visitor(app, suzuki)
    came = {**MET, "channel": "fax", **day("received_on", TODAY), "received_time": "0:01"}
    ahead = nurse.submit(f"{PAPERS}/new", {**came, "received_time": "25:00"})
    assert ahead.status == 422
    children = went(nurse.submit(f"{PAPERS}/new", came))
    whole = children.removesuffix("/children")
    nurse.submit(children, {"kind": "expected", "count": "1", **day("day", TODAY)})
    nurse.submit(f"{whole}/learned", {"fatigue": "夜に何度も起きます"})
    page = nurse.get(f"{whole}/receivers")
    [child] = [part.split('"')[0] for part in page.html.split('name="children" value="')[1:]]
    value = f"{hinata.organisation_id}.{hinata.facility_id}"
    consents = went(nurse.submit(page_of(whole), {"receivers": [value], "children": [child]}))
    paper = nurse.get(consents)
    assert "への用紙（PDF）" in paper.text
    said = {**AGREED, "source": "paper_form", **day("paper_on", TODAY), "reference": "R8-12"}
    went(agree(nurse, consents, said))
    shown = went(nurse.submit(f"{whole}/send", {}, form_page=whole))
    assert "紙・FAXから作りました" in nurse.get(shown).text
    with acting_as(suzuki), transaction() as session:
        [sent] = queries.sent_by_us(session, actor=suzuki)
        assert sent.source is ReferralSource.PAPER
        assert sent.interview_id is not None
        of = queries.interview(session, sent.interview_id, actor=suzuki)
        assert of.channel is Channel.FAX
        assert of.received_at is not None


def page_of(whole: str) -> str:
    return f"{whole}/receivers"


def read(data: bytes, folder: Path) -> tuple[str, int]:
    file = folder / "paper.pdf"
    file.write_bytes(data)
    said = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, check=True)
    told = subprocess.run(["pdfinfo", file], capture_output=True, check=True).stdout.decode()
    return said.stdout.decode(), int(told.split("Pages:")[1].split()[0])


@pytest.mark.proves("R30")
def test_the_form_is_two_pages_blank_and_printed(
    app: Flask, suzuki: Actor, hinata: places.Site, tmp_path: Path
) -> None:
    nurse = Visitor(app, suzuki)
    blank, pages = read(nurse.client.get(f"{PAPERS}/blank.pdf").data, tmp_path)
    assert pages == 2
    for words in ("同意1", "同意2", "同意3", "文面の版", "子育てガイド", "受付", "2 / 2"):
        assert words in blank, words
    assert "2100" not in blank, "gaps for the pen"
    of = referring.interviewed(suzuki)
    draft = referring.drafted(suzuki, of, hinata)
    printed, pages = read(nurse.client.get(f"{PAPERS}/{draft.id}.pdf").data, tmp_path)
    assert pages == 2
    assert "高橋 あかり" in printed
    assert "ひなた保育園 御中" in " ".join(printed.split())
    assert "夜に何度も" not in printed, "nobody has agreed to that yet"
    referring.agreed(suzuki, of.family_id, hinata.organisation_id)
    referring.sent(suzuki, draft.id)
    left = nurse.get(f"{PAPERS}/{draft.id}.pdf")
    assert left.location.endswith(f"/liaison/referrals/{draft.id}"), "what was sent is printed so:"
    sheet, pages = read(printed_for(nurse, draft.id).data, tmp_path)
    assert pages == 1
    for words in (
        "ひなた保育園 御中",
        "高橋 あかり",
        "090-0000-2468",
        "夜に何度も起きます",
        "お返事",
    ):
        assert words in " ".join(sheet.split()), words
    assert "血圧" not in sheet, "not agreed to"
    assert Visitor(app, support.make_center()).get(f"{PAPERS}/{draft.id}.pdf").status == 404


def printed_for(nurse: Visitor, referral_id: uuid.UUID) -> TestResponse:
    page = nurse.get(f"/liaison/referrals/{referral_id}")
    fields = {"once": page.field("once")}
    return nurse.client.post(f"{PAPERS}/{referral_id}/sheet.pdf", data=fields)


def provisions_of(nurse: Actor, referral_id: uuid.UUID) -> list[tuple[str, list[str]]]:
    with acting_as(nurse) as session:
        rows = session.scalars(
            select(Provision)
            .where(Provision.subject_id == referral_id)
            .order_by(Provision.provided_at)
        )
        return [(row.kind, row.items) for row in rows]


@pytest.mark.proves("R11", "R12", "R30")
def test_each_print_for_the_receiver_is_a_provision_and_needs_the_consent(
    app: Flask, suzuki: Actor, hinata: places.Site
) -> None:
    of = referring.interviewed(suzuki)
    draft, nurse = referring.drafted(suzuki, of, hinata), Visitor(app, suzuki)
    consents = referring.agreed(suzuki, of.family_id, hinata.organisation_id)
    early = nurse.client.post(f"{PAPERS}/{draft.id}/sheet.pdf")
    assert early.status_code == 303
    referring.sent(suzuki, draft.id)
    page = nurse.get(f"/liaison/referrals/{draft.id}")
    fields = {"once": page.field("once")}
    for _time in range(2):  # who goes back in the browser sends the very same form
        answer = nurse.client.post(f"{PAPERS}/{draft.id}/sheet.pdf", data=fields)
        assert answer.mimetype == "application/pdf"
    found = provisions_of(suzuki, draft.id)
    assert [kind for kind, _items in found] == ["referral", *["referral_on_paper"] * 2]
    assert found[1][1] == found[0][1], "the items that were agreed to"
    assert "紙・FAX" in nurse.get("/provisions/").text
    assert "紹介の紙を印刷しました" in nurse.get(f"/liaison/referrals/{draft.id}").text
    referring.withdrawn(suzuki, consents["referral_sharing"])
    late = nurse.client.post(f"{PAPERS}/{draft.id}/sheet.pdf", data=fields)
    assert late.status_code == 303
    assert len(provisions_of(suzuki, draft.id)) == 3, "nothing was passed on any more"
    assert "紹介の紙を作る" not in nurse.get(f"/liaison/referrals/{draft.id}").text
    stranger = Visitor(app, support.make_center())
    assert stranger.client.post(f"{PAPERS}/{draft.id}/sheet.pdf").status_code == 404


def test_what_a_receiver_has_refused_is_not_printed_for_it(
    app: Flask, suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    row, nurse = referring.referred(suzuki, hinata), Visitor(app, suzuki)
    fields = {"once": nurse.get(f"/liaison/referrals/{row.id}").field("once")}
    referring.moved(sato, row.id, ReferralEvent.REFUSE, "いっぱいです")
    assert nurse.client.post(f"{PAPERS}/{row.id}/sheet.pdf", data=fields).status_code == 303
    assert len(provisions_of(suzuki, row.id)) == 1

"""Consents on pages: taken down by her own hand, printed, taken back by her and for her."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from portal.consents import queries
from portal.consents.models import Consent
from portal.consents.rules import ConsentSource, SharingPurpose
from portal.db.session import acting_as, transaction
from portal.families import queries as families
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.organisations.models import Organisation
from portal.referrals import provisions
from tests.factories import support
from tests.factories.places import Site, make_site
from tests.factories.referring import interviewed
from tests.pages.visit import Page, Visitor

TODAY = clock.today(clock.now())


def rows(worker: Actor, family_id: uuid.UUID) -> list[Consent]:
    with acting_as(worker), transaction() as session:
        return list(queries.of_family(session, family_id, actor=worker))


def said(guardian_id: uuid.UUID, site: Site, **changes: object) -> dict[str, object]:
    until = TODAY + timedelta(days=90)
    return {
        "guardian": str(guardian_id),
        "receivers": [str(site.organisation_id)],
        "items": ["name_and_phone", "children", "fatigue"],
        "until-year": until.year,
        "until-month": until.month,
        "until-day": until.day,
        "told_until-year": until.year,
        "told_until-month": until.month,
        "told_until-day": until.day,
        "channels": ["phone"],
        "times": ["weekday_morning"],
        "person": "田村",
        "books": "now",
        "source": "tablet",
        "language": "ja",
        **changes,
    }


def base(family_id: uuid.UUID) -> str:
    return f"/liaison/families/{family_id}/consents"


def sign(liaison: Visitor, family_id: uuid.UUID, form: dict[str, object], **own: object) -> Page:
    handed = liaison.submit(f"{base(family_id)}/new", form)
    assert handed.status == 200
    values = {**form, "once": handed.field("once"), **own}
    return liaison.post(f"{base(family_id)}/sign", values)


@pytest.mark.proves("R11", "R13", "R14")
def test_she_reads_the_very_words_and_ticks_what_she_agrees_to(
    app: Flask, suzuki: Actor, hinata: Site
) -> None:
    family_id, guardian_id = support.met(suzuki)
    liaison, form = Visitor(app, suzuki), said(guardian_id, hinata)
    handed = liaison.submit(f"{base(family_id)}/new", form)
    assert "ひなた保育園に、次のことを伝えることに同意します" in handed.text
    assert "疲れていること" in handed.text
    assert "ひなた保育園の田村さんから" in handed.text
    assert 'value="y"' not in handed.html
    assert "checked" not in handed.html
    assert rows(suzuki, family_id) == []
    sharing = f"{SharingPurpose.SHARING}:{hinata.organisation_id}"
    told = f"{SharingPurpose.TOLD}:{hinata.organisation_id}"
    answer = sign(liaison, family_id, form, agree=[sharing, told], signed_name="高橋 あかり")
    assert answer.status == 303
    assert "返してください" in liaison.get(answer.location).text
    kept = {row.purpose: row for row in rows(suzuki, family_id)}
    assert set(kept) == {SharingPurpose.SHARING, SharingPurpose.TOLD}
    row = kept[SharingPurpose.SHARING]
    assert row.wording in handed.text
    assert row.source is ConsentSource.TABLET
    assert row.guardian_id == guardian_id


@pytest.mark.proves("R12")
def test_only_ways_that_reach_her_are_promised(app: Flask, suzuki: Actor, hinata: Site) -> None:
    family_id, guardian_id = support.met(suzuki)
    liaison, at = Visitor(app, suzuki), f"{base(family_id)}/new"
    page = liaison.get(at)
    assert "メールと手紙は、連絡先がないので選べません" in page.text
    assert 'value="letter"' not in page.html
    promised = liaison.submit(at, said(guardian_id, hinata, channels=["letter"]))
    assert promised.status == 422, "no letter can be promised without an address"
    assert rows(suzuki, family_id) == []


@pytest.mark.parametrize(
    ("own", "sentence"),
    [
        ({"agree": [], "signed_name": "高橋 あかり"}, "同意するか、しないかをえらんでください"),
        ({"agree": ["x"], "signed_name": ""}, "お名前を入れてください"),
    ],
)
def test_without_tick_or_name_nothing_is_kept(
    app: Flask, suzuki: Actor, hinata: Site, own: dict[str, object], sentence: str
) -> None:
    family_id, guardian_id = support.met(suzuki)
    answer = sign(Visitor(app, suzuki), family_id, said(guardian_id, hinata), **own)
    assert answer.status in {409, 422}
    assert sentence in answer.text
    assert "ひなた保育園に、次のことを" in answer.text
    assert rows(suzuki, family_id) == []


def test_the_page_she_holds_speaks_her_language(app: Flask, suzuki: Actor, hinata: Site) -> None:
    family_id, guardian_id = support.met(suzuki)
    form = said(guardian_id, hinata, language="en")
    handed = Visitor(app, suzuki).submit(f"{base(family_id)}/new", form)
    assert '<html lang="en">' in handed.html
    assert "同意します" not in handed.text


def test_the_words_with_readings_are_kept_without_them(
    app: Flask, suzuki: Actor, hinata: Site
) -> None:
    family_id, guardian_id = support.met(suzuki)
    form = said(guardian_id, hinata, language="ja_easy")
    agreed = f"{SharingPurpose.SHARING}:{hinata.organisation_id}"
    answer = sign(Visitor(app, suzuki), family_id, form, agree=[agreed], signed_name="高橋 あかり")
    assert answer.status == 303
    [row] = rows(suzuki, family_id)
    assert "次のことを伝えることに同意します" in row.wording
    assert "<" not in row.wording
    assert "《" not in row.wording


def test_a_paper_is_written_down_with_its_date_and_number(
    app: Flask, suzuki: Actor, hinata: Site
) -> None:
    family_id, guardian_id = support.met(suzuki)
    liaison = Visitor(app, suzuki)
    form = said(guardian_id, hinata, source="paper_form")
    refused = liaison.submit(f"{base(family_id)}/new", form)
    assert refused.status == 409
    assert "書類に書かれた日付を入れてください" in refused.text
    assert "書類の番号か、しまった場所を入れてください" in refused.text
    dated = {f"source_on-{part}": getattr(TODAY, part) for part in ("year", "month", "day")}
    answer = liaison.submit(f"{base(family_id)}/new", {**form, **dated, "reference": "K-12"})
    assert answer.status == 303
    page = liaison.get(answer.location)
    assert "K-12" in page.text
    receipt = liaison.client.get(f"{base(family_id)}/{rows(suzuki, family_id)[0].id}.pdf")
    assert receipt.data.startswith(b"%PDF")
    assert "no-store" in receipt.headers["Cache-Control"]


@pytest.mark.proves("R11")
def test_staff_write_a_withdrawal_down_once_asked_how(
    app: Flask, suzuki: Actor, hinata: Site
) -> None:
    family_id, _ = support.met(suzuki)
    row, _told = support.agreed(suzuki, family_id, hinata.organisation_id)
    liaison = Visitor(app, suzuki)
    url = f"{base(family_id)}/{row.id}/withdraw"
    unsure = liaison.submit(url, {"channel": "phone"}, form_page=f"{base(family_id)}/")
    assert unsure.status == 422
    done = liaison.submit(url, {"channel": "phone", "sure": "y"}, form_page=f"{base(family_id)}/")
    assert done.status == 303
    ended = {each.id: each for each in rows(suzuki, family_id)}[row.id]
    assert ended.withdrawn_at is not None
    assert ended.withdrawn_channel == "phone"


@pytest.mark.proves("R11", "P12")
def test_the_family_sees_words_and_provisions_and_takes_one_back_in_one_tap(
    app: Flask, suzuki: Actor, hinata: Site
) -> None:
    family_id, guardian_id = support.met(suzuki)
    mother_herself = support.lets_in(suzuki, family_id, guardian_id)
    row, _told = support.agreed(suzuki, family_id, hinata.organisation_id)
    with acting_as(suzuki), transaction() as session:
        provisions.provide(
            session,
            family_id=family_id,
            receiver_id=hinata.organisation_id,
            kind="referral",
            subject_id=uuid.uuid4(),
            items=["children"],
            consent_id=row.id,
            actor=suzuki,
            now=clock.now(),
        )
    mother = Visitor(app, mother_herself)
    page = mother.get("/my/support/")
    assert row.wording in page.text
    assert "みほん市 から ひなた保育園" in page.text
    assert "相手はすぐに、伝えたことを見られなくなります" in page.text
    assert mother.client.get("/my/support/told.pdf").data.startswith(b"%PDF")
    done = mother.submit(f"/my/support/consents/{row.id}/withdraw", {}, form_page="/my/support/")
    assert done.status == 303
    assert {each.id: each for each in rows(suzuki, family_id)}[
        row.id
    ].withdrawn_by == mother_herself.user_id
    again = mother.submit(f"/my/support/consents/{row.id}/withdraw", {}, form_page="/my/data/")
    assert again.status == 409


@pytest.mark.proves("R12", "R22")
def test_she_reads_the_name_of_the_nursery_that_she_was_told(app: Flask, suzuki: Actor) -> None:
    sun = make_site("ひまわり園")
    of = interviewed(suzuki)
    with acting_as(suzuki), transaction() as session:
        guardian = families.guardians(session, of.family_id, actor=suzuki)[0]
        body = session.get_one(Organisation, sun.organisation_id).name
    mother = Visitor(app, support.lets_in(suzuki, of.family_id, guardian.id))
    given = support.wish(suzuki, sun.organisation_id)
    support.signed(suzuki, of.family_id, replace(given, wording="ひまわり園に伝えます。"))
    page = mother.get("/my/support/").text
    assert f"ひまわり園（{body}）" in page
    other = make_site("つき園")
    support.signed(suzuki, of.family_id, support.wish(suzuki, other.organisation_id))
    assert "つき園（" not in mother.get("/my/support/").text, "words that name no nursery"

"""Referrals by API and file on consents that the portal's own screen has taken down already."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from portal.api.schemas import ReferralIn
from portal.consents.models import Consent
from portal.consents.rules import SharingPurpose
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.referrals.files import Became, FileResult, take_file
from portal.referrals.models import Referral
from portal.referrals.outside import take_in
from portal.referrals.rules import Item, ReferralSource
from portal.referrals.sheet import NotTaken
from tests.factories import outside, places, referring
from tests.factories.people import make_liaison
from tests.factories.referral_files import file_of, row

NOW = clock.now()
TODAY = clock.today(NOW)
ITEMS = (Item.NAME_AND_PHONE, Item.CHILDREN, Item.FATIGUE)


@dataclass(frozen=True)
class Kept:
    """The records of a family that agreed on the tablet."""

    family_id: uuid.UUID
    sharing: Consent
    told: Consent


@pytest.fixture
def kept(suzuki: Actor, hinata: places.Site) -> Kept:
    return agreed_on_tablet(suzuki, hinata)


def agreed_on_tablet(nurse: Actor, site: places.Site) -> Kept:
    of = referring.interviewed(nurse)
    ids = referring.agreed(nurse, of.family_id, site.organisation_id, items=ITEMS)
    with acting_as(nurse), transaction() as session:
        sharing, told = (
            session.scalars(select(Consent).where(Consent.id == ids[purpose.value])).one()
            for purpose in (SharingPurpose.SHARING, SharingPurpose.TOLD)
        )
        assert sharing.number != told.number
    return Kept(of.family_id, sharing, told)


def sent(kept: Kept, site: places.Site, **changes: Any) -> dict[str, Any]:
    whole = outside.content(site)
    due = (TODAY + timedelta(days=40)).isoformat()
    whole["children"] = [whole["children"][0], {"due_on": due}]
    common = {"agreed_on": TODAY.isoformat(), "wording_version": "test", "source": "tablet"}
    whole["consents"] = {
        "sharing": {
            **common,
            "reference": str(kept.sharing.number),
            "items": [item.value for item in ITEMS],
            "until_on": (TODAY + timedelta(days=180)).isoformat(),
            **changes,
        },
        "told": {
            **common,
            "reference": str(kept.told.number),
            "channels": ["phone"],
            "times": ["weekday_morning"],
            "until_on": (TODAY + timedelta(days=5)).isoformat(),
        },
    }
    return whole


def taken(nurse: Actor, content: dict[str, Any]) -> Referral:
    sheet = ReferralIn.model_validate(content).sheet()
    with acting_as(nurse), transaction() as session:
        done = take_in(session, sheet, source=ReferralSource.API, actor=nurse, now=NOW)
        return done.referrals[0]


def refused(nurse: Actor, content: dict[str, Any]) -> set[tuple[str, str]]:
    with pytest.raises(NotTaken) as told:
        taken(nurse, content)
    return {(each.field, each.reason.code.value) for each in told.value.located}


@pytest.mark.proves("R11", "R13", "R30")
def test_a_program_names_the_records_by_their_numbers(
    suzuki: Actor, hinata: places.Site, kept: Kept
) -> None:
    made = taken(suzuki, sent(kept, hinata))
    assert made.family_id == kept.family_id
    assert (made.consent_id, made.told_id) == (kept.sharing.id, kept.told.id)
    with acting_as(suzuki) as session:
        rows = session.scalars(select(Consent).where(Consent.family_id == kept.family_id)).all()
    assert len(rows) == 2, "nothing is written down a second time"


@pytest.mark.proves("R11")
def test_what_is_not_the_record_that_holds_is_refused_with_its_field(
    suzuki: Actor, hinata: places.Site, midori: places.Site, kept: Kept
) -> None:
    unknown = ("consents.sharing.reference", "record_unknown")
    for number in (kept.told.number, 99999999, "-"):
        assert unknown in refused(suzuki, sent(kept, hinata, reference=str(number)))
    assert unknown in refused(suzuki, sent(kept, midori)), "agreed to for another receiver"
    other = sent(kept, hinata)
    other["guardian"]["name"] = "別の 人"
    assert unknown in refused(suzuki, other), "of another family"
    more = sent(kept, hinata, items=[*(item.value for item in ITEMS), "health"])
    assert ("consents.sharing.items", "record_differs") in refused(suzuki, more)
    longer = sent(kept, hinata, until_on=(TODAY + timedelta(days=181)).isoformat())
    assert ("consents.sharing.until_on", "record_differs") in refused(suzuki, longer)
    assert unknown in refused(make_liaison("隣の市"), sent(kept, hinata))
    referring.withdrawn(suzuki, kept.sharing.id)
    assert unknown in refused(suzuki, sent(kept, hinata)), "taken back"


@pytest.mark.proves("R11", "R30")
def test_a_file_names_them_in_one_cell(suzuki: Actor, kept: Kept) -> None:
    def result(**changes: str) -> FileResult:
        cells = {
            "保護者の名前": "高橋 あかり",
            "お子さん1の名前": "高橋 そら",
            "お子さん2の出産予定日": str(TODAY + timedelta(days=40)),
            "お子さん3の出産予定日": "",
            "同意の形": "面談の画面",
            "書類の番号": f"{kept.sharing.number}、{kept.told.number}",
            "同意2の方法": "電話",
            "文面の版": "",
        }
        with acting_as(suzuki), transaction() as session:
            return take_file(session, file_of(row(**{**cells, **changes})), actor=suzuki, now=NOW)

    [wrong] = result(書類の番号=str(kept.told.number)).rows
    assert [(each.column, each.reason.code.value) for each in wrong.remarks] == [
        ("書類の番号", "record_unknown")
    ]
    [one] = result().rows
    assert one.became is Became.NEW, one.remarks
    with acting_as(suzuki) as session:
        made = session.get_one(Referral, one.referral_id)
        assert (made.source, made.consent_id) == (ReferralSource.CSV, kept.sharing.id)

"""The words in which consents are asked: what for, to whom, until when, and what a no means.

Whoever changes a sentence raises ``VERSION``: it says which words somebody agreed to.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from portal.consents.rules import SharingPurpose
from portal.documents.i18n import gettext as _

VERSION: Final = "2026-11-2"


class ConsentPurpose(StrEnum):
    """What an application asks consent for. Other features bring purposes of their own."""

    CARE_INFORMATION = "care_information"
    EMERGENCY_CARE = "emergency_care"
    PHOTOGRAPHS = "photographs"


@dataclass(frozen=True, slots=True)
class Asked:
    """One consent as it is put to a guardian, in the language in use."""

    purpose: str
    title: str
    wording: str
    receiver: str
    until: str
    if_refused: str
    #: Without it there is no application.
    is_needed: bool = False
    version: str = VERSION


def asked(purpose: ConsentPurpose, *, facility: str, provider: str) -> Asked:
    """Return how a consent is asked.

    Args:
        facility: The name of the nursery.
        provider: The name of the body that runs it, which receives what is agreed to.
    """
    words = {
        ConsentPurpose.CARE_INFORMATION: _care_information,
        ConsentPurpose.EMERGENCY_CARE: _emergency_care,
        ConsentPurpose.PHOTOGRAPHS: _photographs,
    }
    wording, if_refused = words[purpose]()
    return Asked(
        purpose=purpose,
        title=title_of(purpose),
        wording=wording % {"facility": facility},
        receiver=receivers_of(purpose, provider),
        until=until_withdrawn(),
        if_refused=if_refused,
        is_needed=purpose is ConsentPurpose.CARE_INFORMATION,
    )


def receivers_of(purpose: str, body: str) -> str:
    """Return all who are told: the body that received the consent, and whom it passes things to."""
    if purpose == ConsentPurpose.EMERGENCY_CARE:
        return _("%(provider)s、救急隊、医療機関") % {"provider": body}
    return body


def until_withdrawn() -> str:
    """Return until when a consent without a last day holds."""
    return _("取りやめるまで。いつでも取りやめられます。")


def title_of(purpose: str) -> str:
    """Return what a stored consent is called; a general word for one of another feature."""
    words: dict[str, str] = {
        ConsentPurpose.CARE_INFORMATION: _("お子さんとご家庭のことを、園が見ること"),
        ConsentPurpose.EMERGENCY_CARE: _("急な病気やけがのとき、医療機関に伝えること"),
        ConsentPurpose.PHOTOGRAPHS: _("預かりのようすを写真にとること"),
        SharingPurpose.SHARING: _("情報を伝えること"),
        SharingPurpose.TOLD: _("連絡が来ること"),
        SharingPurpose.BOOKING: _("いま予約をすること"),
    }
    return words.get(purpose, _("そのほかの同意"))


def _care_information() -> tuple[str, str]:
    return _(
        "%(facility)sと、同じ法人の園が、申し込みの返事と預かりのために、"
        "保護者・お子さん・体のこと・お迎えの人・書類の写真を見ることに同意します。"
    ), _("同意しないと、インターネットでは申し込めません。園に電話で相談してください。")


def _emergency_care() -> tuple[str, str]:
    return _(
        "急な病気やけがで保護者に連絡がつかないとき、%(facility)sが、"
        "お子さんの体のことを救急隊と医療機関に伝えることに同意します。"
    ), _("同意しなくても申し込めます。そのときの連絡のしかたを、面談で相談します。")


def _photographs() -> tuple[str, str]:
    return _(
        "%(facility)sが、預かりのようすを写真にとり、保護者に見せることに同意します。"
        "園の外には出しません。"
    ), _("同意しなくても申し込めます。お子さんの写真はとりません。")

"""The words of the three records that a supporting body takes down with a family.

They are read aloud from the page that the family holds in its hands, and kept as they were read.
Whoever changes a sentence raises ``SHARING_VERSION``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from portal.consents.rules import ContactTime, SharingPurpose, ToldChannel
from portal.consents.wordings import Asked, title_of
from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed, sentences

SHARING_VERSION: Final = "2026-11-2"


@dataclass(frozen=True, slots=True)
class Bodies:
    """Who speaks to whom: names as people know them."""

    #: The body that asks.
    asks: str
    receiver: str
    #: Who will call there, where that is known.
    person: str | None = None


def time_label(time: str) -> str:
    """Return when a call suits, in words."""
    words: dict[str, str] = {
        ContactTime.WEEKDAY_MORNING: _("平日の午前"),
        ContactTime.WEEKDAY_AFTERNOON: _("平日の午後"),
        ContactTime.EVENING: _("平日の夕方"),
        ContactTime.SATURDAY: _("土曜日"),
    }
    return words[time]


def told_channel_label(channel: str) -> str:
    """Return by which way contact comes, in words."""
    words: dict[str, str] = {
        ToldChannel.PHONE: _("電話"),
        ToldChannel.MAIL: _("メール"),
        ToldChannel.LETTER: _("手紙"),
    }
    return words[channel]


def ask_sharing(bodies: Bodies, items: Sequence[str], until_on: date, today: date) -> Asked:
    """Return how it is asked whether ``items`` (in words) may be passed on."""
    return Asked(
        purpose=SharingPurpose.SHARING,
        title=title_of(SharingPurpose.SHARING),
        wording=_(
            "%(asks)sが、%(receiver)sに、次のことを伝えることに同意します。%(items)s。"
            "伝えるのは、一時預かりを使いやすくするためです。"
        )
        % {"asks": bodies.asks, "receiver": bodies.receiver, "items": listed(list(items))},
        receiver=bodies.receiver,
        until=_until(until_on, today),
        if_refused=_("同意しなくても、面談や手当に変わりはありません。ご自分で申し込めます。"),
        version=SHARING_VERSION,
    )


def ask_report(bodies: Bodies, items: Sequence[str], until_on: date, today: date) -> Asked:
    """Return how it is asked whether nurseries may tell a supporting body something later."""
    return Asked(
        purpose=SharingPurpose.SHARING,
        title=title_of(SharingPurpose.SHARING),
        wording=_(
            "預かる園が、%(receiver)sに、次のことを伝えることに同意します。%(items)s。"
            "伝えるのは、ご家庭の手伝いをつづけるためです。"
        )
        % {"receiver": bodies.receiver, "items": listed(list(items))},
        receiver=bodies.receiver,
        until=_until(until_on, today),
        if_refused=_("同意しなくても、園を使えます。"),
        version=SHARING_VERSION,
    )


def ask_told(
    bodies: Bodies,
    times: Sequence[str],
    channels: Sequence[str],
    until_on: date,
    today: date,
) -> Asked:
    """Return how a family is told that contact will come; times and channels as codes."""
    values = {
        "receiver": bodies.receiver,
        "person": bodies.person or "",
        "until": jdate(until_on, today),
        "ways": listed([told_channel_label(each) for each in channels]),
    }
    if bodies.person:
        said = _(
            "%(receiver)sの%(person)sさんから、%(until)sまでに、%(ways)sで連絡があります。"
            "見学や手続きの相談のための連絡です。"
        )
    else:
        said = _(
            "%(receiver)sから、%(until)sまでに、%(ways)sで連絡があります。"
            "見学や手続きの相談のための連絡です。"
        )
    lines = [said % values]
    if times:
        lines.append(
            _("都合のよい時間は、%(times)sです。")
            % {"times": listed([time_label(each) for each in times])}
        )
    return Asked(
        purpose=SharingPurpose.TOLD,
        title=title_of(SharingPurpose.TOLD),
        wording=sentences(*lines),
        receiver=bodies.receiver,
        until=_until(until_on, today),
        if_refused=_("連絡がいらないときは、園に情報を伝えません。"),
        version=SHARING_VERSION,
    )


def ask_booking(bodies: Bodies, until_on: date, today: date) -> Asked:
    """Return how it is asked whether a place may be booked here and now."""
    return Asked(
        purpose=SharingPurpose.BOOKING,
        title=title_of(SharingPurpose.BOOKING),
        wording=_(
            "%(asks)sが、わたしといっしょに、%(receiver)sの一時預かりを予約することに同意します。"
            "予約はいつでも取り消せます。"
        )
        % {"asks": bodies.asks, "receiver": bodies.receiver},
        receiver=bodies.receiver,
        until=_until(until_on, today),
        if_refused=_("いま予約しなくても、あとで自分で予約できます。"),
        version=SHARING_VERSION,
    )


def follows(purpose: str) -> str:
    """Return what comes of it when this is taken back, before the family decides."""
    words: dict[str, str] = {
        SharingPurpose.SHARING: _(
            "取りやめると、相手はすぐに、伝えたことを見られなくなります。"
            "相手からの連絡も止まります。予約は消えません。"
        ),
        SharingPurpose.TOLD: _(
            "取りやめると、相手からの誘いの連絡は止まります。予約は消えません。"
        ),
        SharingPurpose.BOOKING: _(
            "取りやめると、面談した人は、かわりに予約できなくなります。"
            "もう取った予約は残ります。取り消すときは、予約の一覧からできます。"
        ),
    }
    return words[purpose]


def _until(until_on: date, today: date) -> str:
    return _("%(day)sまで。いつでも取りやめられます。") % {"day": jdate(until_on, today)}

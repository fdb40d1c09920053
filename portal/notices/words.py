"""The words of a notice: what is proposed to staff, and what families read about the days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portal.documents.dates import jdate
from portal.documents.i18n import SOURCE_LANGUAGE, is_source, use_language
from portal.documents.i18n import gettext as _
from portal.kernel.clock import today as day_of
from portal.kernel.spans import cell_label
from portal.notices.models import Notice
from portal.notices.rules import Cause, NoticeKind, NoticeWish


def kind_words(kind: NoticeKind) -> str:
    """Return what a notice is called in its subject."""
    return {
        NoticeKind.CLOSURE: _("臨時休園のお知らせ"),
        NoticeKind.ANNOUNCEMENT: _("園からのお知らせ"),
        NoticeKind.CORRECTION: _("お知らせの訂正"),
        NoticeKind.REOPENING: _("予定どおり開きます"),
    }[kind]


def cause_words(cause: Cause) -> str:
    """Return a cause as staff choose it."""
    return {
        Cause.WEATHER: _("台風・大雪などの天気"),
        Cause.INFECTION: _("感染症"),
        Cause.BUILDING: _("建物・設備の都合"),
        Cause.STAFF: _("職員の都合"),
        Cause.OTHER: _("そのほか"),
    }[cause]


def closure_words(cause: Cause) -> str:
    """Return what the public calendar says of the day."""
    return {
        Cause.WEATHER: _("臨時休園（天気）"),
        Cause.INFECTION: _("臨時休園（感染症）"),
        Cause.BUILDING: _("臨時休園（設備）"),
        Cause.STAFF: _("臨時休園"),
        Cause.OTHER: _("臨時休園"),
    }[cause]


def days_words(of: Notice | NoticeWish, today: date) -> str | None:
    """Return the days and hours a notice speaks of; ``None`` where it speaks of none."""
    first, last = of.from_day, of.to_day or of.from_day
    if first is None or last is None:
        return None
    days = jdate(first, today)
    if last != first:
        days = _("%(first)s〜%(last)s") % {"first": days, "last": jdate(last, today)}
    if (of.from_cell, of.to_cell) == (0, 48):
        return days
    return _("%(days)s %(from)s〜%(to)s") % {
        "days": days,
        "from": cell_label(of.from_cell),
        "to": cell_label(of.to_cell),
    }


def proposed(wish: NoticeWish, today: date) -> tuple[str, str]:
    """Return a title and a text to begin with; staff change them as they like."""
    days = days_words(wish, today)
    if wish.kind is NoticeKind.ANNOUNCEMENT or days is None:
        return _("園からのお知らせ"), ""
    sorry, kept = _sorry(), _kept()
    because = _because()[wish.cause]
    body = "\n".join([because, sorry] if wish.cancels_bookings else [because, sorry, kept])
    return _("臨時休園のお知らせ"), body


def _because() -> dict[Cause, str]:
    return {
        Cause.WEATHER: _("天気が悪くなる見こみのため、お子さんの安全を考えて、お休みにします。"),
        Cause.INFECTION: _("園で感染症が広がっているため、お休みにします。"),
        Cause.BUILDING: _("園の建物や設備の都合で、お休みにします。"),
        Cause.STAFF: _("職員がそろわないため、お休みにします。"),
        Cause.OTHER: _("園の都合で、お休みにします。"),
    }


def _sorry() -> str:
    return _("急なお知らせで、ごめんなさい。")


def _kept() -> str:
    return _("予約のことは、園から電話で相談します。")


def proposed_reopening(of: Notice, today: date) -> tuple[str, str]:
    """Return words to begin with for a notice that all is as it was planned."""
    days = days_words(of, today) or ""
    body = _open_then(days)
    if of.cancels_bookings:
        body = f"{body}\n{_not_back()}"
    return _("予定どおり開きます"), body


def _open_then(days: str) -> str:
    return _("%(days)s は、お休みにせずに開きます。") % {"days": days}


def _not_back() -> str:
    return _("取り消した予約は、もとにもどりません。使いたいときは、もう一度予約してください。")


@dataclass(frozen=True, slots=True)
class Line:
    """A line that staff sent. ``is_own``: in their own words, so in Japanese for every reader."""

    words: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class Said:
    """A notice's title and text for its reader: proposed words in her language, others as typed."""

    title: Line
    lines: tuple[Line, ...]

    @property
    def needs_japanese(self) -> bool:
        """Whether the reader gets words as staff typed them although she chose another language."""
        return not is_source() and any(line.is_own for line in (self.title, *self.lines))


def said(of: Notice | NoticeWish, today: date) -> Said:
    """Return what a notice says, in the language in use."""
    sent_on = day_of(of.sent_at) if isinstance(of, Notice) else today
    with use_language(SOURCE_LANGUAGE):
        proposed_words = _proposed_words(of, sent_on)
    ready = dict(zip(proposed_words, _proposed_words(of, today), strict=True))
    return Said(
        _line(of.title, ready), tuple(_line(line.strip(), ready) for line in of.body.splitlines())
    )


def _proposed_words(of: Notice | NoticeWish, today: date) -> list[str]:
    """Return every line that is proposed for such a notice, always in the same order."""
    return [
        *map(kind_words, NoticeKind),
        *_because().values(),
        _sorry(),
        _kept(),
        _open_then(days_words(of, today) or ""),
        _not_back(),
    ]


def _line(words: str, ready: dict[str, str]) -> Line:
    return Line(ready.get(words, words), is_own=bool(words) and words not in ready)

"""Kind G7 in words, and deadlines, which G11 has too: from when, and until when."""

from __future__ import annotations

from collections.abc import Iterator

from portal.documents.dates import jduration
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed, sentences
from portal.policies.allocation import ALLOCATION_WORDS
from portal.policies.channels import CHANNEL_WORDS
from portal.policies.deadlines import DAY_OF_WEEK_WORDS, Deadline
from portal.policies.openings import Opening
from portal.policies.rule import Counting
from portal.policies.window import BookingWindowRule, LateRelease, WindowPhase
from portal.rulebooks.fact import Fact
from portal.rulebooks.words_openings import (
    clock,
    day_of_month_words,
    month_before,
    moved,
    opening_words,
    week_before,
    week_starts_words,
)


def window_facts(rule: BookingWindowRule) -> list[Fact]:
    """Return everything the rule says: the window, its phases, what opens later."""
    found = [Fact(_("予約できる期間"), window_words(rule))]
    if rule.late_release:
        said = [_late(release) for release in rule.late_release]
        found.append(Fact(_("あとから受ける予約"), listed(said, "。")))
    return found


def window_words(rule: BookingWindowRule) -> str:
    """Return from when until when care can be booked, as one line."""
    notice = []
    if rule.notice_minutes:
        before = jduration(rule.notice_minutes)
        notice.append(_("はじまりの%(notice)s前まで") % {"notice": before})
    if rule.phases:
        said = [_("%(said)s。") % {"said": phase} for phase in map(_phase, rule.phases)]
        if notice:
            said.append(_("どの回も、%(said)sです。") % {"said": notice[0]})
        return sentences(*said).removesuffix("。")
    own = [*_from_until(rule.opens, rule.closes), *notice]
    if rule.closes is not None and rule.notice_minutes:
        before = _("予約の始まりの%(length)s前") % {"length": jduration(rule.notice_minutes)}
        both = _("と").join((deadline_words(rule.closes), before))
        earlier = _("%(limits)sの早いほう") % {"limits": both}
        is_later = rule.closes.days == 0 and rule.closes.at in {"24:00", "23:59"}
        until = notice if is_later else [_("%(limit)sまで") % {"limit": earlier}]
        own = [*_from_until(rule.opens, None), *until]
    return _with_first_day(listed(own) or _("いつでも"), rule.closes)


def deadline_words(limit: Deadline) -> str:
    """Return a day and a time as ``利用の前の日 17:00``; "until" is for the caller to say.

    What holds for the first day of a week stands in ``first_day_words``.
    """
    day = _day_of(limit)
    if limit.at not in {"24:00", "23:59"}:
        day = _("%(day)s %(at)s") % {"day": day, "at": clock(limit.at)}
    if limit.days is not None and limit.counting is not Counting.CALENDAR:
        if not limit.days:
            return day
        if limit.counting is Counting.OPEN:
            return _("%(day)s（休みの日は数えません）") % {"day": day}
        return _("%(day)s（土日と祝日は数えません）") % {"day": day}
    return _("%(day)s%(moved)s") % {"day": day, "moved": moved(limit.shift, limit.shift_to)}


def first_day_words(limit: Deadline) -> str:
    """Return what holds instead for the first open day of a week; nothing where nothing does."""
    if limit.first_of_week is None:
        return ""
    said = _("週（%(week)s）のはじめの開所日の利用は、%(limit)sまで")
    return said % {
        "week": week_starts_words(limit.week_starts),
        "limit": deadline_words(limit.first_of_week),
    }


def _day_of(limit: Deadline) -> str:
    if limit.day_of_month is not None:
        months = 1 if limit.months_before is None else limit.months_before
        values = {
            "month": month_before(months),
            "day": day_of_month_words(limit.day_of_month),
        }
        if not months:
            return _("利用する月の%(day)s") % values
        return _("利用する月の%(month)sの%(day)s") % values
    if limit.weekday is not None:
        weeks = 1 if limit.weeks_before is None else limit.weeks_before
        named = {
            "week": week_before(weeks),
            "day": _(DAY_OF_WEEK_WORDS[limit.weekday]),
            "of": week_starts_words(limit.week_starts),
        }
        if not weeks:
            return _("利用する週（%(of)s）の%(day)s") % named
        return _("利用する週（%(of)s）の%(week)sの%(day)s") % named
    return {0: _("利用の日"), 1: _("利用の前の日")}.get(
        limit.days or 0, _("利用の%(days)s日前") % {"days": limit.days}
    )


def _from_until(opens: Opening | None, closes: Deadline | None) -> Iterator[str]:
    if opens is not None:
        yield opening_words(opens)
    if closes is not None:
        yield _("%(limit)sまで") % {"limit": deadline_words(closes)}


def _with_first_day(said: str, closes: Deadline | None) -> str:
    also = first_day_words(closes) if closes is not None else ""
    return _("%(said)s。%(more)s") % {"said": said, "more": also} if also else said


def _phase(phase: WindowPhase) -> str:
    when = listed(list(_from_until(phase.opens, phase.closes))) or _("いつでも")
    parts = [_("「%(name)s」は、%(when)s") % {"name": phase.name, "when": when}]
    if phase.closes is not None and (also := first_day_words(phase.closes)):
        parts.append(also)
    if phase.allocation is not None:
        parts.append(_("この回は、%(how)s") % {"how": _(ALLOCATION_WORDS[phase.allocation])})
    if phase.channels:
        ways = listed([_(CHANNEL_WORDS[channel]) for channel in phase.channels], "・")
        parts.append(_("この回を受けるのは、%(ways)sです") % {"ways": ways})
    said = parts[0]
    for more in parts[1:]:
        said = _("%(said)s。%(more)s") % {"said": said, "more": more}
    return said


def _late(release: LateRelease) -> str:
    values = {"count": release.places, "when": opening_words(release.opens), "name": release.name}
    if release.name:
        return _("%(name)s：%(count)s人分は、%(when)s") % values
    return _("%(count)s人分は、%(when)s") % values

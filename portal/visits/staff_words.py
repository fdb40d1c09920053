"""Words about visits that staff alone read."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.visits.rules import Outcome, Until


def until_words(until: Until) -> str:
    """Return until when something may be done, as staff choose it."""
    return {
        Until.START: _("始まるまで"),
        Until.HOUR: _("1時間前まで"),
        Until.DAY_BEFORE: _("前の日の17時まで"),
        Until.TWO_DAYS: _("2日前の17時まで"),
        Until.WEEK: _("1週間前の17時まで"),
    }[until]


def outcome_words(outcome: Outcome) -> str:
    """Return what staff say after a visit."""
    return {
        Outcome.NEXT: _("次に進む"),
        Outcome.REPEAT: _("もう一度来てもらう"),
        Outcome.NOT_YET: _("まだ先にする"),
    }[outcome]

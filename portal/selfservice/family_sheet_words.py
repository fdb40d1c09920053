"""What a family's sheet says of a place: where it lies, when it is open, what comes before."""

from __future__ import annotations

from collections.abc import Sequence

from portal.documents.dates import weekday, written_span
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.documents.wording.step_names import step_name
from portal.kernel.spans import Span, cell_label, cell_time, span_on
from portal.policies.looking import DayRules
from portal.policies.steps import Demand
from portal.slots.published import Place

#: Half-hour cells of the usual morning: 9:00 to 12:00.
_MORNING = (18, 24)
_WEEKDAYS = "月火水木金土日"


def far_words(direction: int) -> str:
    """Return a distance in one of eight directions from the north on, with ``%(km)s`` in it."""
    return (
        _("北へ まっすぐ 約%(km)sキロ"),
        _("北東へ まっすぐ 約%(km)sキロ"),
        _("東へ まっすぐ 約%(km)sキロ"),
        _("南東へ まっすぐ 約%(km)sキロ"),
        _("南へ まっすぐ 約%(km)sキロ"),
        _("南西へ まっすぐ 約%(km)sキロ"),
        _("西へ まっすぐ 約%(km)sキロ"),
        _("北西へ まっすぐ 約%(km)sキロ"),
    )[direction]


def steps_before(place: Place) -> tuple[str, ...]:
    """Return what comes before the first stay, in order, without what only some are asked for."""
    registration, rule = place.document.registration, place.document.steps
    found = [_("事前登録")] if registration and registration.required else []
    for step in rule.steps if rule else ():
        if step.demand is Demand.REQUIRED:
            found.append(step_name(step.kind.value))
        elif step.demand is Demand.RECOMMENDED:
            found.append(_("%(step)s（おすすめ）") % {"step": step_name(step.kind.value)})
    return (*found, _("予約"))


def usual_morning(rules: DayRules, hours: dict[int, tuple[int, int]]) -> Span | None:
    """Return the stay nearest to 9:00-12:00 that the rules of a day and the hours allow."""
    usual = next(iter(hours.values()), (0, 48))
    opens, closes = hours.get(rules.day.weekday(), usual)
    allowed = [
        (start, end)
        for start, ends in enumerate(rules.stays)
        for end in ends
        if opens <= start and end <= closes
    ]
    if not allowed:
        return None
    start, end = min(allowed, key=lambda s: (abs(s[0] - _MORNING[0]) + abs(s[1] - _MORNING[1]), s))
    return span_on(rules.day, cell_time(start), cell_time(end))


def hours_words(hours: dict[int, tuple[int, int]]) -> str:
    """Return the week in words: runs of days with the same hours."""
    runs: list[tuple[list[int], tuple[int, int]]] = []
    for day, span in sorted(hours.items()):
        if runs and runs[-1][1] == span and runs[-1][0][-1] == day - 1:
            runs[-1][0].append(day)
        else:
            runs.append(([day], span))
    return listed(
        [
            f"{_days_words(days)} {written_span(cell_label(start), cell_label(end))}"
            for days, (start, end) in runs
        ]
    )


def _days_words(days: Sequence[int]) -> str:
    first, last = weekday(_WEEKDAYS[days[0]]), weekday(_WEEKDAYS[days[-1]])
    if len(days) == 1:
        return first
    return written_span(first, last)

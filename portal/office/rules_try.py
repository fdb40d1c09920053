"""Trying rules out: an invented family's wish, decided as the portal would decide it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session
from wtforms import BooleanField, SelectField
from wtforms.fields import SelectChoice

from portal.bookings.rules import PURPOSE_LABELS, UsePurpose
from portal.bookings.words import fee_groups
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import help_for, sentence
from portal.families.record_rules import ask_again
from portal.kernel.clock import at, today
from portal.kernel.spans import Span, cell_time, span_on
from portal.office.rules_late import late_words
from portal.policies.calendar import FacilityCalendar
from portal.policies.cancelling import late_steps
from portal.policies.case import Case
from portal.policies.decide import Decision, decide
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.standing import NOTHING_DONE, StepKind, StepStanding, TrialStanding
from portal.policies.steps import MOST_PARTS
from portal.slots.opening import facility_calendar
from portal.web.fields import DateParts, TimeCell
from portal.web.forms import PortalForm

_ELDER, _YOUNGER = uuid.UUID(int=1), uuid.UUID(int=2)


class TryForm(PortalForm):
    """A wish to try: who, when, asked on which day."""

    try_born = DateParts("お子さんの生まれた日")
    try_sibling = DateParts("きょうだいの生まれた日")
    try_day = DateParts("使う日")
    try_from = TimeCell("何時から", first=12, last=46)
    try_to = TimeCell("何時まで", first=13)
    try_asked = DateParts("予約する日")
    try_asked_at = TimeCell("予約する時刻")
    try_registered = BooleanField("事前登録がすんでいる")
    try_steps = BooleanField("利用の前の段階がすんでいる")
    try_confirmed = DateParts("体のことを最後に確認した日")
    try_purpose = SelectField(
        "利用の理由",
        choices=[SelectChoice(each.value, words) for each, words in PURPOSE_LABELS.items()],
        validate_choice=False,
    )
    try_trial = SelectField(
        "預かり",
        choices=[
            SelectChoice("", "ふだんの預かり"),
            *(SelectChoice(str(n), f"ならし預かり {n}回目") for n in range(1, MOST_PARTS + 1)),
        ],
        default="",
        validate_choice=False,
    )

    def suggest(self, now: datetime, calendar: FacilityCalendar) -> None:
        """Fill in a wish that many families have: a two-year-old, next week, three hours."""
        day = today(now)
        next_week = day + timedelta(days=7)
        care_day = next_week if calendar.is_open(next_week) else calendar.next_open_day(next_week)
        self.try_born.process_data(day.replace(year=day.year - 2, day=1))
        self.try_day.process_data(care_day or next_week)
        self.try_from.data, self.try_to.data = 18, 24
        self.try_asked.process_data(day)
        self.try_asked_at.data = 20
        self.try_confirmed.process_data(day)
        self.try_registered.data = self.try_steps.data = True
        self.try_purpose.data, self.try_trial.data = UsePurpose.RESPITE.value, ""

    def purpose(self) -> str | None:
        """Return the reason of use that is tried, if any is."""
        return self.try_purpose.data or None

    def trial_part(self) -> int | None:
        """Return the part of trial care that is tried; None for a usual stay."""
        written = self.try_trial.data or ""
        return int(written) if written in {str(n) for n in range(1, MOST_PARTS + 1)} else None

    def wish(self) -> tuple[tuple[date, ...], Span, datetime] | None:
        """Return birthdays, span and moment of asking; ``None`` with a problem at its field."""
        needed = (self.try_born, self.try_day, self.try_from, self.try_to, self.try_asked)
        for field in needed:
            if field.data is None and not field.errors:
                field.errors = [
                    _("ためす：%(label)sを入れてください") % {"label": field.label.text}
                ]
        if any(field.errors for field in self):
            return None
        day, first, last = self.try_day.data, self.try_from.data, self.try_to.data
        asked_on = self.try_asked.data
        if day is None or first is None or last is None or asked_on is None:
            return None
        if last <= first:
            self.try_to.errors = [_("ためす：終わりの時刻を、始まりより後にしてください")]
            return None
        born = (self.try_born.data, self.try_sibling.data)
        asked_at = at(asked_on, cell_time((self.try_asked_at.data or 0) % 48))
        span = span_on(day, cell_time(first), cell_time(last))
        return tuple(one for one in born if one), span, asked_at


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it, in words."""

    reasons: Sequence[str]
    fee_groups: Sequence[dict[str, Any]]
    decision: Decision
    is_unset: bool
    #: Whether the family is asked about its child's body before it books.
    record_words: str
    #: What each step of a late cancelling costs.
    late_words: str


def try_out(
    session: Session,
    facility_id: uuid.UUID,
    document: RulesDocument,
    wish: tuple[tuple[date, ...], Span, datetime],
    *,
    is_registered: bool,
    is_past_steps: bool = True,
    purpose: str | None = None,
    trial_part: int | None = None,
    confirmed_on: date | None = None,
) -> Tried:
    """Decide a wish by rules that need not be in force, with the facility's own open days.

    Args:
        is_past_steps: Every step before the one that is tried is done.
        trial_part: The part of trial care that is tried, for the elder child alone.
        confirmed_on: When the family last said that what is known of its child's body holds.
    """
    births, span, asked_at = wish
    year = timedelta(days=366)
    again = ask_again(confirmed_on, document.record, on=today(asked_at))
    children = tuple(
        ChildFacts(
            child_id,
            born_on,
            registered_until=span.day + year if is_registered else None,
            registered_from=span.day - year if is_registered else None,
            has_application=is_registered,
            family_agreed=is_registered,
            facility_agreed=is_registered,
            steps=_standing(document, is_past_steps=is_past_steps, trial_part=trial_part),
            trial=TrialStanding(next_part=trial_part or 1),
            record_holds=not (again and document.record.is_required),
        )
        for child_id, born_on in zip((_ELDER, _YOUNGER), births, strict=False)
    )
    if trial_part is not None:
        children = children[:1]
    case = Case(
        document=document,
        calendar=facility_calendar(session, facility_id, span.day),
        children=children,
        span=span,
        received_at=asked_at,
        purpose=purpose,
        trial_part=trial_part,
    )
    decision = decide(case, now=asked_at)
    names = {_ELDER: _("お子さん"), _YOUNGER: _("きょうだい")}
    said = []
    for reason in decision.reasons:
        child = names.get(reason.child_id) if reason.child_id else None
        way_out = help_for(reason, child=child, today=today(asked_at))
        words = sentence(reason, child=child, today=today(asked_at))
        said.append(f"{words}。{way_out.text}" if way_out else f"{words}。")
    return Tried(
        reasons=[words.replace("。。", "。") for words in said],
        fee_groups=fee_groups(decision.fee, names, minutes=span.minutes),
        decision=decision,
        is_unset=document.fee is None and not decision.fee.lines,
        late_words=late_words(late_steps(case, decision.fee, now=asked_at), today(asked_at)),
        record_words=_("予約の前にたずねます") if again else _("たずねません"),
    )


def _standing(
    document: RulesDocument, *, is_past_steps: bool, trial_part: int | None
) -> StepStanding:
    if not is_past_steps or document.steps is None:
        return NOTHING_DONE
    kinds = {step.kind for step in document.steps.steps}
    return StepStanding(done=frozenset(kinds - {StepKind.TRIAL_CARE} if trial_part else kinds))

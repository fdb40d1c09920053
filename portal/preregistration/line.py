"""Where a family stands with one child at one facility, and what comes next: in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from portal.documents.dates import day_and_time, jdate, jtime
from portal.documents.i18n import gettext as _
from portal.documents.wording.step_names import STEP_NAMES
from portal.kernel.clock import JST
from portal.policies.registration import NO_END, RegistrationRule
from portal.policies.standing import StepKind
from portal.preregistration.models import Preregistration
from portal.preregistration.renewing import season_is_open
from portal.preregistration.rules import PreregistrationState, Side, has_ended
from portal.preregistration.where import Next, NextLine


class Stage(StrEnum):
    """Where it stands; the page hangs its chip and its button on it."""

    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    ANSWER = "answer"
    STEP = "step"
    WAIT = "wait"
    WAIT_FOR_FREE = "wait_for_free"
    CONDITIONS = "conditions"
    AGREE = "agree"
    WORD = "word"
    RENEW = "renew"
    READ_BY_FACILITY = "read_by_facility"
    RENEWAL_ASKED = "renewal_asked"
    BOOK = "book"


#: Stages in which something is the family's to do.
HERS = frozenset(
    {Stage.ANSWER, Stage.CONDITIONS, Stage.AGREE, Stage.WORD, Stage.RENEW, Stage.ENDED}
)
_STEPS = frozenset({Next.STEP, Next.TRIAL, Next.TRIAL_BOOKED, Next.TRIAL_WAITS, Next.TRIAL_PAUSED})
_TO_READ = frozenset({Stage.CONDITIONS, Stage.AGREE})
_S = PreregistrationState


@dataclass(frozen=True, slots=True)
class Line:
    """The one line."""

    stage: Stage
    text: str

    @property
    def is_hers(self) -> bool:
        """Whether the next thing is the family's to do."""
        return self.stage in HERS


def line_of(
    row: Preregistration,
    rule: RegistrationRule,
    step: NextLine | None = None,
    *,
    on: date,
    from_day: date | None = None,
    booked: Mapping[StepKind, datetime] = MappingProxyType({}),
    ahead: int | None = None,
) -> Line:
    """Return where an application stands on a local day.

    Args:
        step: Where the child stands with the steps before use; ``None`` where there are none.
        from_day: The day from which the child is old enough, where it is not yet.
        booked: The visits that are booked already, by kind, each with its beginning.
        ahead: How many wait for a registration before her, where she waits for one.
    """
    stage = _stage(row, rule, step, on)
    if stage is Stage.STEP and step is not None:
        at = booked.get(step.step) if step.step else None
        return Line(stage, step_words(step) if at is None else _booked_words(step, at, on))
    if stage in _TO_READ and step is not None and step.code in _STEPS and step.step:
        return Line(stage, _words_before_step(stage, step.step))
    if stage is Stage.WAIT_FOR_FREE and ahead is not None:
        return Line(stage, free_words(ahead))
    return Line(stage, _words(stage, row, on, from_day))


def family_agrees_first(row: Preregistration, rule: RegistrationRule) -> bool:
    """Say whether the family must still say that it has read what it needs to know."""
    asks = row.has_conditions or (rule.required and rule.agreement)
    return row.state is _S.ACCEPTED and asks and row.family_agreed_at is None


def facility_agrees_first(row: Preregistration, rule: RegistrationRule) -> bool:
    """Say whether staff must still say that they have read the child's record."""
    asks = rule.required and rule.agreement
    return row.state is _S.ACCEPTED and asks and row.facility_agreed_at is None


def until_words(until: date, on: date, from_day: date | None = None) -> str:
    """Return from when and until when an accepted child may be booked."""
    values = {"day": jdate(until, on), "from_day": jdate(from_day, on) if from_day else ""}
    if until == NO_END:
        if from_day:
            return _("%(from_day)sの利用から予約できます。期限はありません。") % values
        return _("予約できます。期限はありません。")
    if from_day and from_day > until:
        return (
            _(
                "利用できる年齢になるのは %(from_day)s です。"
                "この登録は %(day)s までなので、そのあとにもう一度申し込みます。"
            )
            % values
        )
    if from_day:
        return _("%(from_day)sの利用から予約できます。%(day)sまで使えます。") % values
    return _("%(day)sまで予約できます。") % values


def free_words(ahead: int) -> str:
    """Return where a family stands among those who wait for a registration, and what comes next."""
    if ahead == 0:
        return _(
            "登録の空きを待っています。いま、次の順番です。空きが出ると、登録がすみ、知らせが届きます。"
        )
    return _(
        "登録の空きを待っています。いま、前に%(count)s組います。"
        "空きが出ると、受け付けた順に登録がすみ、知らせが届きます。"
    ) % {"count": ahead}


def step_words(step: NextLine) -> str:
    """Return which step comes next, in words."""
    values = {"step": _(STEP_NAMES[step.step.value]) if step.step else "", "part": step.part or 1}
    return {
        Next.TRIAL: _("次は、%(step)s（%(part)s回目）です。日と時間をえらべます。"),
        Next.TRIAL_BOOKED: _("%(step)s（%(part)s回目）を予約してあります。"),
        Next.TRIAL_WAITS: _("%(step)sのようすを、園が見ています。次のことは園から知らせます。"),
        Next.TRIAL_PAUSED: _("%(step)sは、少し間をおいています。次のことは園から知らせます。"),
    }.get(step.code, _("次は、%(step)sです。")) % values


def _words_before_step(stage: Stage, step: StepKind) -> str:
    """Return what is said where a step still comes between reading and booking."""
    if stage is Stage.CONDITIONS:
        said = _(
            "条件つきで承諾されました。"
            "条件を読んで「読みました」を押してください。そのあと、予約の前に「%(step)s」をします。"
        )
    else:
        said = _(
            "園の説明を読んで「読みました」を押してください。"
            "そのあと、予約の前に「%(step)s」をします。"
        )
    return said % {"step": _(STEP_NAMES[step.value])}


def _booked_words(step: NextLine, at: datetime, on: date) -> str:
    local = at.astimezone(JST)
    values = {
        "step": _(STEP_NAMES[step.step.value]) if step.step else "",
        "at": day_and_time(jdate(local.date(), on), jtime(local)),
    }
    return _("%(step)sは、%(at)s に予約してあります。") % values


def _stage(row: Preregistration, rule: RegistrationRule, step: NextLine | None, on: date) -> Stage:
    has_step = step is not None and step.code in _STEPS
    if row.state is not _S.ACCEPTED:
        if row.state is _S.APPLIED:
            return Stage.STEP if has_step else Stage.WAIT
        return {
            _S.DECLINED: Stage.DECLINED,
            _S.WITHDRAWN: Stage.WITHDRAWN,
            _S.ASKED_BACK: Stage.ANSWER,
            _S.WAITING: Stage.WORD if row.word_waits_for is Side.FAMILY else Stage.WAIT_FOR_FREE,
        }[row.state]
    if has_ended(row.state, row.accepted_until, on):
        return Stage.RENEWAL_ASKED if row.renewal_asked_at else Stage.ENDED
    may_renew = row.renewal_asked_at is None and season_is_open(row, rule, on)
    return next(
        stage
        for stage, applies in (
            (Stage.CONDITIONS, row.has_conditions and row.family_agreed_at is None),
            (Stage.AGREE, family_agrees_first(row, rule)),
            (Stage.WORD, row.word_waits_for is Side.FAMILY),
            (Stage.STEP, has_step),
            (Stage.RENEW, may_renew),
            (Stage.READ_BY_FACILITY, facility_agrees_first(row, rule)),
            (Stage.RENEWAL_ASKED, row.renewal_asked_at is not None),
            (Stage.BOOK, True),
        )
        if applies
    )


def _words(stage: Stage, row: Preregistration, on: date, from_day: date | None) -> str:
    until = row.accepted_until
    values = {
        "day": jdate(until, on) if until else "",
        "by": jdate(row.answer_by, on) if row.answer_by else "",
    }
    if stage is Stage.BOOK and until is not None:
        return until_words(until, on, from_day)
    if stage is Stage.WAIT and row.child.born_on is None:
        return _("生まれたら、お名前と生年月日を入れてください。そのあと、園が返事をします。")
    if stage is Stage.WAIT:
        return _waiting_words(row.answer_by, on) % values
    if stage is Stage.RENEWAL_ASKED and has_ended(row.state, until, on):
        return _("続けたいことを園に伝えました。園の返事を待っています。")
    if stage is Stage.RENEWAL_ASKED and row.answer_by is not None and row.answer_by >= on:
        return (
            _(
                "続けたいことを園に伝えました。%(by)s までに返事が届きます。"
                "いまの登録は %(day)s まで使えます。"
            )
            % values
        )
    return {
        Stage.DECLINED: _("今回は、お受けできませんでした。理由と、ほかの園を見られます。"),
        Stage.WITHDRAWN: _("取り下げました。使いたくなったら、もう一度申し込めます。"),
        Stage.ENDED: _("%(day)sで終わりました。もう一度申し込むと、続けて使えます。"),
        Stage.ANSWER: _("園から質問があります。答えると、園が続きを見ます。"),
        Stage.WAIT_FOR_FREE: _(
            "登録の空きを待っています。空きが出たら、受け付けた順に知らせます。"
        ),
        Stage.CONDITIONS: _(
            "条件つきで承諾されました。条件を読んで「読みました」を押すと、予約できます。"
        ),
        Stage.AGREE: _("園の説明を読んで「読みました」を押すと、予約できます。"),
        Stage.WORD: _("園からことばが届いています。読んで、返事をしてください。"),
        Stage.RENEW: _(
            "いまの登録は %(day)s までです。"
            "続けて使うときは「続けます」を押してください。園が確かめて、返事をします。"
        ),
        Stage.READ_BY_FACILITY: _("園が、お子さんのことを確かめています。すむと、予約できます。"),
        Stage.RENEWAL_ASKED: _(
            "続けたいことを園に伝えました。園の返事を待っています。"
            "いまの登録は %(day)s まで使えます。"
        ),
    }[stage] % values


def _waiting_words(answer_by: date | None, on: date) -> str:
    if answer_by is None:
        return _("園の返事を待っています。園が内容を見ています。")
    if answer_by < on:
        return _("園の返事を待っています。%(by)s までの予定でした。園に電話で聞けます。")
    return _("園の返事を待っています。%(by)s までに返事が届きます。")

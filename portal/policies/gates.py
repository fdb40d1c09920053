"""Kind G3, gates: what a child must be able to do and how it must be, as its family says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field, model_validator

from portal.kernel.age import age_in_months, fiscal_year
from portal.kernel.errors import Reason
from portal.policies.facts import ChildFacts, GateAnswer
from portal.policies.notes import BookingNote
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import Rule

#: Usual gates: code → what is so when the answer is yes. A rule may have others, with a label.
GATE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "weaned": "離乳が終わっている",
        "adult_food": "大人と同じ食事を食べられる",
        "walks_alone": "ひとりで歩ける",
        "no_food_allergy": "食物アレルギーがない",
        "not_ill": "病気でない",
        "not_recovering": "病気の回復期でない",
        "no_fever": "熱がない",
        "no_infection": "うつる病気にかかっていない",
        "no_family_infection": "家族にうつる病気の人がいない",
        "fit_for_group_care": "集団での保育ができる",
        "no_medicine": "預かりのあいだ、薬を飲む必要がない",
        "no_medical_care": "医療的ケアの必要がない",
        "vaccinated": "年齢に合った予防接種を受けている",
        "drinks_from_bottle": "哺乳びんで飲める",
    }
)


class GateMoment(StrEnum):
    """When a gate is asked about."""

    REGISTRATION = "registration"
    BOOKING = "booking"
    ARRIVAL = "arrival"


GATE_MOMENT_WORDS: Mapping[GateMoment, str] = MappingProxyType(
    {
        GateMoment.REGISTRATION: "登録のときにたずねる。返事がないと予約できない",
        GateMoment.BOOKING: "予約のときにたずねる。返事がないと予約できない",
        GateMoment.ARRIVAL: "当日の朝に確かめる。予約のときに返事はいらない",
    }
)


class GateFailure(StrEnum):
    """What happens with a child for whom the gate is shut."""

    REFUSE = "refuse"
    ASK_STAFF = "ask_staff"


GATE_FAILURE_WORDS: Mapping[GateFailure, str] = MappingProxyType(
    {
        GateFailure.REFUSE: "預からない",
        GateFailure.ASK_STAFF: "園が話を聞いてから決める",
    }
)


class GateRule(Rule):
    """One yes-or-no question about the child, and the answer that opens the gate.

    Asked of children of these ages (completed months on the day of care, half-open) and purposes
    alone, where some are given. ``valid_days=0``: the answer is given on the day itself.
    """

    code: str = Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        max_length=40,
        description="問いの呼び名（半角の小文字）。よくある問いは、labelを書かなくてよい："
        + "、".join(f"{code}（{words}）" for code, words in GATE_WORDS.items()),
        examples=["walks_alone"],
    )
    label: str = Field(
        default="",
        max_length=60,
        description="家庭が読む言い方。「はい」のときに当てはまる文で書く",
        examples=["ひとりで歩ける"],
    )
    needed: bool = Field(
        default=True,
        description="預かれる返事。trueは「はい」、falseは「いいえ」",
        examples=[False],
    )
    asked_at: GateMoment = Field(
        default=GateMoment.BOOKING, description="いつたずねるか", examples=["arrival"]
    )
    staff_confirm: bool = Field(
        default=False,
        description="trueなら、園が確かめて日付を残すまで予約できない",
        examples=[True],
    )
    on_failure: GateFailure = Field(
        default=GateFailure.REFUSE,
        description="当てはまらないとき：預からない（refuse）、園が話を聞いて決める（ask_staff）",
        examples=["ask_staff"],
    )
    valid_days: int | None = Field(
        default=None,
        ge=0,
        le=1100,
        description="返事の日から何日のあいだの利用に使えるか（0は当日の返事だけ）",
        examples=[90],
    )
    each_fiscal_year: bool = Field(
        default=False, description="trueなら、利用する年度の返事だけを使う", examples=[True]
    )
    from_months: int | None = Field(
        default=None,
        ge=0,
        le=200,
        description="利用日に満この月齢からの子にたずねる",
        examples=[12],
    )
    below_months: int | None = Field(
        default=None,
        ge=1,
        le=200,
        description="利用日に満この月齢より下の子にたずねる",
        examples=[18],
    )
    purposes: tuple[str, ...] = Field(
        default=(),
        description="この利用区分のときだけ（書かなければすべて）",
        examples=[["respite"]],
    )
    max_temperature: Decimal | None = Field(
        default=None,
        ge=35,
        le=42,
        decimal_places=1,
        description="体温の線（度）。この体温以上のとき、当てはまらない",
        examples=["37.5"],
    )

    @model_validator(mode="after")
    def _can_be_read(self) -> GateRule:
        if not self.label and self.code not in GATE_WORDS:
            raise ValueError("a gate that is not a usual one has a label")
        if (
            self.from_months is not None
            and self.below_months is not None
            and self.below_months <= self.from_months
        ):
            raise ValueError("ages end after they begin")
        return self

    @property
    def words(self) -> str:
        """The gate as families read it (Japanese), without a full stop."""
        return self.label or GATE_WORDS[self.code]

    def asks(self, child: ChildFacts, day: date, purpose: str | None) -> bool:
        """Say whether the question is asked of this child for care on ``day``."""
        if self.purposes and purpose not in self.purposes:
            return False
        if day < child.born_on:
            return False
        months = age_in_months(child.born_on, day)
        return (self.from_months is None or self.from_months <= months) and (
            self.below_months is None or months < self.below_months
        )

    def is_fresh(self, answer: GateAnswer, day: date) -> bool:
        """Say whether an answer still counts on ``day``; a late answer counts for earlier days."""
        if self.valid_days is not None and answer.on + timedelta(days=self.valid_days) < day:
            return False
        return not self.each_fiscal_year or fiscal_year(answer.on) >= fiscal_year(day)


def gate_reasons(
    gates: Iterable[GateRule], child: ChildFacts, day: date, *, purpose: str | None = None
) -> Iterator[Reason]:
    """Yield what the child's gates say against care on ``day``, one reason for each gate.

    What is looked at on the morning speaks only once it was answered on the day itself.
    """
    for gate in gates:
        if not gate.asks(child, day, purpose):
            continue
        code = _against(gate, child.gates.get(gate.code), day)
        if code is not None:
            yield Reason(code, _values(gate, code), child.child_id)


def gate_notes(
    gates: Iterable[GateRule], child: ChildFacts, day: date, *, purpose: str | None = None
) -> Iterator[Reason]:
    """Yield which gates staff will ask about, and which are looked at on the morning."""
    for gate in gates:
        if not gate.asks(child, day, purpose):
            continue
        answer = child.gates.get(gate.code)
        values = {"gate": gate.words}
        if gate.on_failure is GateFailure.ASK_STAFF and _is_shut(gate, answer, day):
            yield Reason(BookingNote.ASK_ABOUT_GATE, values, child.child_id)
        elif gate.asked_at is GateMoment.ARRIVAL and (answer is None or answer.on != day):
            yield Reason(BookingNote.GATE_AT_ARRIVAL, values, child.child_id)


def fine_answers(gates: Iterable[GateRule], on: date) -> dict[str, GateAnswer]:
    """Return the answers of a child for whom every gate is open, confirmed on a local day."""
    return {gate.code: GateAnswer(gate.needed, on, is_confirmed=True) for gate in gates}


def _values(gate: GateRule, code: BookingRefusal) -> dict[str, str | None]:
    """The question; where a yes is what shuts the gate, as what is so."""
    if code is not BookingRefusal.GATE_NOT_MET:
        return {"gate": gate.words}
    return {"gate": gate.words, "gate_so": None if gate.needed else gate.words}


def _is_shut(gate: GateRule, answer: GateAnswer | None, day: date) -> bool:
    if answer is None or answer.said is gate.needed:
        return False
    return gate.asked_at is not GateMoment.ARRIVAL or answer.on == day


def _against(gate: GateRule, answer: GateAnswer | None, day: date) -> BookingRefusal | None:
    if gate.asked_at is GateMoment.ARRIVAL:
        is_shut = _is_shut(gate, answer, day) and gate.on_failure is GateFailure.REFUSE
        return BookingRefusal.GATE_NOT_MET if is_shut else None
    if answer is None:
        return BookingRefusal.GATE_UNANSWERED
    if not gate.is_fresh(answer, day):
        return BookingRefusal.GATE_OUTDATED
    if answer.said is not gate.needed:
        is_refused = gate.on_failure is GateFailure.REFUSE
        return BookingRefusal.GATE_NOT_MET if is_refused else None
    if gate.staff_confirm and not answer.is_confirmed:
        return BookingRefusal.GATE_UNCONFIRMED
    return None

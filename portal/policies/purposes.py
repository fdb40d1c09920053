"""Kind G5, purposes: the types of use, the reasons that lead to them, and their proofs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated

from pydantic import Field, model_validator

from portal.kernel.errors import Reason
from portal.policies.facts import Paper
from portal.policies.notes import BookingNote
from portal.policies.proofs import ProofRule
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import Rule

#: Usual types of use. A rule may have others, with a label.
PURPOSE_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "irregular_work": "非定型（仕事・学校など）",
        "emergency": "緊急（通院・出産・介護など）",
        "respite": "リフレッシュ（休みたい・用事）",
        "specific": "特定保育（決まった曜日の仕事など）",
        "juror": "裁判員など",
        "other": "そのほか",
    }
)

#: The name of a type or reason: a key for variants, caps and prices.
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class ReportType(StrEnum):
    """As which of the three types of the national reports a use is counted."""

    IRREGULAR_WORK = "irregular_work"
    EMERGENCY = "emergency"
    RESPITE = "respite"


REPORT_TYPE_WORDS: Mapping[ReportType, str] = MappingProxyType(
    {
        ReportType.IRREGULAR_WORK: "非定型として数える",
        ReportType.EMERGENCY: "緊急として数える",
        ReportType.RESPITE: "リフレッシュとして数える",
    }
)
#: How usual types of use are reported; every other counts as respite.
_REPORTED: Mapping[str, ReportType] = MappingProxyType(
    {
        "irregular_work": ReportType.IRREGULAR_WORK,
        "specific": ReportType.IRREGULAR_WORK,
        "emergency": ReportType.EMERGENCY,
        "juror": ReportType.EMERGENCY,
    }
)


class Approver(StrEnum):
    """Who agrees to a use before it is confirmed."""

    NOBODY = "nobody"
    FACILITY = "facility"
    CITY = "city"


APPROVER_WORDS: Mapping[Approver, str] = MappingProxyType(
    {
        Approver.NOBODY: "だれの承認もいらない",
        Approver.FACILITY: "園が承認する",
        Approver.CITY: "市区町村が承認する",
    }
)


class PurposeType(Rule):
    """A type of use. Its caps, prices and hours go by its code."""

    code: Code = Field(
        description="利用区分の呼び名（半角の小文字）。よくある区分は、labelを書かなくてよい："
        + "、".join(f"{code}（{words}）" for code, words in PURPOSE_WORDS.items()),
        examples=["respite"],
    )
    label: str = Field(
        default="", max_length=60, description="家庭が読む言い方", examples=["リフレッシュ"]
    )
    approved_by: Approver = Field(
        default=Approver.NOBODY, description="予約を決める前に、だれが承認するか", examples=["city"]
    )
    proof: ProofRule | None = Field(
        default=None,
        description="この利用区分の書類（書かなければいらない）",
        examples=[{"demand": "needed", "kinds": ["employment_certificate"]}],
    )
    reports_as: ReportType | None = Field(
        default=None,
        description="国への報告で、どの区分に数えるか（書かなければ、"
        "irregular_work・specificは非定型、emergency・jurorは緊急、ほかはリフレッシュ）",
        examples=["emergency"],
    )
    words: str = Field(
        default="",
        max_length=200,
        description="家庭への説明",
        examples=["買い物や休みたいときに使えます。"],
    )

    @model_validator(mode="after")
    def _can_be_read(self) -> PurposeType:
        if not self.label and self.code not in PURPOSE_WORDS:
            raise ValueError("a type of use that is not a usual one has a label")
        return self

    @property
    def name(self) -> str:
        """What families read (Japanese)."""
        return self.label or PURPOSE_WORDS[self.code]


class UseReason(Rule):
    """A reason that a family can choose; it leads to its type of use."""

    code: Code = Field(description="理由の呼び名（半角の小文字）", examples=["part_time_work"])
    label: str = Field(
        min_length=1, max_length=60, description="家庭が読む言い方", examples=["パートなどの仕事"]
    )
    type: Code = Field(
        description="この理由が当たる利用区分（typesのcode）", examples=["irregular_work"]
    )
    approved_by: Approver | None = Field(
        default=None,
        description="この理由だけ、承認する人がちがうとき（書かなければ利用区分と同じ）",
        examples=["city"],
    )
    proof: ProofRule | None = Field(
        default=None,
        description="この理由の書類（書かなければ利用区分と同じ）",
        examples=[{"demand": "needed", "kinds": ["medical_certificate"]}],
    )


class PurposesRule(Rule):
    """For what families may come, and how that is shown.

    ``ask=False``: no reason is asked (理由を問わない), and whatever is said is taken. Without
    ``types`` every type of use is taken.
    """

    ask: bool = Field(
        default=True, description="理由をたずねるか。falseは「理由を問わない」", examples=[False]
    )
    types: tuple[PurposeType, ...] = Field(
        default=(),
        description="利用区分。書かなければ、どの区分でもよい",
        examples=[[{"code": "irregular_work"}, {"code": "respite"}]],
    )
    reasons: tuple[UseReason, ...] = Field(
        default=(),
        description="家庭がえらぶ理由。利用区分は理由から決まる",
        examples=[[{"code": "errand", "label": "買い物や用事", "type": "respite"}]],
    )
    reason_needed: bool = Field(
        default=False,
        description="trueなら、利用区分だけでなく、理由もえらばないと予約できない",
        examples=[True],
    )

    @model_validator(mode="after")
    def _fits_together(self) -> PurposesRule:
        codes = [kind.code for kind in self.types]
        reasons = [reason.code for reason in self.reasons]
        if len(set(codes)) != len(codes) or len(set(reasons)) != len(reasons):
            raise ValueError("each type of use and each reason stands once")
        if self.types and not {reason.type for reason in self.reasons} <= set(codes):
            raise ValueError("a reason leads to a type of use that is there")
        if not self.ask and (self.types or self.reasons or self.reason_needed):
            raise ValueError("where no reason is asked, none is listed")
        if self.reason_needed and not self.reasons:
            raise ValueError("where a reason is needed, reasons are listed")
        return self

    def type_of(self, code: str | None) -> PurposeType | None:
        """Return the type of use of that code, if it is listed."""
        return next((kind for kind in self.types if kind.code == code), None)

    def reason_of(self, code: str | None) -> UseReason | None:
        """Return the reason of that code, if it is listed."""
        if code is None:
            return None
        return next((reason for reason in self.reasons if reason.code == code), None)

    def name_of(self, code: str) -> str:
        """Return what families read for a type of use (Japanese)."""
        kind = self.type_of(code)
        return kind.name if kind else PURPOSE_WORDS.get(code, code)

    def against(self, purpose: str | None, reason: str | None) -> Iterator[Reason]:
        """Yield what is wrong with the purpose and the reason that were given; not the proofs."""
        if not self.ask:
            return
        listed = self.reason_of(reason)
        given = purpose_of(self, purpose, reason)
        names = tuple(kind.name for kind in self.types)
        if given is None:
            yield Reason(BookingRefusal.PURPOSE_MISSING, {"purposes": names})
        elif self.types and self.type_of(given) is None:
            yield Reason(BookingRefusal.PURPOSE_NOT_OFFERED, {"purposes": names})
        if listed is not None and purpose is not None and purpose != listed.type:
            values = {"purpose": self.name_of(listed.type)}
            yield Reason(BookingRefusal.REASON_OF_OTHER_PURPOSE, values)
        if reason is not None and self.reasons and listed is None:
            yield Reason(BookingRefusal.REASON_NOT_OFFERED)
        if reason is None and self.reason_needed:
            yield Reason(BookingRefusal.REASON_MISSING)

    def proof_of(self, purpose: str | None, reason: str | None) -> ProofRule | None:
        """Return which paper goes with the reason, or else with its type of use."""
        listed = self.reason_of(reason)
        if listed is not None and listed.proof is not None:
            return listed.proof
        kind = self.type_of(purpose_of(self, purpose, reason))
        return kind.proof if kind else None

    def approver_of(self, purpose: str | None, reason: str | None) -> Approver:
        """Return who agrees to a use for that reason, or else of its type."""
        listed = self.reason_of(reason)
        if listed is not None and listed.approved_by is not None:
            return listed.approved_by
        kind = self.type_of(purpose_of(self, purpose, reason))
        return kind.approved_by if kind else Approver.NOBODY


def reported_as(rule: PurposesRule | None, purpose: str | None) -> ReportType:
    """Return the type of the national reports that a type of use is counted as."""
    kind = rule.type_of(purpose) if rule else None
    if kind is not None and kind.reports_as is not None:
        return kind.reports_as
    return _REPORTED.get(purpose or "", ReportType.RESPITE)


def purpose_of(rule: PurposesRule | None, purpose: str | None, reason: str | None) -> str | None:
    """Return the type of use: that of the reason, or else the one that was given.

    Everything that goes by the type (variants, caps, prices) asks here first.
    """
    listed = rule.reason_of(reason) if rule else None
    return listed.type if listed else purpose


def purpose_reasons(
    rule: PurposesRule | None,
    purpose: str | None,
    reason: str | None,
    papers: Collection[Paper],
    day: date,
) -> Iterator[Reason]:
    """Yield what purpose, reason and the papers shown say against care on ``day``."""
    if rule is None:
        return
    yield from rule.against(purpose, reason)
    proof = rule.proof_of(purpose, reason)
    if proof is not None:
        yield from proof.reasons(papers, day)


def purpose_notes(
    rule: PurposesRule | None,
    purpose: str | None,
    reason: str | None,
    papers: Iterable[Paper],
    day: date,
) -> Iterator[Reason]:
    """Yield what to bring and who still has to agree."""
    if rule is None:
        return
    proof = rule.proof_of(purpose, reason)
    if proof is not None:
        yield from proof.notes(papers, day)
    approver = rule.approver_of(purpose, reason)
    if approver is Approver.FACILITY:
        yield Reason(BookingNote.AWAITS_FACILITY, {"answer_days": None})
    if approver is Approver.CITY:
        yield Reason(BookingNote.AWAITS_CITY)

"""Papers that prove something: which, for how long, and by when they are shown. Part of G5."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field, model_validator

from portal.kernel.age import fiscal_year, last_day_of_months
from portal.kernel.errors import Reason
from portal.policies.facts import Paper
from portal.policies.notes import BookingNote
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import Rule

#: Usual papers. A rule may name others in its own words.
PAPER_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "employment_certificate": "就労証明書",
        "school_certificate": "在学証明書・授業の時間がわかるもの",
        "training_certificate": "職業訓練などの証明",
        "medical_certificate": "診断書・受診がわかるもの",
        "mother_child_handbook": "母子健康手帳",
        "care_certificate": "介護・看護がわかるもの",
        "disability_handbook": "障害者手帳",
        "school_notice": "学校や園からのお知らせ",
        "invitation": "案内状・招待状",
        "juror_summons": "裁判員などの呼び出しの通知",
        "disaster_certificate": "り災証明書",
        "job_seeking": "求職活動がわかるもの",
        "receipt": "領収書",
        "income_certificate": "課税・非課税の証明",
        "welfare_certificate": "生活保護の受給証明",
        "residence_certificate": "住民票など住所がわかるもの",
        "written_statement": "申立書",
    }
)


class ProofDemand(StrEnum):
    """Whether a paper is asked for."""

    NONE = "none"
    MAY_BE_ASKED = "may_be_asked"
    NEEDED = "needed"


PROOF_DEMAND_WORDS: Mapping[ProofDemand, str] = MappingProxyType(
    {
        ProofDemand.NONE: "いらない",
        ProofDemand.MAY_BE_ASKED: "見せていただくことがある",
        ProofDemand.NEEDED: "いる",
    }
)


class ProofDue(StrEnum):
    """By when a needed paper is shown."""

    BOOKING = "booking"
    DAY_OF_USE = "day_of_use"
    AFTER_USE = "after_use"


PROOF_DUE_WORDS: Mapping[ProofDue, str] = MappingProxyType(
    {
        ProofDue.BOOKING: "予約の前に出す",
        ProofDue.DAY_OF_USE: "利用の日に持ってくる",
        ProofDue.AFTER_USE: "利用のあとで出す",
    }
)


class ProofValidity(StrEnum):
    """How long a paper counts, from the first day it holds."""

    PAPER = "paper"
    FISCAL_YEAR = "fiscal_year"
    MONTHS = "months"
    EACH_USE = "each_use"


PROOF_VALIDITY_WORDS: Mapping[ProofValidity, str] = MappingProxyType(
    {
        ProofValidity.PAPER: "書類に書いてある期限まで",
        ProofValidity.FISCAL_YEAR: "出した年度の終わり（3月31日）まで",
        ProofValidity.MONTHS: "出した日から、monthsに書いた月数のあいだ",
        ProofValidity.EACH_USE: "利用の日ごとに出す（その日だけ使える）",
    }
)


class ProofRule(Rule):
    """A paper: any one of its kinds will do."""

    demand: ProofDemand = Field(
        default=ProofDemand.NEEDED,
        description="書類：いらない（none）、見せていただくことがある（may_be_asked）、いる（needed）",
        examples=["may_be_asked"],
    )
    kinds: tuple[str, ...] = Field(
        default=(),
        description="どの書類でもよいか（どれか1つ）。呼び名か、書類の名前をそのまま書く："
        + "、".join(f"{code}（{words}）" for code, words in PAPER_WORDS.items())
        + "。書かなければ、どんな書類でもよい",
        examples=[["employment_certificate"], ["就労証明書"]],
    )
    due: ProofDue = Field(
        default=ProofDue.BOOKING, description="いつまでに出すか", examples=["day_of_use"]
    )
    validity: ProofValidity = Field(
        default=ProofValidity.PAPER,
        description="いつまで使えるか。書類の期限のほうが早ければ、そちらまで",
        examples=["fiscal_year"],
    )
    months: int | None = Field(
        default=None,
        ge=1,
        le=60,
        description="validityがmonthsのときの月数（最後の月の同じ日付の前の日まで。その日付がない月は月末まで）",
        examples=[6],
    )

    @model_validator(mode="after")
    def _months_where_months_count(self) -> ProofRule:
        if (self.validity is ProofValidity.MONTHS) != (self.months is not None):
            raise ValueError("months belong to a proof that holds for months")
        return self

    @property
    def paper(self) -> str:
        """What the papers are called (Japanese)."""
        return "」か「".join(PAPER_WORDS.get(kind, kind) for kind in self.kinds) or (
            "理由がわかる書類"
        )

    def last_day(self, paper: Paper) -> date | None:
        """Return the last day on which a paper counts, or None where it counts for ever."""
        begins, ends = paper.valid_from, paper.valid_until
        by_rule: date | None = None
        if begins is not None and self.validity is ProofValidity.FISCAL_YEAR:
            by_rule = date(fiscal_year(begins) + 1, 3, 31)
        if begins is not None and self.validity is ProofValidity.MONTHS and self.months:
            by_rule = last_day_of_months(begins, self.months)
        if begins is not None and self.validity is ProofValidity.EACH_USE:
            by_rule = begins
        known = [end for end in (by_rule, ends) if end is not None]
        return min(known, default=None)

    def reasons(self, papers: Iterable[Paper], day: date) -> Iterator[Reason]:
        """Yield that the paper is missing, or that it has ended before ``day``."""
        if self.demand is not ProofDemand.NEEDED or self.due is not ProofDue.BOOKING:
            return
        shown = self._shown(papers)
        if any(self._holds(paper, day) for paper in shown):
            return
        ended = [
            last for paper in shown if (last := self.last_day(paper)) is not None and last < day
        ]
        if ended:
            values: dict[str, object] = {"paper": self.paper, "last_on": max(ended)}
            yield Reason(BookingRefusal.PROOF_ENDED, values)
        else:
            yield Reason(BookingRefusal.PROOF_MISSING, {"paper": self.paper})

    def notes(self, papers: Iterable[Paper], day: date) -> Iterator[Reason]:
        """Yield what may be asked for, or is to be brought."""
        if any(self._holds(paper, day) for paper in self._shown(papers)):
            return
        if self.demand is ProofDemand.MAY_BE_ASKED:
            yield Reason(BookingNote.PROOF_MAY_BE_ASKED, {"paper": self.paper})
        elif self.demand is ProofDemand.NEEDED and self.due is ProofDue.DAY_OF_USE:
            yield Reason(BookingNote.PROOF_TO_BRING, {"paper": self.paper})

    def _shown(self, papers: Iterable[Paper]) -> list[Paper]:
        # A paper may be written down by its code or by its Japanese name.
        kinds = {*self.kinds, *(PAPER_WORDS.get(kind, kind) for kind in self.kinds)}
        return [paper for paper in papers if not kinds or paper.kind in kinds]

    def _holds(self, paper: Paper, day: date) -> bool:
        last = self.last_day(paper)
        has_begun = paper.valid_from is None or paper.valid_from <= day
        return has_begun and (last is None or day <= last)

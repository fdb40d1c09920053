"""Kind G28, papers: what a family gets from the facility, when and how."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field, model_validator

from portal.policies.rule import Rule


class PaperKind(StrEnum):
    """What is issued."""

    REGISTRATION_CARD = "registration_card"
    ACCEPTANCE = "acceptance"
    REFUSAL = "refusal"
    CHANGE = "change"
    CANCELLATION = "cancellation"
    BOOKING = "booking"
    RECEIPT = "receipt"
    CERTIFICATE = "certificate"
    MONTHLY_INVOICE = "monthly_invoice"
    YEARLY_STATEMENT = "yearly_statement"
    CONTACT_BOOK = "contact_book"


PAPER_KIND_WORDS: Mapping[PaperKind, str] = MappingProxyType(
    {
        PaperKind.REGISTRATION_CARD: "登録カード（登録証）",
        PaperKind.ACCEPTANCE: "利用の承諾の通知",
        PaperKind.REFUSAL: "利用をお受けできないときの通知",
        PaperKind.CHANGE: "変更の通知",
        PaperKind.CANCELLATION: "取り消しの通知",
        PaperKind.BOOKING: "予約の確認",
        PaperKind.RECEIPT: "領収書",
        PaperKind.CERTIFICATE: "提供証明書",
        PaperKind.MONTHLY_INVOICE: "1か月分の請求書",
        PaperKind.YEARLY_STATEMENT: "1年分の支払いの証明",
        PaperKind.CONTACT_BOOK: "連絡帳",
    }
)


class IssuedWhen(StrEnum):
    """When it is issued."""

    ALWAYS = "always"
    ON_REQUEST = "on_request"
    MONTHLY = "monthly"
    YEARLY = "yearly"


ISSUED_WHEN_WORDS: Mapping[IssuedWhen, str] = MappingProxyType(
    {
        IssuedWhen.ALWAYS: "そのつど渡します",
        IssuedWhen.ON_REQUEST: "ほしい方に渡します",
        IssuedWhen.MONTHLY: "月ごとに渡します",
        IssuedWhen.YEARLY: "年度ごとに渡します",
    }
)


class IssuedAs(StrEnum):
    """In which form."""

    PAPER = "paper"
    PDF = "pdf"
    MAIL = "mail"
    POST = "post"


ISSUED_AS_WORDS: Mapping[IssuedAs, str] = MappingProxyType(
    {
        IssuedAs.PAPER: "紙",
        IssuedAs.PDF: "この画面のPDF",
        IssuedAs.MAIL: "メール",
        IssuedAs.POST: "郵便",
    }
)


class IssuedPaper(Rule):
    """One paper."""

    kind: PaperKind = Field(description="書類", examples=["receipt"])
    when: IssuedWhen = Field(
        default=IssuedWhen.ALWAYS, description="いつ渡すか", examples=["on_request"]
    )
    forms: tuple[IssuedAs, ...] = Field(
        default=(), description="渡し方（書かなければ、言わない）", examples=[["paper", "pdf"]]
    )
    day: int | None = Field(
        default=None,
        ge=1,
        le=28,
        description="whenがmonthlyのとき、次の月の何日に渡すか",
        examples=[10],
    )
    within_days: int | None = Field(
        default=None, ge=0, le=60, description="何日以内に渡すか", examples=[7]
    )
    fee_yen: int = Field(default=0, ge=0, le=100_000, description="手数料（円）", examples=[300])
    note: str = Field(
        default="", max_length=200, description="説明", examples=["なくしたときは作り直します。"]
    )

    @model_validator(mode="after")
    def _a_day_of_each_month(self) -> IssuedPaper:
        if self.day is not None and self.when is not IssuedWhen.MONTHLY:
            raise ValueError("a day belongs to what comes each month")
        return self


class PapersRule(Rule):
    """Which papers families get. ``splits``: receipts tell care and other costs apart."""

    issued: tuple[IssuedPaper, ...] = Field(
        default=(),
        description="渡す書類",
        examples=[[{"kind": "receipt"}, {"kind": "certificate", "when": "on_request"}]],
    )
    splits: bool = Field(
        default=True,
        description="領収書で、利用料と特定費用（食事など）を分けるか",
        examples=[False],
    )

    @model_validator(mode="after")
    def _each_once(self) -> PapersRule:
        if len({paper.kind for paper in self.issued}) != len(self.issued):
            raise ValueError("each paper stands once")
        return self

"""Kind G18, payment: how and when a family pays, what it gets back, and what a receipt says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from pydantic import Field, model_validator

from portal.policies.calendar import FacilityCalendar
from portal.policies.deadlines import DayOfMonth, day_of_month, months_earlier
from portal.policies.rule import Rule, Shift, shifted


class PaymentMethod(StrEnum):
    """A way to pay."""

    CASH = "cash"
    EXACT_CASH = "exact_cash"
    TICKET_MACHINE = "ticket_machine"
    CASHLESS = "cashless"
    CARD = "card"
    BANK_TRANSFER = "bank_transfer"
    DIRECT_DEBIT = "direct_debit"
    INVOICE_SLIP = "invoice_slip"
    PREPAID_TICKETS = "prepaid_tickets"


PAYMENT_METHOD_WORDS: Mapping[PaymentMethod, str] = MappingProxyType(
    {
        PaymentMethod.CASH: "現金",
        PaymentMethod.EXACT_CASH: "現金（おつりのないように）",
        PaymentMethod.TICKET_MACHINE: "券売機",
        PaymentMethod.CASHLESS: "キャッシュレス（電子マネー・コード）",
        PaymentMethod.CARD: "クレジットカード",
        PaymentMethod.BANK_TRANSFER: "銀行振込",
        PaymentMethod.DIRECT_DEBIT: "口座引き落とし",
        PaymentMethod.INVOICE_SLIP: "納付書",
        PaymentMethod.PREPAID_TICKETS: "前もって買う利用券",
    }
)


class PayWhen(StrEnum):
    """When a stay is paid."""

    BOOKING = "booking"
    DROP_OFF = "drop_off"
    PICK_UP = "pick_up"
    DAY_OF_USE = "day_of_use"
    NEXT_MONTH = "next_month"


PAY_WHEN_WORDS: Mapping[PayWhen, str] = MappingProxyType(
    {
        PayWhen.BOOKING: "予約のとき",
        PayWhen.DROP_OFF: "お子さんを預けるとき",
        PayWhen.PICK_UP: "お迎えのとき",
        PayWhen.DAY_OF_USE: "利用の日のうち",
        PayWhen.NEXT_MONTH: "1か月分をまとめて、次の月",
    }
)


class EarlyPickup(StrEnum):
    """What a pick-up before the booked end changes."""

    NOTHING = "nothing"
    RECALCULATED = "recalculated"


EARLY_PICKUP_WORDS: Mapping[EarlyPickup, str] = MappingProxyType(
    {
        EarlyPickup.NOTHING: "早くお迎えに来ても、予約の時間の料金です",
        EarlyPickup.RECALCULATED: "早くお迎えに来たときは、実際の時間の料金です",
    }
)


class Refund(StrEnum):
    """What becomes of money that was paid for a stay that is cancelled in time."""

    ALL = "all"
    NEXT_USE = "next_use"
    NONE = "none"


REFUND_WORDS: Mapping[Refund, str] = MappingProxyType(
    {
        Refund.ALL: "取り消したときは、取り消しの料金を引いた額を返します",
        Refund.NEXT_USE: "取り消したときは、取り消しの料金を引いた額を次の利用にあてます",
        Refund.NONE: "いちど払った料金は返しません",
    }
)


class PaymentRule(Rule):
    """How a family pays. Nothing of it changes what a stay costs, but an early pick-up may."""

    methods: tuple[PaymentMethod, ...] = Field(
        default=(),
        description="支払いの方法：cash・exact_cash（おつりなし）・ticket_machine・cashless・card・"
        "bank_transfer・direct_debit・invoice_slip（納付書）・prepaid_tickets。",
        examples=[["exact_cash"]],
    )
    when: PayWhen | None = Field(
        default=None,
        description="いつ払うか：booking 予約のとき／drop_off 預けるとき／pick_up お迎えのとき／"
        "day_of_use 利用の日／next_month 次の月にまとめて。",
        examples=["drop_off"],
    )
    invoice_day: DayOfMonth | None = Field(
        default=None,
        description="when = next_month のとき、請求書を出す日（次の月の1〜28、または last）。",
        examples=[10],
    )
    due_day: DayOfMonth | None = Field(
        default=None,
        description="when = next_month のとき、支払いの期限（次の月の1〜28、または last）。",
        examples=["last"],
    )
    due_shift: Shift = Field(
        default=Shift.NONE,
        description="期限が休みの日のとき：none 動かさない／next 次の開所日／previous 前の開所日。",
        examples=["next"],
    )
    on_early_pickup: EarlyPickup = Field(
        default=EarlyPickup.NOTHING,
        description="早いお迎え：nothing 料金は同じ／recalculated 実際の時間で計算。",
        examples=["recalculated"],
    )
    refund: Refund | None = Field(
        default=None,
        description="払ったあとの取り消し：all 返す／next_use 次の利用にあてる／none 返さない。",
        examples=["all"],
    )
    receipt: bool | None = Field(default=None, description="領収証を出すか。", examples=[True])
    splits_receipt: bool = Field(
        default=True,
        description="true：領収証で、利用料と特定費用（食事など）を分けて書きます。",
        examples=[True],
    )
    words: str = Field(
        default="",
        max_length=500,
        description="支払いについて、ほかに伝えること。",
        examples=["玄関の券売機で、当日の朝に買ってください。"],
    )

    @model_validator(mode="after")
    def _months_are_paid_by_the_month(self) -> Self:
        if self.when is not PayWhen.NEXT_MONTH and (self.invoice_day or self.due_day):
            raise ValueError("an invoice belongs to paying by the month")
        if len(set(self.methods)) < len(self.methods):
            raise ValueError("each way to pay stands once")
        return self

    def due_on(self, day: date, calendar: FacilityCalendar) -> date | None:
        """Return the last day on which a stay on ``day`` can be paid; None where none is set.

        A stay that is paid by the month has the day of the month after it, moved as the rule
        says; one that is paid on the day has that day.
        """
        if self.when is PayWhen.NEXT_MONTH:
            if self.due_day is None:
                return None
            due = day_of_month(*months_earlier(day, -1), self.due_day)
            return shifted(due, self.due_shift, calendar)
        return day if self.when in {PayWhen.DROP_OFF, PayWhen.PICK_UP, PayWhen.DAY_OF_USE} else None

"""G11 and G16 to G18 in words: complete, and no field is silently left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from portal.policies.cancel import CancelRule, CancelTier
from portal.policies.coupons import CouponRule
from portal.policies.document import RulesDocument
from portal.policies.fee import FeeRule, Rounding
from portal.policies.fee_items import FeeItem, PerUseItem
from portal.policies.late_fees import LateFlat, LateHours, LatePercent
from portal.policies.packages import Package
from portal.policies.payment import PaymentRule
from portal.policies.reductions import Reduction, SiblingReduction
from portal.policies.surcharges import AboveCap, Extra, OutsideHours, OverrunRule
from portal.policies.tariff_blocks import BlockPrice, BlocksBand, BlocksTariff
from portal.policies.tariff_hourly import HourlyBand, HourlyTariff, LaterRate
from portal.policies.tariffs import (
    DayBand,
    DayTariff,
    HalfDayBand,
    HalfDayTariff,
    MoreTime,
    PackagesBand,
    PackagesTariff,
    StepPrice,
    StepsBand,
    StepsTariff,
)
from portal.rulebooks.describe import facts, fee_facts

Written = dict[str, Any]

WHEN = {"weekdays": ["sat"]}
BLOCKS = [
    {"label": "午前", "starts": "08:30", "ends": "12:30"},
    {"label": "午後", "starts": "13:00", "ends": "17:00"},
]
HOUR: Written = {"kind": "hourly", "bands": [{"yen": 500}]}
RISING = {"yen": 500, "then": [{"after_minutes": 240, "yen": 800}]}
STEPS = [{"up_to_minutes": 120, "yen": 800}, {"up_to_minutes": 240, "yen": 1400}]


def said(rules: RulesDocument) -> str:
    lines = [*fee_facts(rules.fee, rules.purposes), *facts(rules)]
    return "\n".join(f"{fact.term}：{fact.text}" for fact in lines)


def fee(**parts: Any) -> Written:
    return {"fee": {"tariff": HOUR, **parts}}


def banded(kind: str, band: Written, **more: Any) -> Written:
    """A table whose first row is ``band``; a row for everybody else follows a limited one."""
    limited = "below_age" in band or "below_months" in band
    rest = {key: value for key, value in band.items() if not key.startswith("below")}
    bands = [band, rest] if limited else [band]
    return fee(age_basis="on_the_day", tariff={"kind": kind, "bands": bands, **more})


_LIMITS: dict[str, tuple[Written, Written]] = {
    "below_age": ({}, {"below_age": 3}),
    "below_months": ({}, {"below_months": 18}),
}
_TIMED: dict[str, tuple[Written, Written]] = {
    "yen": ({}, {"yen": 333}),
    "unit_minutes": ({}, {"unit_minutes": 15}),
    "when": ({}, {"when": WHEN}),
}
_ITEM: dict[str, tuple[Written, Written]] = {
    "label": ({}, {"label": "おやつ"}),
    "yen": ({}, {"yen": 333}),
    "at": ({}, {"at": "11:30"}),
    "min_minutes": ({}, {"min_minutes": 240}),
    "with_option": ({}, {"with_option": "lunch"}),
    "without_option": ({}, {"without_option": "own_lunch"}),
    "when": ({}, {"when": WHEN}),
}

#: By model: how what is written becomes a document, what is always written, and by field what
#: stands beside it and what changes.
ALL: dict[
    type[BaseModel],
    tuple[Callable[[Written], Written], Written, dict[str, tuple[Written, Written]]],
] = {
    FeeRule: (
        lambda w: {"fee": w},
        {"tariff": {"kind": "day", "bands": [{"below_age": 3, "yen": 900}, {"yen": 700}]}},
        {
            "age_basis": ({}, {"age_basis": "month_start"}),
            "age_reading": ({"age_basis": "on_the_day"}, {"age_reading": "day_before"}),
            "tariff": ({}, {"tariff": HOUR}),
            "surcharges": ({}, {"surcharges": [{"kind": "extra", "label": "土曜", "yen": 5}]}),
            "overrun": ({}, {"overrun": {"yen": 100}}),
            "per_use": ({}, {"per_use": [{"label": "給食", "yen": 300}]}),
            "items": ({}, {"items": [{"label": "連絡帳", "yen": 160}]}),
            "siblings": ({}, {"siblings": {}}),
            "reductions": ({}, {"reductions": [{"percent": 50}]}),
            "combining": (
                {"siblings": {}, "reductions": [{"percent": 50}]},
                {"combining": "stack"},
            ),
            "siblings_last": (
                {"combining": "stack", "siblings": {}, "reductions": [{"percent": 50}]},
                {"siblings_last": True},
            ),
            "coupons": ({}, {"coupons": [{"code": "t", "label": "券", "pays_all": True}]}),
            "rounding": ({}, {"rounding": {}}),
        },
    ),
    Rounding: (
        lambda w: fee(rounding=w),
        {},
        {"to_yen": ({}, {"to_yen": 100}), "mode": ({}, {"mode": "up"})},
    ),
    HourlyTariff: (
        lambda w: fee(tariff={"kind": "hourly", "bands": [RISING], **w}),
        {},
        {
            "unit_minutes": ({}, {"unit_minutes": 30}),
            "min_minutes": ({}, {"min_minutes": 90}),
            "grace_minutes": ({}, {"grace_minutes": 10}),
            "rate_change": ({}, {"rate_change": "whole_stay"}),
            "bands": ({}, {"bands": [{"yen": 999}]}),
        },
    ),
    HourlyBand: (
        lambda w: banded("hourly", w),
        {"yen": 500},
        {
            **_LIMITS,
            "yen": ({}, {"yen": 333}),
            "then": ({}, {"then": [{"after_minutes": 240, "yen": 800}]}),
            "min_yen": ({}, {"min_yen": 700}),
            "max_yen": ({}, {"max_yen": 3000}),
        },
    ),
    LaterRate: (
        lambda w: banded("hourly", {"yen": 500, "then": [w]}),
        {"after_minutes": 240, "yen": 800},
        {"after_minutes": ({}, {"after_minutes": 300}), "yen": ({}, {"yen": 900})},
    ),
    HalfDayTariff: (
        lambda w: fee(
            tariff={"kind": "half_day", "bands": [{"half_day_yen": 1, "day_yen": 2}], **w}
        ),
        {"half_day_minutes": 240},
        {
            "half_day_minutes": ({}, {"half_day_minutes": 300}),
            "border": ({}, {"border": "12:30"}),
            "bands": ({}, {"bands": [{"half_day_yen": 1, "day_yen": 3}]}),
        },
    ),
    HalfDayBand: (
        lambda w: banded("half_day", w, half_day_minutes=240),
        {"half_day_yen": 1000, "day_yen": 2000},
        {
            **_LIMITS,
            "half_day_yen": ({}, {"half_day_yen": 900}),
            "day_yen": ({}, {"day_yen": 1900}),
        },
    ),
    DayTariff: (
        lambda w: fee(tariff={"kind": "day", "bands": [{"yen": 1}], **w}),
        {},
        {"bands": ({}, {"bands": [{"yen": 2}]})},
    ),
    DayBand: (
        lambda w: banded("day", w),
        {"yen": 2400},
        {**_LIMITS, "yen": ({}, {"yen": 2500})},
    ),
    StepsTariff: (
        lambda w: fee(tariff={"kind": "steps", "bands": [{"steps": STEPS}], **w}),
        {},
        {"bands": ({}, {"bands": [{"steps": STEPS[:1]}]})},
    ),
    StepsBand: (
        lambda w: banded("steps", w),
        {"steps": STEPS},
        {
            **_LIMITS,
            "steps": ({}, {"steps": STEPS[:1]}),
            "then": ({}, {"then": {"yen": 350}}),
        },
    ),
    StepPrice: (
        lambda w: banded("steps", {"steps": [w]}),
        STEPS[0],
        {"up_to_minutes": ({}, {"up_to_minutes": 180}), "yen": ({}, {"yen": 900})},
    ),
    MoreTime: (
        lambda w: banded("steps", {"steps": STEPS, "then": w}),
        {"yen": 350},
        {"unit_minutes": ({}, {"unit_minutes": 30}), "yen": ({}, {"yen": 400})},
    ),
    PackagesTariff: (
        lambda w: fee(
            tariff={"kind": "packages", "bands": [{"packages": [{"minutes": 30, "yen": 1}]}], **w}
        ),
        {},
        {"bands": ({}, {"bands": [{"packages": [{"minutes": 60, "yen": 1}]}]})},
    ),
    PackagesBand: (
        lambda w: banded("packages", w),
        {"packages": [{"minutes": 30, "yen": 200}]},
        {**_LIMITS, "packages": ({}, {"packages": [{"minutes": 60, "yen": 200}]})},
    ),
    Package: (
        lambda w: banded("packages", {"packages": [w]}),
        {"minutes": 30, "yen": 200},
        {"minutes": ({}, {"minutes": 60}), "yen": ({}, {"yen": 300})},
    ),
    BlocksTariff: (
        lambda w: fee(tariff={"kind": "blocks", **w}),
        {"blocks": BLOCKS[:1], "bands": [{"prices": [{"label": "午前", "yen": 1500}]}]},
        {
            "blocks": ({}, {"blocks": [{**BLOCKS[0], "ends": "12:00"}]}),
            "bands": ({}, {"bands": [{"prices": [{"label": "午前", "yen": 1600}]}]}),
        },
    ),
    BlocksBand: (
        lambda w: {"units": {"blocks": BLOCKS}, **banded("blocks", w)},
        {"prices": [{"label": "午前", "yen": 1500}]},
        {**_LIMITS, "prices": ({}, {"prices": [{"label": "午前", "yen": 1600}]})},
    ),
    BlockPrice: (
        lambda w: {"units": {"blocks": BLOCKS}, **banded("blocks", {"prices": [w]})},
        {"label": "午前", "yen": 1500},
        {"label": ({}, {"label": "午後"}), "yen": ({}, {"yen": 1600})},
    ),
    OutsideHours: (
        lambda w: fee(surcharges=[{"kind": "outside_hours", **w}]),
        {"yen": 200, "standard": {"from": "09:00", "until": "17:00"}},
        {
            **_TIMED,
            "label": ({}, {"label": "延長"}),
            "standard": ({}, {"standard": {"until": "17:00"}}),
            "instead": ({}, {"instead": True}),
        },
    ),
    AboveCap: (
        lambda w: fee(surcharges=[{"kind": "above_cap", **w}]),
        {"yen": 800},
        {**_TIMED, "label": ({}, {"label": "15日目から"}), "instead": ({}, {"instead": False})},
    ),
    Extra: (
        lambda w: fee(surcharges=[{"kind": "extra", **w}]),
        {"label": "加算"},
        {
            "label": ({"yen": 1}, {"label": "市外"}),
            "yen": ({"yen": 1}, {"yen": 2}),
            "percent": ({"percent": 10}, {"percent": 50}),
            "unit_minutes": ({"yen": 1}, {"unit_minutes": 30}),
            "when": ({"yen": 1}, {"when": WHEN}),
        },
    ),
    OverrunRule: (
        lambda w: fee(overrun=w),
        {"yen": 200},
        {
            **_TIMED,
            "label": ({}, {"label": "延長"}),
            "grace_minutes": ({}, {"grace_minutes": 10}),
            "counted_from": ({"grace_minutes": 10}, {"counted_from": "end_of_grace"}),
            "early_too": ({}, {"early_too": True}),
        },
    ),
    PerUseItem: (lambda w: fee(per_use=[w]), {"label": "給食", "yen": 300}, _ITEM),
    FeeItem: (
        lambda w: fee(items=[w]),
        {"label": "給食", "yen": 300},
        {
            **_ITEM,
            "per": ({}, {"per": "month"}),
            "unit_minutes": ({"per": "time"}, {"unit_minutes": 30}),
        },
    ),
    SiblingReduction: (
        lambda w: fee(siblings=w),
        {},
        {
            "second_percent": ({}, {"second_percent": 30}),
            "third_percent": ({}, {"third_percent": 70}),
            "order_by": ({}, {"order_by": "preschoolers"}),
            "youngest_first": ({}, {"youngest_first": True}),
            "of": ({}, {"of": "total"}),
            "when": ({}, {"when": WHEN}),
        },
    ),
    Reduction: (
        lambda w: fee(reductions=[w]),
        {"marks": ["welfare"]},
        {
            "label": ({"percent": 50}, {"label": "減免B"}),
            "marks": ({"percent": 50}, {"marks": ["tax_exempt"]}),
            "tax_below_yen": ({"percent": 50}, {"tax_below_yen": 77101}),
            "when": ({"percent": 50}, {"when": WHEN}),
            "first_uses": ({"percent": 50}, {"first_uses": 2}),
            "within": ({"percent": 50, "first_uses": 2}, {"within": "month"}),
            "percent": ({"percent": 50}, {"percent": 60}),
            "off_yen": ({"off_yen": 50}, {"off_yen": 60}),
            "pays_yen": ({"pays_yen": 50}, {"pays_yen": 60}),
            "unit_minutes": ({"pays_yen": 50}, {"unit_minutes": 60}),
            "of": ({"percent": 50}, {"of": "total"}),
            "needs_proof": ({"percent": 50}, {"needs_proof": False}),
            "proof": ({"percent": 50}, {"proof": "income_certificate"}),
            "retroactive": ({"percent": 50}, {"retroactive": "month"}),
            "days": ({"percent": 50}, {"days": {"from": "2026-04-01"}}),
        },
    ),
    CouponRule: (
        lambda w: fee(coupons=[w]),
        {"code": "t", "label": "券"},
        {
            "label": ({"yen": 1}, {"label": "おためし券"}),
            "pays_all": ({"yen": 1}, {"pays_all": True, "yen": None}),
            "yen": ({"yen": 1}, {"yen": 2}),
            "minutes": ({"minutes": 30}, {"minutes": 60}),
            "of": ({"yen": 1}, {"of": "total"}),
            "most_per_use": ({"yen": 1}, {"most_per_use": 2}),
            "with_reductions": ({"yen": 1}, {"with_reductions": False}),
            "when": ({"yen": 1}, {"when": WHEN}),
        },
    ),
    PaymentRule: (
        lambda w: {"payment": w},
        {"when": "next_month"},
        {
            "methods": ({}, {"methods": ["exact_cash"]}),
            "when": ({}, {"when": "drop_off"}),
            "invoice_day": ({}, {"invoice_day": 10}),
            "due_day": ({}, {"due_day": "last"}),
            "due_shift": ({"due_day": 20}, {"due_shift": "next"}),
            "on_early_pickup": ({}, {"on_early_pickup": "recalculated"}),
            "refund": ({}, {"refund": "all"}),
            "receipt": ({}, {"receipt": True}),
            "splits_receipt": ({}, {"splits_receipt": False}),
            "words": ({}, {"words": "玄関の券売機で買います。"}),
        },
    ),
    CancelRule: (
        lambda w: {"cancel": w},
        {"free_until": {"days": 1}, "late_fee": {"kind": "flat", "yen": 500}},
        {
            "free_until": ({}, {"free_until": {"days": 2, "at": "17:00"}}),
            "free_until_minutes_before": ({}, {"free_until_minutes_before": 60}),
            "tiers": (
                {},
                {"tiers": [{"until_minutes_before": 60, "fee": {"kind": "items"}}]},
            ),
            "late_fee": ({}, {"late_fee": {"kind": "none"}}),
            "late_online": ({}, {"late_online": False}),
            "online_until": ({}, {"online_until": {"days": 5}}),
            "online_until_minutes_before": ({}, {"online_until_minutes_before": 90}),
            "waived": ({}, {"waived": ["illness"]}),
            "waived_with_proof": ({}, {"waived_with_proof": True}),
            "shortening": ({}, {"shortening": "as_cancel"}),
            "ends_run": ({}, {"ends_run": True}),
            "written_form": ({}, {"written_form": True}),
        },
    ),
    CancelTier: (
        lambda w: {"cancel": {"free_until": {"days": 3}, "tiers": [w]}},
        {"fee": {"kind": "items"}},
        {
            "until": ({"until": {"days": 1}}, {"until": {"days": 0, "at": "08:00"}}),
            "until_minutes_before": (
                {"until_minutes_before": 60},
                {"until_minutes_before": 90},
            ),
            "fee": ({"until": {"days": 1}}, {"fee": {"kind": "flat", "yen": 1}}),
        },
    ),
    LatePercent: (
        lambda w: {"cancel": {"free_until": {"days": 1}, "late_fee": {"kind": "percent", **w}}},
        {"percent": 50},
        {"percent": ({}, {"percent": 100}), "of": ({}, {"of": "total"})},
    ),
    LateFlat: (
        lambda w: {"cancel": {"free_until": {"days": 1}, "late_fee": {"kind": "flat", **w}}},
        {"yen": 500},
        {"yen": ({}, {"yen": 600})},
    ),
    LateHours: (
        lambda w: {
            "cancel": {"free_until": {"days": 1}, "late_fee": {"kind": "booked_hours", **w}}
        },
        {"yen": 200},
        {
            "yen": ({}, {"yen": 300}),
            "unit_minutes": ({}, {"unit_minutes": 30}),
            "max_yen": ({}, {"max_yen": 900}),
        },
    ),
}

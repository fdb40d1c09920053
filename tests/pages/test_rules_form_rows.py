from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from portal.office.rules_form import RulesForm, beyond_fields
from portal.policies.cancel import CancelRule
from portal.policies.caps import CapRule
from portal.policies.document import RulesDocument, load_template, template_names
from portal.policies.fee import FeeRule
from portal.policies.noshow_rule import NoShowRule
from portal.rulebooks.crosscheck import crosscheck
from portal.rulebooks.places import load_place, place_names
from tests.pages.rules_sent import sent, shown
from tests.rules.any_rule import MARKS, PURPOSES, any_rule, documents

pytestmark = [pytest.mark.proves("R21"), pytest.mark.usefixtures("bare")]

#: A form is some hundreds of fields, and a document is tried kind by kind.
FEWER = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)
ROWS = {"fee", "caps", "cancel", "no_show"}
_yen, _minutes = st.integers(0, 5000), st.integers(5, 600)
_purposes = st.lists(st.sampled_from(PURPOSES), unique=True)


def comes_back(document: RulesDocument) -> None:
    came = sent(shown(document))
    assert came.validate(), came.errors
    if not crosscheck(document):
        assert came.document() == document, came.errors


@pytest.mark.parametrize(
    "document",
    [*map(load_template, template_names()), *map(load_place, place_names())],
    ids=lambda one: one.title,
)
def test_prices_limits_and_cancelling_of_real_places_stand_in_fields(
    document: RulesDocument,
) -> None:
    assert not beyond_fields(document) & ROWS


@FEWER
@given(documents())
def test_no_document_loses_anything_by_being_opened_and_sent(document: RulesDocument) -> None:
    comes_back(document)


def alone(kind: str, model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """A document of one kind, drawn field by field."""
    return any_rule(model).map(lambda rule: {kind: rule} if rule else {})


@FEWER
@given(
    st.one_of(
        alone("fee", FeeRule),
        alone("cancel", CancelRule),
        alone("no_show", NoShowRule),
        st.lists(any_rule(CapRule), max_size=8).map(lambda caps: {"caps": [c for c in caps if c]}),
    )
)
def test_no_price_limit_or_step_is_lost_however_it_is_written(written: dict[str, Any]) -> None:
    try:
        document = RulesDocument.model_validate(written)
    except ValueError:  # a price of a block, where nobody named one
        return
    comes_back(document)


def some(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Each part is there or not."""
    return st.fixed_dictionaries({}, optional=parts)


def amounts(*kinds: tuple[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """One of several ways to say how much."""
    return st.one_of([st.fixed_dictionaries({key: value}) for key, value in kinds])


_reductions = st.builds(
    lambda how, more, per, proof: how | more | ({} if "percent" in how else per) | proof,
    amounts(("percent", st.integers(1, 100)), ("off_yen", _yen), ("pays_yen", _yen)),
    some(
        label=st.sampled_from(("減免A", "多子")),
        marks=st.lists(st.sampled_from((*MARKS, "own_mark")), unique=True),
        tax_below_yen=st.integers(1, 90000),
        when=_purposes.filter(bool).map(lambda codes: {"purposes": codes}),
        of=st.sampled_from(("base", "care", "total")),
        needs_proof=st.booleans(),
        retroactive=st.sampled_from(("none", "month", "fiscal_year")),
    ),
    some(unit_minutes=_minutes),
    some(proof=st.sampled_from(("income_certificate", "welfare_certificate"))),
)
_tariffs = st.one_of(
    st.builds(
        lambda yen: {"kind": "day", "bands": [{"below_age": 3, "yen": yen}, {"yen": 1}]}, _yen
    ),
    st.builds(
        lambda lengths: {
            "kind": "packages",
            "bands": [
                {"below_age": 2, "packages": [{"minutes": n, "yen": n} for n in lengths]},
                {"packages": [{"minutes": n, "yen": n} for n in lengths]},
            ],
        },
        st.lists(_minutes, min_size=1, max_size=6, unique=True),
    ),
)
_items = some(
    at=st.sampled_from(("11:30", "15:00")),
    min_minutes=_minutes,
    with_option=st.sampled_from(("lunch", "snack", "nappies")),
    when=st.sampled_from(({"units": ["午前"]}, {"units": ["午前", "1日"]})),
)
_fees = st.builds(
    lambda tariff, reductions, per_use, items, more: {
        "tariff": tariff,
        "reductions": reductions,
        "per_use": [{"label": "給食", "yen": 300, **one} for one in per_use],
        "items": [{"label": "名札", "yen": 150, "per": per, **one} for per, one in items],
        **more,
    },
    _tariffs,
    st.lists(_reductions, max_size=6),
    st.lists(_items, max_size=3),
    st.lists(st.tuples(st.sampled_from(("day", "count", "registration")), _items), max_size=3),
    some(
        combining=st.sampled_from(("best", "stack", "first")),
        siblings_last=st.booleans(),
        siblings=some(
            second_percent=st.integers(0, 100),
            order_by=st.sampled_from(("booking", "preschoolers")),
            youngest_first=st.booleans(),
        ),
        rounding=some(to_yen=st.sampled_from((10, 50, 100)), mode=st.sampled_from(("down", "up"))),
        overrun=st.fixed_dictionaries(
            {"yen": _yen, "unit_minutes": st.none() | st.integers(1, 60)},
            optional={
                "grace_minutes": st.integers(0, 30),
                "counted_from": st.sampled_from(("booked_end", "end_of_grace")),
            },
        ),
    ),
)
_caps = st.builds(
    lambda metric, period, which, codes, more: metric | period | {which: codes} | more,
    st.sampled_from(
        (
            {"metric": "days", "amount": 3},
            {"metric": "visits", "amount": 14, "half_day_minutes": 240},
            {"metric": "half_days", "amount": 7.5, "half_day_units": ["午前", "午後"]},
            {"metric": "hours", "amount": 10},
        )
    ),
    st.sampled_from(("week", "month", "fiscal_year", None)).map(
        lambda period: {"period": period} if period else {"per_cause": True}
    ),
    st.sampled_from(("purposes", "except_purposes")),
    _purposes,
    some(
        label=st.sampled_from(("月の利用日数", "リフレッシュ")),
        scope=st.sampled_from(("provider", "municipality", "everywhere")),
        per=st.sampled_from(("child", "household")),
        trials=st.sampled_from(("like_others", "always", "never")),
        on_breach=st.sampled_from(("refuse", "ask_staff")),
        **{
            name: st.booleans()
            for name in (
                *("counts_cancelled", "counts_late_cancelled", "counts_no_show"),
                *("counts_declared", "counts_all_purposes", "all_programmes"),
            )
        },
    ),
)
_late = st.one_of(
    st.builds(
        lambda n, of: {"kind": "percent", "percent": n, "of": of},
        st.integers(0, 100),
        st.sampled_from(("care", "total")),
    ),
    _yen.map(lambda yen: {"kind": "flat", "yen": yen}),
    st.just({"kind": "items"}),
)


@st.composite
def cancelling(draw: st.DrawFn) -> dict[str, Any]:
    """Free until one limit, then steps that count days as it does."""
    counting = draw(st.sampled_from(("calendar", "open")))
    shift = "none" if counting == "open" else draw(st.sampled_from(("none", "previous")))
    counted = {"counting": counting, "shift": shift}
    days = sorted(draw(st.lists(st.integers(0, 20), min_size=1, max_size=5, unique=True)))[::-1]
    limits = [{"days": n, "at": draw(st.sampled_from(("24:00", "17:00"))), **counted} for n in days]
    tiers: list[dict[str, Any]] = [{"until": one, "fee": draw(_late)} for one in limits[1:]]
    ends = draw(st.sampled_from(("by_day", "by_minutes")))
    if tiers and ends == "by_minutes":
        tiers[-1] = {"until_minutes_before": draw(_minutes), "fee": {"kind": "none"}}
    more = draw(
        some(
            online_until=st.integers(0, 9).map(lambda n: {"days": n}),
            free_until_minutes_before=_minutes,
            waived=st.lists(st.sampled_from(("illness", "disaster")), unique=True),
            waived_with_proof=st.booleans(),
            late_online=st.booleans(),
            shortening=st.sampled_from(("free", "as_cancel", "not_possible")),
            ends_run=st.booleans(),
            written_form=st.booleans(),
            late_fee=_late,
        )
    )
    return {"free_until": limits[0], "tiers": tiers, **more}


_no_shows = some(
    grace_minutes=st.integers(0, 120),
    fee=amounts(("percent", st.integers(0, 100)), ("yen", _yen)),
)


@FEWER
@given(some(fee=_fees, caps=st.lists(_caps, max_size=6), cancel=cancelling(), no_show=_no_shows))
def test_what_the_fields_are_for_stands_in_them(written: dict[str, Any]) -> None:
    document = RulesDocument.model_validate(written)
    assert not beyond_fields(document)
    comes_back(document)


def test_reasons_of_the_text_are_those_to_tick() -> None:
    form = shown(load_place("M08"))
    offered = {choice.value: choice.label for choice in form.cap_0_purposes.choices}
    assert offered == {
        "reason_a": "理由A（仕事・通院・学校の行事など）",
        "reason_b": "理由B（そのほか）",
    }
    limit = {"cap_0_metric": "days", "cap_0_amount": "7", "cap_0_purposes": ["reason_b"]}
    document = sent(form, **limit).document()
    assert document is not None
    assert document.caps[0].purposes == ("reason_b",)


def test_a_draft_offers_the_reasons_that_its_own_text_names() -> None:
    form = shown(load_template("hourly-standard"))
    form.show_typed(shown(load_place("M08")).typed())
    assert [choice.value for choice in form.cap_0_purposes.choices] == ["reason_a", "reason_b"]


def test_a_ticked_reason_that_the_text_no_longer_names_is_told_at_its_field() -> None:
    form = sent(shown(load_place("M03")), rest="[purposes]\ntypes = [{ code = 'respite' }]")
    assert form.validate()
    assert form.document() is None
    assert any("「irregular_work」という利用区分は" in said for said in form.cap_0_purposes.errors)
    # Both stay ticked, so that nothing has to be found again.
    assert form.cap_0_purposes.data == ["irregular_work"]


@pytest.mark.parametrize(
    ("typed", "at", "said"),
    [
        ({"red_0_marks": ["welfare"]}, "red_0_how", "減免 1：どれだけ安くするか：どれかを"),
        ({"red_0_how": "percent"}, "red_0_amount", "減免 1：何％・何円か："),
        ({"red_0_how": "percent", "red_0_amount": "101"}, "red_0_amount", "減免 1：何％・何円か："),
        ({"red_0_how": "free", "red_0_amount": "50"}, "red_0_how", "「無料」がえらんであります"),
        ({"cap_0_label": "月の上限"}, "cap_0_metric", "上限1：何を数えるか：どれかを"),
        (
            {"cap_0_metric": "days", "cap_0_amount": "3", "cap_0_period": ""},
            "cap_0_period",
            "上限1：いつの間に：どれかを",
        ),
        (
            {"cap_0_metric": "half_days", "cap_0_amount": "3"},
            "cap_0_half",
            "何分までを半日とするかを入れるか、「半日とする時間の名前」を",
        ),
        (
            {"cap_0_metric": "days", "cap_0_amount": "3", "cap_0_half": "240"},
            "cap_0_half",
            "「日（半日は0.5日）」か「回」を数えるときだけ",
        ),
        (
            {
                "cap_0_metric": "days",
                "cap_0_amount": "3",
                "cap_0_average": True,
                "cap_0_period": "week",
            },
            "cap_0_average",
            "しるしを消すか、期間を直してください",
        ),
        (
            {"red_0_how": "percent", "red_0_amount": "10", "red_0_minutes": "60"},
            "red_0_minutes",
            "円のときだけ使います",
        ),
        ({"tier_0_amount": "50"}, "tier_0_days", "取り消しの段階 1：何日前まで："),
        ({"tier_0_days": "x", "tier_0_amount": "50"}, "tier_0_days", "取り消しの段階 1："),
        ({"tier_0_days": "1"}, "tier_0_amount", "取り消しの段階 1：何％・何円か："),
        (
            {"tier_0_days": "1", "tier_0_kind": "items", "tier_0_amount": "5"},
            "tier_0_kind",
            "「食事などの分だけ」がえらんであります",
        ),
        ({"free_days": ""}, "free_days", "無料で取り消せるのは（何日前）："),
        ({"online_at": "9:00"}, "online_days", "「画面から取り消せるのは（何日前）」が空です"),
        ({"noshow_kind": "percent"}, "noshow_percent", "連絡のないお休みは何％か："),
        ({"noshow_percent": "50"}, "noshow_kind", "「決めない」がえらんであります"),
        ({"overrun_grace": "10"}, "overrun_yen", "「お迎えがおくれたときの料金（円）」が空です"),
        ({"price_0_yen": "500"}, "tariff", "「時間で」がえらんであります"),
        ({"band_0_day": "500"}, "tariff", "料金 1：1日の円"),
        ({"tariff": "day", "band_0_yen": ""}, "band_0_yen", "料金 1：円："),
        ({"item_1_at": "11:00"}, "item_1_label", "食事など 2 の名前："),
    ],
)
def test_what_is_wrong_in_a_row_is_told_at_its_field(
    typed: dict[str, Any], at: str, said: str
) -> None:
    form = sent(shown(load_template("hourly-standard")), **typed)
    assert form.validate(), form.errors
    assert form.document() is None
    assert any(said in message for message in form[at].errors), form.errors
    assert all(form[name].data == value for name, value in typed.items())
    # A director knows the fields, not what a file calls them.
    assert not re.search(r"[a-z]{3}", str([field.errors for field in form]))


def test_a_draft_of_before_these_fields_says_no_more_than_it_did() -> None:
    document = load_place("M03")
    later = ("red_", "cap_0_label", "cap_0_purposes", "cap_1_", "cap_2_", "price_", "tier_")
    kept = {
        name: value
        for name, value in shown(load_template("hourly-standard")).typed().items()
        if not name.startswith(later)
    }
    form = shown(document)
    form.show_typed(kept)
    assert form.document() == load_template("hourly-standard")


def test_a_form_that_was_opened_with_nothing_says_nothing() -> None:
    assert sent(shown(RulesDocument())).document() == RulesDocument()
    assert isinstance(shown(RulesDocument()), RulesForm)

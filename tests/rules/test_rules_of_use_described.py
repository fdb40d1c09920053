"""G6, G10, G12, G21 and G25 in words: complete, and no field is silently left out."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from portal.policies.caps import CapRule, StayWeight
from portal.policies.document import RulesDocument
from portal.policies.noshow_rule import NoShowConsequence, NoShowFee, NoShowRule
from portal.policies.regular import RegularRule, TermApplication
from portal.policies.siblings_rule import SiblingsRule
from portal.policies.waitlist import WaitlistRule
from portal.rulebooks.describe import facts
from portal.rulebooks.objections_use import use_sentences
from portal.rulebooks.words_use import use_facts
from tests.rules.policy_cases import document

MONTHLY = {"metric": "days", "amount": 14, "period": "month"}
HALVES = {"metric": "half_days", "amount": 14, "period": "month", "half_day_minutes": 240}
ROW = {"metric": "consecutive_days", "amount": 5}
CITY = {**MONTHLY, "scope": "municipality"}
AUTUMN = {
    "use_from": "2026-10-01",
    "use_until": "2026-12-31",
    "opens_on": "2026-08-01",
    "closes_on": "2026-08-19",
}
STOP = {"at_points": 2, "then": "refuse", "months": 6}


def said(rules: RulesDocument) -> str:
    return "\n".join(f"{fact.term}：{fact.text}" for fact in use_facts(rules))


def test_a_month_of_half_days() -> None:
    cap = {
        "label": "月の利用日数",
        "metric": "half_days",
        "amount": 14,
        "period": "month",
        "half_day_units": ["午前", "午後"],
    }
    assert said(document(caps=[cap])) == (
        "月の利用日数：お子さん1人につき、1か月（1日から末日まで）に14日分まで利用できます。"
        "「午前・午後」の利用は半分（0.5）と数えます。この園での利用を数えます。"
        "連絡なしのお休みも、使った分に数えます。"
        "期限までの取り消し・期限を過ぎた取り消しは数えません。"
        "こえる分は予約できません。使わなかった分は、次へ持ち越せません。"
    )


def test_three_a_week_on_average_for_one_type_over_the_city() -> None:
    cap = {
        "metric": "days",
        "amount": 3,
        "period": "month",
        "weekly_average": True,
        "scope": "municipality",
        "purposes": ["irregular_work"],
        "trials": "never",
        "counts_no_show": False,
    }
    assert said(document(caps=[cap])) == (
        "利用の上限：お子さん1人につき、平均して1週間に3日まで利用できます。"
        "1か月（1日から末日まで）の日数÷7×3日が、その間の上限です（端数は切り捨て）。"
        "この上限があるのは、「非定型（仕事・学校など）」の利用です。"
        "この上限がかからない利用は、数えません。"
        "同じ日に何回か使っても、1日と数えます。"
        "同じ市区町村の、ほかの園での利用も合わせて数えます。"
        "ほかの園の利用は、ご家庭の申し出だけの分も数えます。"
        "期限までの取り消し・期限を過ぎた取り消し・連絡なしのお休みは数えません。"
        "ならし預かりは数えません。こえる分は予約できません。使わなかった分は、次へ持ち越せません。"
    )


def test_absences_and_waiting() -> None:
    no_show = {"consequences": [STOP], "late_cancel_points": 0.5}
    told = said(document(no_show=no_show, waitlist={"answer_minutes": 120}))
    assert (
        "連絡なしのお休み：始まりの時刻から30分たっても来られず、連絡もないときは、"
        "「連絡なしのお休み」です。料金は、取り消しのきまりのとおりです。"
    ) in told
    assert "連絡なしのお休みは1点、期限を過ぎた取り消しは0.5点と数えます。" in told
    assert "2点になると、次の日から6か月のあいだ、利用を休んでいただきます。" in told
    assert "お知らせから2時間以内に返事をします。過ぎると、次の方に回ります。" in told
    assert "順番が来たときに、年齢・登録・上限・受付の期間をもう一度確かめます。" in told


def test_they_stand_among_the_lines_of_the_whole_document() -> None:
    rules = document(caps=[MONTHLY], siblings={}, regular={}, waitlist={}, no_show={})
    assert set(use_facts(rules)) < set(facts(rules))


def test_the_documents_own_names_are_used() -> None:
    purposes = {
        "types": [{"code": "respite", "label": "ほっとタイム"}],
        "reasons": [{"code": "errand", "label": "買い物", "type": "respite"}],
    }
    cap = {**MONTHLY, "purposes": ["respite"], "except_reasons": ["errand"]}
    told = said(document(purposes=purposes, caps=[cap]))
    assert "「ほっとタイム」の利用です" in told
    assert "「買い物」の利用には、この上限がありません" in told


#: For each field: the rule without it, and what is written for it.
FIELDS: dict[type[BaseModel], dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    CapRule: {
        "label": (MONTHLY, {"label": "月の上限"}),
        "metric": (MONTHLY, {"metric": "visits"}),
        "amount": (MONTHLY, {"amount": 13}),
        "period": (MONTHLY, {"period": "fiscal_year"}),
        "per_cause": (MONTHLY, {"per_cause": True}),
        "week_starts": ({**MONTHLY, "period": "week"}, {"week_starts": "sun"}),
        "term_months": ({**MONTHLY, "period": "term", "term_months": 3}, {"term_months": 4}),
        "running_days": (
            {**MONTHLY, "period": "running_days", "running_days": 30},
            {"running_days": 14},
        ),
        "first_day": (
            {**MONTHLY, "period": "dates", "first_day": "2026-10-01", "last_day": "2026-12-31"},
            {"first_day": "2026-10-02"},
        ),
        "last_day": (
            {**MONTHLY, "period": "dates", "first_day": "2026-10-01", "last_day": "2026-12-31"},
            {"last_day": "2026-12-30"},
        ),
        "scope": (MONTHLY, {"scope": "everywhere"}),
        "all_programmes": (MONTHLY, {"all_programmes": True}),
        "per": (MONTHLY, {"per": "household"}),
        "purposes": (MONTHLY, {"purposes": ["respite"]}),
        "except_purposes": (MONTHLY, {"except_purposes": ["emergency"]}),
        "reasons": (MONTHLY, {"reasons": ["errand"]}),
        "except_reasons": (MONTHLY, {"except_reasons": ["errand"]}),
        "counts_all_purposes": (
            {**MONTHLY, "purposes": ["respite"]},
            {"counts_all_purposes": True},
        ),
        "half_day_minutes": (HALVES, {"half_day_minutes": 300}),
        "half_day_units": (HALVES, {"half_day_units": ["午前"]}),
        "weights": (HALVES, {"weights": [{"up_to_minutes": 600, "counts": 1.5}]}),
        "round_up_minutes": (
            {**MONTHLY, "metric": "hours_rounded_up"},
            {"round_up_minutes": 30},
        ),
        "closed_days": (ROW, {"closed_days": "counted"}),
        "counts_cancelled": (MONTHLY, {"counts_cancelled": True}),
        "counts_late_cancelled": (MONTHLY, {"counts_late_cancelled": True}),
        "counts_no_show": (MONTHLY, {"counts_no_show": False}),
        "counts_declared": (CITY, {"counts_declared": False}),
        "trials": (MONTHLY, {"trials": "always"}),
        "on_breach": (MONTHLY, {"on_breach": "ask_staff"}),
        "extension": (
            {**MONTHLY, "extension": 7, "extensions": 1},
            {"extension": 8},
        ),
        "extensions": ({**MONTHLY, "extension": 7, "extensions": 1}, {"extensions": 2}),
        "extension_mark": (
            {**MONTHLY, "extension": 7, "extensions": 1},
            {"extension_mark": "disaster"},
        ),
        "weekly_average": (MONTHLY, {"weekly_average": True}),
        "average_rounding": (
            {**MONTHLY, "weekly_average": True},
            {"average_rounding": "up"},
        ),
    },
    NoShowRule: {
        "grace_minutes": ({}, {"grace_minutes": 60}),
        "fee": ({}, {"fee": {"percent": 100}}),
        "points": ({"consequences": [STOP]}, {"points": 0.5}),
        "late_cancel_points": ({"consequences": [STOP]}, {"late_cancel_points": 0.5}),
        "cancel_points": ({"consequences": [STOP]}, {"cancel_points": 0.5}),
        "points_kept": ({"consequences": [STOP]}, {"points_kept": "always"}),
        "points_months": (
            {"consequences": [STOP], "points_kept": "months", "points_months": 6},
            {"points_months": 3},
        ),
        "scope": ({"consequences": [STOP]}, {"scope": "municipality"}),
        "all_programmes": ({"consequences": [STOP]}, {"all_programmes": True}),
        "per": ({"consequences": [STOP]}, {"per": "household"}),
        "consequences": ({}, {"consequences": [STOP]}),
        "spared_marks": ({"consequences": [STOP]}, {"spared_marks": ["disaster"]}),
    },
    SiblingsRule: {
        "together": ({}, {"together": "some_may_come"}),
        "most": ({}, {"most": 2}),
        "same_group": ({}, {"same_group": True}),
        "own_form": ({}, {"own_form": False}),
        "shared_coupons": ({}, {"shared_coupons": True}),
        "one_account": ({}, {"one_account": False}),
    },
    RegularRule: {
        "use": ({}, {"use": "regular_only"}),
        "term": ({}, {"term": "half_year"}),
        "weekdays": ({}, {"weekdays": ["mon"]}),
        "most_weekdays": ({}, {"most_weekdays": 3}),
        "least_weekdays": ({}, {"least_weekdays": 2}),
        "purposes": ({}, {"purposes": ["respite"]}),
        "applications": ({}, {"applications": [AUTUMN]}),
        "chosen": ({}, {"chosen": "lottery"}),
        "waitlist": ({}, {"waitlist": True}),
        "entered_by": ({}, {"entered_by": "family"}),
        "family_cancels_days": ({}, {"family_cancels_days": False}),
        "freed_for_singles": ({}, {"freed_for_singles": False}),
        "singles_beside": ({}, {"singles_beside": False}),
    },
    WaitlistRule: {
        "waits_for": ({}, {"waits_for": ["day", "age_class"]}),
        "fills": ({}, {"fills": "promote"}),
        "answer_minutes": ({}, {"answer_minutes": 120}),
        "order": ({}, {"order": "lottery"}),
        "siblings_as_one": ({}, {"siblings_as_one": False}),
        "most_waiting": ({}, {"most_waiting": 5}),
        "most_per_child": ({}, {"most_per_child": 3}),
        "join_until": ({}, {"join_until": {"days": 1}}),
        "withdraw_until": ({}, {"withdraw_until": {"days": 0, "at": "08:00"}}),
        "fills_until": ({}, {"fills_until": {"days": 0, "at": "09:00"}}),
    },
}
PARTS: dict[type[BaseModel], dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    NoShowConsequence: {
        "at_points": (STOP, {"at_points": 3}),
        "then": (STOP, {"then": "warning"}),
        "months": (STOP, {"months": 3}),
        "days": ({"at_points": 2, "then": "refuse"}, {"days": 14}),
        "until_fiscal_year_end": (
            {"at_points": 2, "then": "refuse"},
            {"until_fiscal_year_end": True},
        ),
        "begins": (STOP, {"begins": "next_month"}),
        "stops": ({**STOP, "then": "ask_staff"}, {"stops": "booking"}),
    },
    NoShowFee: {
        "yen": ({"yen": 500}, {"yen": 600}),
        "percent": ({"percent": 50}, {"percent": 100}),
        "of_total": ({"percent": 50}, {"of_total": True}),
    },
    StayWeight: {
        "unit": ({"unit": "午前", "counts": 1}, {"unit": "午後"}),
        "up_to_minutes": ({"up_to_minutes": 60, "counts": 1}, {"up_to_minutes": 120}),
        "counts": ({"unit": "午前", "counts": 1}, {"counts": 0.5}),
    },
    TermApplication: {
        "use_from": (AUTUMN, {"use_from": "2026-10-02"}),
        "use_until": (AUTUMN, {"use_until": "2026-12-30"}),
        "opens_on": (AUTUMN, {"opens_on": "2026-08-02"}),
        "opens_at": (AUTUMN, {"opens_at": "09:00"}),
        "closes_on": (AUTUMN, {"closes_on": "2026-08-20"}),
        "closes_at": (AUTUMN, {"closes_at": "17:00"}),
        "drawn_on": (AUTUMN, {"drawn_on": "2026-08-20"}),
    },
}
ALL = FIELDS | PARTS


def _document(model: type[BaseModel], written: dict[str, Any]) -> RulesDocument:
    kinds: dict[type[BaseModel], dict[str, Any]] = {
        CapRule: {"caps": [written]},
        NoShowRule: {"no_show": written},
        SiblingsRule: {"siblings": written},
        RegularRule: {"regular": written},
        WaitlistRule: {"waitlist": written},
        NoShowConsequence: {"no_show": {"consequences": [written]}},
        NoShowFee: {"no_show": {"fee": written}},
        StayWeight: {"caps": [{**HALVES, "weights": [written]}]},
        TermApplication: {"regular": {"applications": [written]}},
    }
    return document(**kinds[model])


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
def test_every_field_is_looked_at(model: type[BaseModel]) -> None:
    assert set(ALL[model]) == set(model.model_fields)


@pytest.mark.parametrize(
    ("model", "name"),
    [(model, name) for model, fields in ALL.items() for name in fields],
    ids=lambda part: part if isinstance(part, str) else part.__name__,
)
def test_every_field_changes_the_words(model: type[BaseModel], name: str) -> None:
    base, change = ALL[model][name]
    assert said(_document(model, base)) != said(_document(model, base | change))


@pytest.mark.parametrize("model", ALL, ids=lambda model: model.__name__)
def test_every_field_tells_its_meaning_and_an_example(model: type[BaseModel]) -> None:
    for name, field in model.model_fields.items():
        assert field.description, name
        assert field.examples, name


@pytest.mark.parametrize(
    "written",
    [
        {"caps": [{"metric": "days", "amount": 3}]},
        {"no_show": {"points": 0.3}},
        {"regular": {"term": "dates"}},
        {"waitlist": {"waits_for": ["day", "day"]}},
    ],
)
def test_objections_have_japanese_words(written: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        document(**written)
    for error in refused.value.errors():
        assert str(error["ctx"]["error"]) in use_sentences()

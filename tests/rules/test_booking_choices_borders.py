"""What a form may send as choices, tickets and kinds of use: each border, and one step beyond."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.bookings.extras import Extra, options_known, options_offered, takes_tickets
from portal.bookings.rules import PURPOSE_LABELS, UsePurpose
from portal.bookings.tickets import MOST_CHOSEN, read_choices, read_tickets
from portal.bookings.use_kinds import (
    UseKind,
    counting,
    offered,
    read_kind,
    reported,
    types_of,
    words_of,
)
from portal.policies.decide import decide
from portal.policies.document import RulesDocument
from portal.policies.history import History, PastUse
from tests.rules.policy_cases import ASKED_AT, case, child, document

FEE: dict[str, Any] = {"tariff": {"kind": "hourly", "bands": [{"yen": 400}]}}


def priced(**more: Any) -> RulesDocument:
    return document(fee={**FEE, **more})


# --- choices ---

NAPPIES = {"label": "おむつ", "yen": 10, "per": "count", "with_option": "nappies"}
LUNCH = {"label": "給食", "yen": 200, "with_option": "lunch"}


@pytest.mark.proves("P8", "G16")
@pytest.mark.parametrize(
    ("chosen", "is_known"),
    [
        ("nappies", True),
        (f"nappies:{MOST_CHOSEN}", True),
        (f"nappies:{MOST_CHOSEN + 1}", False),
        ("nappies:999", False),
        ("lunch", True),
        ("lunch:1", True),
        ("lunch:2", False),
        ("made_up", False),
        ("made_up:1", False),
    ],
)
def test_no_more_of_a_thing_is_chosen_than_there_is(chosen: str, *, is_known: bool) -> None:
    rules = priced(items=[NAPPIES], per_use=[LUNCH])
    assert bool(options_known(rules, [chosen], by_staff=False)) is is_known
    assert options_known(document(), [chosen], by_staff=True) == frozenset()


def test_what_is_counted_in_one_place_can_be_counted_though_another_asks_yes_or_no() -> None:
    plain = {"label": "おむつ", "yen": 50, "with_option": "nappies"}
    for items in ([NAPPIES, plain], [plain, NAPPIES]):
        offers = [each for each in options_offered(priced(items=items)) if each.code == "nappies"]
        assert offers == [Extra("nappies", "おむつの数", MOST_CHOSEN)]


@pytest.mark.proves("P8")
@pytest.mark.parametrize(
    "written", ["", " ", "nappies:0", "nappies:00", " nappies:000 ", "\u3000", ":0"]
)
def test_none_of_a_thing_is_no_choice(written: str) -> None:
    assert read_choices([written]) == frozenset()
    assert read_tickets([written]) == ()


@pytest.mark.proves("P8")
@pytest.mark.parametrize(
    ("written", "count"),
    [
        ("t:1", 1),
        (f"t:{MOST_CHOSEN}", MOST_CHOSEN),
        (f"t:{MOST_CHOSEN + 1}", MOST_CHOSEN),
        ("t:999", MOST_CHOSEN),
        ("t:1000", 0),
        ("t:" + "9" * 5000, 0),
        ("t:１", 0),
        ("t:²", 0),
        ("t:1.5", 0),
        ("t:+1", 0),
        ("t: 1", 0),
        (":5", 0),
        ("5", 0),
    ],
)
def test_tickets_are_counted_in_few_plain_digits(written: str, count: int) -> None:
    assert len(read_tickets([written])) == count


def test_a_variant_that_says_nothing_of_tickets_takes_none() -> None:
    more: dict[str, Any]
    for more in (
        {"fee": {"combining": "first"}},
        {"leaves_out": ["fee"]},
        {"fee": {"coupons": []}},
    ):
        variant = {"name": "土", "when": {"weekdays": ["sat"]}, **more}
        assert not takes_tickets(document(fee=FEE, variants=[variant]))


# --- kinds of use ---


@pytest.mark.proves("P8", "G4")
@pytest.mark.parametrize(
    ("written", "kind"),
    [
        ("respite", UseKind("respite")),
        ("respite/errand", UseKind("respite", "errand")),
        ("a", UseKind("a")),
        ("a" * 40 + "/" + "b" * 40, UseKind("a" * 40, "b" * 40)),
        ("a" * 41, None),
        ("a/" + "b" * 41, None),
        ("", None),
        ("/errand", None),
        ("respite/", None),
        ("respite/errand/more", None),
        ("Respite", None),
        ("1respite", None),
        ("respite\n", None),
        ("respite errand", None),
        ("respite\0", None),
        ("ａｂｃ", None),
        ("一時", None),
        ("respite/<b>", None),
    ],
)
def test_a_kind_of_use_has_its_shape(written: str, kind: UseKind | None) -> None:
    assert read_kind(written) == kind
    assert kind is None or kind.written == written


def test_the_type_of_the_reports_is_not_kept_a_second_time() -> None:
    assert UseKind("respite").use_type is None
    assert UseKind("respite", "errand").use_type == "respite"
    assert UseKind("juror").use_type == "juror"
    assert UseKind().written == ""


USUAL = [each.value for each in PURPOSE_LABELS]
TYPES = [{"code": "respite"}, {"code": "juror", "label": "裁判員", "reports_as": "emergency"}]
REASONS = [{"type": "juror", "code": "court", "label": "裁判所"}]


@pytest.mark.proves("G4")
@pytest.mark.parametrize(
    ("purposes", "kinds"),
    [
        ({"ask": False}, []),
        ({"ask": True}, USUAL),
        ({"types": TYPES}, ["respite", "juror"]),
        ({"types": TYPES, "reasons": REASONS}, ["respite", "juror", "juror/court"]),
        (
            {"types": TYPES, "reasons": REASONS, "reason_needed": True},
            ["respite", "juror/court"],
        ),
    ],
)
def test_a_form_offers_what_the_rules_name(purposes: dict[str, Any], kinds: list[str]) -> None:
    rules = document(purposes=purposes)
    assert [kind.written for kind, _words in offered(rules)] == kinds


def test_without_rules_of_their_own_the_usual_three_are_offered() -> None:
    assert set(USUAL) == {each.value for each in UsePurpose}
    for rules in (None, document()):
        assert [kind.written for kind, _words in offered(rules)] == USUAL
    assert [code for code, _words in types_of([document()])] == USUAL
    named = document(purposes={"types": TYPES})
    assert types_of([document(), named, named]) == [
        ("respite", dict(types_of([named]))["respite"]),
        ("juror", "裁判員"),
    ]


def test_a_use_is_called_and_counted_as_its_rules_say() -> None:
    rules = document(purposes={"types": TYPES, "reasons": REASONS})
    kind = UseKind("juror", "court")
    assert words_of(rules, kind, UsePurpose.RESPITE) == "裁判員：裁判所"
    assert words_of(document(), kind, UsePurpose.RESPITE) == words_of(
        None, UseKind(), UsePurpose.RESPITE
    )
    assert reported(rules, kind) is UsePurpose.EMERGENCY
    assert reported(rules, UseKind("respite")) is UsePurpose.RESPITE


@pytest.mark.proves("G6")
@pytest.mark.parametrize(
    ("scope", "is_counted"),
    [("facility", False), ("provider", False), ("municipality", True), ("everywhere", True)],
)
def test_care_elsewhere_is_counted_by_limits_that_look_beyond_the_provider(
    scope: str, *, is_counted: bool
) -> None:
    """The page that names a facility says what deciding and the database do."""
    cap = {"metric": "days", "amount": 1, "period": "month", "scope": scope}
    rules, not_told = document(caps=[cap]), document(caps=[{**cap, "counts_declared": False}])
    named = counting([("ひなた", rules), ("みどり", not_told), ("ひなた", rules)])
    assert named == (["ひなた"] if is_counted else [])
    # As a stay that a family told of is read: nothing of it lies in the provider's own places.
    told = PastUse(
        child().child_id,
        date(2026, 11, 2),
        240,
        is_here=False,
        is_same_provider=False,
        is_declared=True,
    )
    for document_, is_refused in ((rules, is_counted), (not_told, False)):
        decision = decide(case(document_, history=History((told,))), now=ASKED_AT)
        assert bool(decision.reasons) is is_refused

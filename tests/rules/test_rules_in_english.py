"""What rules say to a parent who reads English: days, months and names of papers as well."""

from __future__ import annotations

import re
from datetime import date

from portal.bookings.rules import UsePurpose
from portal.bookings.use_kinds import UseKind, offered, words_of
from portal.documents.i18n import use_language
from portal.documents.wording.sentences import sentence
from portal.kernel.errors import Reason
from portal.policies.document import RulesDocument
from portal.policies.reasons import BookingRefusal
from portal.policies.variants import VariantWhen
from portal.rulebooks.describe import summary
from portal.rulebooks.places import load_place
from portal.rulebooks.words_hours import hours_facts
from portal.rulebooks.words_when import when_words

_JAPANESE_DAY = re.compile(r"[月火水木金土日]")


def test_days_of_the_week_are_named() -> None:
    hours = load_place("M05").hours
    assert hours is not None
    with use_language("en"):
        said = [fact.text for fact in hours_facts(hours)]
    assert "Mon, Tue" in said[0]
    assert not any(map(_JAPANESE_DAY.search, said))


def test_months_and_classes_of_a_condition_are_named() -> None:
    with use_language("en"):
        said = when_words(VariantWhen.model_validate({"months": [3], "class_ages": [1]}))
    assert said == "stays in: Mar, age 1 class"


def test_what_a_reason_names_is_translated() -> None:
    with use_language("en"):
        said = sentence(Reason(BookingRefusal.PROOF_MISSING, {"paper": "就労証明書"}))
    assert said == "“Employment certificate” has not been handed in yet"


def test_one_is_not_said_as_many() -> None:
    day = date(2026, 11, 16)
    values = {"period": ("day", day, day), "scope": "facility", "limit": (1.0, "visits")}
    with use_language("en"):
        said = sentence(Reason(BookingRefusal.CAP_REACHED, values))
    assert said.endswith("is 1 use")


def test_each_sentence_under_a_name_begins_with_a_capital() -> None:
    with use_language("en"):
        said = summary(load_place("M03"))
    assert re.fullmatch(r"[A-Z][^.]+\. From ¥[0-9,]+[^.]*\.", said), said


def test_a_type_and_its_reason_stand_with_a_colon_of_the_language() -> None:
    types = {"types": [{"code": "respite"}], "reasons": [{"code": "errand", "type": "respite"}]}
    types["reasons"][0]["label"] = "買い物"
    document = RulesDocument.model_validate({"purposes": {**types, "reason_needed": True}})
    with use_language("en"):
        [(kind, words)] = offered(document)
        assert words_of(document, kind, UsePurpose.RESPITE) == words
    assert kind == UseKind("respite", "errand")
    assert words.endswith(": 買い物")
    assert "：" not in words

"""Every code has words, they need nothing a reason may lack, and they keep the portal's tone."""

from __future__ import annotations

import importlib
import pkgutil
import re
import types
import uuid
from datetime import date, datetime, time
from enum import StrEnum

import pytest

from portal.documents import i18n, wording
from portal.documents.wording import bookings_ja, facilities_ja, sentences, workbooks_ja
from portal.documents.wording.entries import HelpLink, Sentences
from portal.documents.wording.sentences import (
    Help,
    fields_of,
    help_for,
    key_of,
    known_codes,
    sentence,
)
from portal.facilities.rules import ListRefusal
from portal.kernel.clock import JST
from portal.kernel.errors import Reason
from portal.policies.reasons import REASON_VALUES, BookingRefusal
from portal.policies.units import Block, UnitsRule
from portal.rulebooks.words_shape import units_words

R = BookingRefusal
TODAY = date(2026, 11, 15)
CODES: list[StrEnum] = [*BookingRefusal, *ListRefusal]
#: One module for each group of kinds of rules.
OF_RULES = [
    importlib.import_module(f"{wording.__name__}.{module.name}")
    for module in pkgutil.iter_modules(wording.__path__)
    if re.fullmatch("rules_.*_ja", module.name)
]
MODULES = (facilities_ja, workbooks_ja, bookings_ja, *OF_RULES)
WORDS: Sentences = {key: text for module in MODULES for key, text in module.SENTENCES.items()}
HELPS = {key: text for module in MODULES for key, text in module.HELPS.items()}


def variants(key: str) -> list[str]:
    texts = [WORDS[key], HELPS[key].text] if key in HELPS else [WORDS[key]]
    return [each for text in texts for each in ((text,) if isinstance(text, str) else text)]


@pytest.mark.parametrize("code", CODES, ids=key_of)
def test_every_code_has_a_sentence(code: StrEnum) -> None:
    assert variants(key_of(code))[0]


@pytest.mark.parametrize("code", BookingRefusal)
def test_a_parent_gets_a_sentence_even_where_values_are_unknown(code: BookingRefusal) -> None:
    assert sentence(Reason(code))
    help_for(Reason(code))


def test_no_wording_is_left_of_a_code_that_is_gone() -> None:
    enums = {"BookingRefusal", "ListRefusal"}
    of_these = {key for key in known_codes() if key.split(".")[0] in enums}
    assert of_these == {key_of(code) for code in CODES}


@pytest.mark.parametrize("code", BookingRefusal)
def test_wording_takes_only_values_the_rules_bring(code: BookingRefusal) -> None:
    for text in variants(key_of(code)):
        assert fields_of(text) <= REASON_VALUES[code] | {"child"}


@pytest.mark.parametrize("key", sorted(WORDS))
def test_words_are_plain_short_and_blame_nobody(key: str) -> None:
    for text in variants(key):
        assert not re.search("不正|無効|規定|ご遠慮|エラー|違反|等|不可|必ず", text)
        # Two Latin letters count as one sign.
        parts = re.sub("[ -~]{2}", "字", re.sub(r"\{.*?\}", "いつかの日", text)).split("。")
        assert all(len(part) <= 40 for part in parts), text


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=JST)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (
            Reason(R.NOT_YET_OPEN, {"on": date(2026, 12, 1), "opens_at": at(16, 9)}),
            "12月1日（火）の予約は、11月16日（月）9:00 に始まります",
        ),
        (
            Reason(R.FULL, {"pool": "1歳児クラス", "from_at": at(20, 10, 30)}),
            "1歳児クラスが 10:30 から満員です",
        ),
        (Reason(R.TOO_LONG, {"max_minutes": 510}), "1回の預かりは、8時間30分までです"),
        (
            Reason(R.START_NOT_OFFERED, {"starts": ("9:00", "13:00")}),
            "預かりの始まりは、9:00、13:00 からえらびます",
        ),
        (
            Reason(R.NOT_A_BLOCK, {"blocks": (("午前", time(9), time(12)),)}),
            "時間は、午前 9:00〜12:00 からえらびます",
        ),
        (
            Reason(R.TOO_YOUNG, {"limit": 6, "unit": "months", "from_on": date(2027, 1, 1)}),
            "ゆいさんが利用できるのは、2027年1月1日（金）からです",
        ),
    ],
)
def test_values_are_written_as_japanese_readers_expect(reason: Reason, expected: str) -> None:
    assert sentence(reason, child="ゆいさん", today=TODAY) == expected


def test_names_that_the_portal_proposes_are_translated_and_a_nurserys_own_are_not() -> None:
    blocks = (("午前", time(9), time(12)), ("お昼の部", time(12), time(14)))
    reason = Reason(R.NOT_A_BLOCK, {"blocks": blocks})
    rule = UnitsRule(
        blocks=tuple(Block(label=n, starts=f"{s:%H:%M}", ends=f"{e:%H:%M}") for n, s, e in blocks)
    )
    with i18n.use_language("en"):
        for said in (sentence(reason), units_words(rule)):
            assert "Morning 9:00–12:00" in said
            assert "お昼の部 12:00–14:00" in said


def test_without_a_name_it_speaks_of_the_child() -> None:
    reason = Reason(R.NOT_REGISTERED, child_id=uuid.uuid4())

    assert sentence(reason) == "お子さんの事前登録が、まだです"
    assert sentence(reason, child="ゆいさん") == "ゆいさんの事前登録が、まだです"


def test_help_leads_somewhere_and_falls_back_where_a_value_is_unknown() -> None:
    known = Reason(R.NOT_OPEN_DAY, {"on": TODAY, "next_open_on": date(2026, 11, 16)})
    unknown = Reason(R.NOT_OPEN_DAY, {"on": TODAY, "next_open_on": None})

    assert help_for(known, today=TODAY) == Help(
        "いちばん近い預かりの日は 11月16日（月）です。", HelpLink.OTHER_DAYS
    )
    assert help_for(unknown) == Help("カレンダーで、ほかの日をえらべます。", HelpLink.OTHER_DAYS)
    assert help_for(Reason(R.ALREADY_CANCELLED)) is None


def test_what_stands_in_a_value_is_text_and_never_a_template() -> None:
    trick = "{child.__class__}<script>"
    reason = Reason(R.FULL, {"pool": trick, "from_at": at(20, 9)})

    assert sentence(reason) == f"{trick}が 9:00 から満員です"


class StrangeRefusal(StrEnum):
    NEW = "new"


def test_a_code_without_wording_is_found_out() -> None:
    with pytest.raises(KeyError, match=r"StrangeRefusal\.new"):
        sentence(Reason(StrangeRefusal.NEW))


def test_two_modules_may_not_word_the_same_code(monkeypatch: pytest.MonkeyPatch) -> None:
    same = types.SimpleNamespace(SENTENCES={"A.b": "x"}, HELPS={})
    monkeypatch.setattr(importlib, "import_module", lambda _name: same)
    sentences._registry.cache_clear()
    try:
        with pytest.raises(ValueError, match="worded twice"):
            known_codes()
    finally:
        monkeypatch.undo()
        sentences._registry.cache_clear()

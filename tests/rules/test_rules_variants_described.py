from __future__ import annotations

from portal.rulebooks.describe import facts
from portal.rulebooks.files import read_document
from portal.rulebooks.reference.page import text_of

BY_AGE = """
[fee.tariff]
kind = "hourly"
bands = [{ below_age = 1, yen = 500 }, { yen = 300 }]
"""


def told(written: str) -> dict[str, str]:
    return {fact.term: fact.text for fact in facts(read_document(written.encode()))}


def test_each_variant_says_when_it_holds_and_what_is_different() -> None:
    lines = told(text_of("examples/variants.toml"))
    saturday = next(text for term, text in lines.items() if term.startswith("土曜日は4時間まで"))
    assert saturday == "預かりの時間は、30分きざみ、4時間までです。"
    infants = next(text for term, text in lines.items() if term.startswith("0歳児は2か月前から"))
    assert "2か月前" in infants
    others = next(text for term, text in lines.items() if term.startswith("市外の方は800円"))
    assert "800円" in others
    assert "預かりの時間" not in others


def test_what_is_left_out_is_said_to_be_gone() -> None:
    lines = told(
        '[units]\nmax_minutes = 240\n[[variants]]\nname = "祝日"\nwhen = { holidays = true }\n'
        'leaves_out = ["units"]\n'
    )
    assert [text for term, text in lines.items() if term.startswith("祝日")] == [
        "「預かりの時間」は、このときは当てはまりません。"
    ]


def test_a_variant_that_changes_nothing_says_so() -> None:
    lines = told(
        '[units]\nmax_minutes = 240\n[[variants]]\nname = "祝日"\nwhen = { holidays = true }\n'
        "units = { max_minutes = 240 }\n"
    )
    assert "ほかと同じです。" in lines.values()


def test_another_table_of_prices_is_told_whole_and_no_row_is_said_to_be_gone() -> None:
    lines = told(
        BY_AGE + '[[variants]]\nname = "土曜"\nwhen = { weekdays = ["sat"] }\n'
        'fee.tariff = { kind = "day", bands = [{ yen = 2000 }] }\n'
    )
    (saturday,) = [text for term, text in lines.items() if term.startswith("土曜")]
    assert saturday == (
        "「料金」は、次のように変わります。"
        "年齢によらず、1日 2,000円。数え方：長さによらず、1回の利用でこの額です。"
    )


def test_a_table_that_stays_by_age_names_its_rows() -> None:
    lines = told(
        BY_AGE + '[[variants]]\nname = "土曜"\nwhen = { weekdays = ["sat"] }\n'
        "fee.tariff.bands = [{ below_age = 1, yen = 600 }, { yen = 400 }]\n"
    )
    (saturday,) = [text for term, text in lines.items() if term.startswith("土曜")]
    assert saturday == (
        "「料金」は、次のように変わります。0歳児クラス：1時間 600円。1歳児クラスから：1時間 400円。"
    )
    assert "ありません" not in saturday

"""The part of the rules form about who pays less: brothers and sisters, and reductions, one a row.

A reduction that holds for a time, or for other uses than those of some reasons, stands as text
with all of the fee.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField

from portal.office.rules_inputs import Choices, line, number, pick, row_fields, ticks
from portal.office.rules_typed import Typed
from portal.policies.marks import MARK_WORDS
from portal.policies.proofs import PAPER_WORDS
from portal.rulebooks.reading.mistakes import Path
from portal.web.forms import PortalForm

#: Circumstances that lower a price; an extension of a limit is none.
REDUCED_MARKS: Choices = tuple((c, words) for c, words in MARK_WORDS.items() if c != "extension")
_FREE, _WHOLE = "free", 100
_HOW: Choices = (
    ("", "減免なし"),
    (_FREE, "無料"),
    ("percent", "○％引き"),
    ("off_yen", "○円引き"),
    ("pays_yen", "○円だけ払う"),
)
_OF: Choices = (
    ("care", "利用料（加算もふくむ。食事などはのぞく）"),
    ("base", "利用料（加算と食事などはのぞく）"),
    ("total", "料金のぜんぶ"),
)
_SHOWN, _TOLD = "shown", "told"
_COLUMNS = ("how", "label", "marks", "amount", "minutes", "tax", "purposes", "first")


class ReductionFields(PortalForm):
    """The fields that stand once, in the words of a director; typed text stays as typed."""

    siblings = BooleanField("きょうだいの割引がある")
    second_percent = number("2人目を何％引くか")
    third_percent = number("3人目からを何％引くか")
    sibling_order = pick(
        "何人目かの数え方",
        (
            ("booking", "いっしょに預けるお子さんで数える"),
            ("preschoolers", "小学校に入る前のお子さん全員で数える（預けないお子さんも）"),
        ),
        "booking",
    )
    youngest_first = BooleanField("いちばん小さいお子さんを1人目と数える")
    combining = pick(
        "割引や減免がいくつか当てはまるとき",
        (
            ("best", "いちばん安くなる1つだけ"),
            ("stack", "順にぜんぶ引く"),
            ("first", "先の1つだけ"),
        ),
        "best",
    )
    siblings_last = BooleanField("きょうだいの割引を、減免のあとに見る")


def reduction_row(n: int) -> dict[str, Any]:
    """Return the fields of one reduction."""
    row, which = f"red_{n}", f"減免 {n + 1}："
    return {
        f"{row}_how": pick(f"{which}どれだけ安くするか", _HOW),
        f"{row}_amount": number(f"{which}何％・何円か"),
        f"{row}_label": line(f"{which}明細に出る名前"),
        f"{row}_marks": ticks(f"{which}どのご家庭か（どれか1つに当てはまれば）", REDUCED_MARKS),
        f"{row}_minutes": number(f"{which}何分ごとの円か"),
        f"{row}_tax": number(f"{which}市町村民税の所得割が、何円より少ない世帯か"),
        f"{row}_purposes": ticks(f"{which}この理由で使うときだけ", ()),
        f"{row}_of": pick(f"{which}何を安くするか", _OF, "care"),
        f"{row}_proven": pick(
            f"{which}証明",
            ((_SHOWN, "証明を見せたときだけ"), (_TOLD, "申し出だけでよい")),
            _SHOWN,
        ),
        f"{row}_proof": pick(
            f"{which}見せる証明の種類",
            (("", "種類を決めない"), *PAPER_WORDS.items()),
        ),
        f"{row}_retroactive": pick(
            f"{which}証明を見せる前の利用",
            (
                ("none", "さかのぼらない"),
                ("month", "見せた月の1日から"),
                ("fiscal_year", "見せた年度の4月1日から"),
            ),
            "none",
        ),
        f"{row}_first": number(f"{which}はじめの何回までか"),
        f"{row}_within": pick(
            f"{which}その回数を数えるあいだ",
            (("ever", "これまでの全部"), ("month", "その月"), ("fiscal_year", "その年度")),
            "ever",
        ),
    }


def reductions_content(typed: Typed) -> dict[str, Any]:
    """Return what was typed as the parts of the fee that take something off."""
    found: list[dict[str, Any]] = []
    for row in typed.filled("red", _COLUMNS):
        found.append(_reduction(typed, ("fee", "reductions", len(found)), row))
    content: dict[str, Any] = {
        "reductions": found,
        "combining": typed.chosen(("fee", "combining"), "combining"),
        "siblings_last": bool(typed.form.siblings_last.data),
    }
    if typed.form.siblings.data:
        at: Path = ("fee", "siblings")
        content["siblings"] = {
            **{
                name: typed.given((*at, name), name) for name in ("second_percent", "third_percent")
            },
            "order_by": typed.chosen((*at, "order_by"), "sibling_order"),
            "youngest_first": bool(typed.form.youngest_first.data),
        }
    return content


def _reduction(typed: Typed, at: Path, row: str) -> dict[str, Any]:
    how = typed.chosen(at, f"{row}_how")
    found: dict[str, Any] = {
        "marks": typed.ticked((*at, "marks"), f"{row}_marks"),
        "of": typed.chosen((*at, "of"), f"{row}_of"),
        "needs_proof": typed.chosen((*at, "needs_proof"), f"{row}_proven") == _SHOWN,
        "retroactive": typed.chosen((*at, "retroactive"), f"{row}_retroactive"),
    }
    if how == _FREE:
        found["percent"] = _WHOLE
    elif how:
        typed.fields[at] = f"{row}_amount"
        found[how] = typed.given((*at, how), f"{row}_amount")
    for key, name in (
        ("label", "label"),
        ("unit_minutes", "minutes"),
        ("tax_below_yen", "tax"),
        ("first_uses", "first"),
    ):
        if written := typed.text((*at, key), f"{row}_{name}"):
            found[key] = written
    if "first_uses" in found:
        found["within"] = typed.chosen((*at, "within"), f"{row}_within")
    if proof := typed.chosen((*at, "proof"), f"{row}_proof"):
        found["proof"] = proof
    if purposes := typed.ticked((*at, "when", "purposes"), f"{row}_purposes"):
        found["when"] = {"purposes": purposes}
    return found


def reductions_fields(fee: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of what a fee's plain data takes off."""
    siblings = fee["siblings"] or {}
    found: dict[str, Any] = {
        "siblings": bool(siblings),
        "sibling_order": siblings.get("order_by", "booking"),
        "youngest_first": bool(siblings.get("youngest_first")),
        "combining": fee["combining"],
        "siblings_last": fee["siblings_last"],
    }
    found |= {n: siblings[n] for n in ("second_percent", "third_percent") if siblings}
    rows: Sequence[Mapping[str, Any]] = [{**one, **_how(one)} for one in fee["reductions"]]
    return found | row_fields("red", rows, {name: name for name in _SHOWN_AS} | _RENAMED)


#: Columns of which the plain data has another name.
_RENAMED = {"minutes": "unit_minutes", "tax": "tax_below_yen", "first": "first_uses"}
_SHOWN_AS = (
    *("how", "amount", "label", "marks", "of", "proven", "proof"),
    *("retroactive", "within", "purposes"),
)


def _how(one: Mapping[str, Any]) -> dict[str, Any]:
    """Return how much a reduction takes off, for whom and by which proof, as its fields have it."""
    how = next(key for key in ("percent", "off_yen", "pays_yen") if one[key] is not None)
    is_free = how == "percent" and one[how] == _WHOLE
    return {
        "how": _FREE if is_free else how,
        "amount": None if is_free else one[how],
        "proven": _SHOWN if one["needs_proof"] else _TOLD,
        "purposes": list((one["when"] or {}).get("purposes", ())),
    }

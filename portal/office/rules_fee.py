"""The part of the rules form about what a stay costs; what is taken off stands apart.

Surcharges, tickets and prices that change with the length stand as text with all of the fee.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portal.office.rules_inputs import Choices, line, number, pick, radio, row_fields
from portal.office.rules_reductions import ReductionFields, reductions_content, reductions_fields
from portal.office.rules_typed import Typed, plain
from portal.rulebooks.reading.mistakes import Path

#: Rows of prices by block or by length, for all ages together.
PRICE_ROWS = 12
_AT: Path = ("fee",)
_BANDS: Path = ("fee", "tariff", "bands")
_EACH_USE = "use"
_ITEM_COLUMNS = ("label", "yen", "at", "units", "min")
#: Tariffs of which each age has several prices: where these stand, and what each is for.
_PRICED: Mapping[str, tuple[str, str]] = {
    "blocks": ("prices", "label"),
    "steps": ("steps", "up_to_minutes"),
    "packages": ("packages", "minutes"),
}
#: Columns of the other tariffs' table, by the key of the document.
_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "hourly": {"below": "below_age", "yen": "yen"},
    "day": {"below": "below_age", "yen": "yen"},
    "half_day": {"below": "below_age", "half": "half_day_yen", "day": "day_yen"},
}
#: What the document says of a whole tariff, by its kind; the fields are called the same.
_LENGTHS: Mapping[str, Sequence[str]] = {
    "hourly": ("unit_minutes",),
    "half_day": ("half_day_minutes", "border"),
}
_OPTIONS: Choices = (
    ("", "みなさん"),
    ("with_option:lunch", "給食をたのんだ方"),
    ("with_option:snack", "おやつをたのんだ方"),
    ("with_option:nappies", "おむつの処分をたのんだ方"),
    ("without_option:own_lunch", "お弁当を持ってこない方"),
)
_PER: Choices = (
    (_EACH_USE, "利用1回ごと"),
    ("day", "1日に1度"),
    ("month", "月に1度"),
    ("fiscal_year", "年度に1度"),
    ("first_use", "はじめての利用のとき"),
    ("registration", "登録のとき（利用の料金に入れない）"),
    ("count", "使った数だけ"),
)
_WHOLE_YEN: Mapping[str, int] = {str(yen): yen for yen in (10, 50, 100, 500, 1000)}


class FeeFields(ReductionFields):
    """The fields that stand once, in the words of a director; typed text stays as typed."""

    tariff = radio(
        "料金の決め方",
        (
            ("none", "料金を決めない"),
            ("hourly", "時間で"),
            ("half_day", "半日と1日で"),
            ("day", "長さによらず、1回いくら"),
            ("blocks", "午前・午後など、きまった時間ごとに"),
            ("steps", "長さの段階で（2時間まで、4時間までなど）"),
            ("packages", "長さの組み合わせで（いちばん安くなるように）"),
        ),
        "hourly",
    )
    unit_minutes = number("何分ごとの料金")
    half_day_minutes = number("半日とするのは何分まで")
    border = line("午前と午後のさかいの時刻")
    age_basis = pick(
        "どの年齢で料金を決めるか",
        (
            ("class_age", "クラスの年齢（4月1日）"),
            ("on_the_day", "利用する日の年齢"),
            ("month_start", "利用する月の1日の年齢"),
            ("fiscal_year_start", "利用する年度の4月1日の満年齢"),
            ("registration_day", "登録の日の年齢"),
        ),
        "class_age",
    )
    round_to = pick(
        "端数",
        (("", "1円まで"), *((yen, f"{yen}円単位にする") for yen in _WHOLE_YEN)),
    )
    round_mode = pick(
        "端数のしかた", (("down", "切り捨て"), ("up", "切り上げ"), ("nearest", "四捨五入")), "down"
    )
    overrun_yen = number("お迎えがおくれたときの料金（円）")
    overrun_minutes = number("おくれは何分ごとか")
    overrun_grace = number("無料で待つのは何分までか")
    overrun_from = pick(
        "無料で待つ時間をこえたとき",
        (
            ("booked_end", "予約の終わりから数える"),
            ("end_of_grace", "無料の時間のあとから数える"),
        ),
        "booked_end",
    )


def fee_row(n: int) -> dict[str, Any]:
    """Return the fields of one age band and of one item."""
    band, item = f"料金 {n + 1}：", f"食事など {n + 1}"
    return {
        f"band_{n}_below": number(f"{band}何歳より下か"),
        f"band_{n}_yen": number(f"{band}円"),
        f"band_{n}_half": number(f"{band}半日の円"),
        f"band_{n}_day": number(f"{band}1日の円"),
        f"item_{n}_label": line(f"{item} の名前"),
        f"item_{n}_yen": number(f"{item} の円"),
        f"item_{n}_at": line(f"{item}：この時刻にいるとき"),
        f"item_{n}_per": pick(f"{item}：いつかかるか", _PER, _EACH_USE),
        f"item_{n}_option": pick(f"{item}：だれにかかるか", _OPTIONS),
        f"item_{n}_min": number(f"{item}：何分より長い利用か（ちょうどを含む）"),
        f"item_{n}_units": line(f"{item}：この時間のときだけ"),
    }


def price_row(n: int) -> dict[str, Any]:
    """Return the fields of one price by block or by length."""
    price = f"時間ごとの料金 {n + 1}："
    return {
        f"price_{n}_below": number(f"{price}何歳より下か"),
        f"price_{n}_for": line(f"{price}時間の名前か、分"),
        f"price_{n}_yen": number(f"{price}円"),
    }


def fee_content(typed: Typed) -> dict[str, Any] | None:
    """Return what was typed as the plain data of the rule; ``None`` where all is free."""
    kind = str(typed.form.tariff.data or "none")
    if kind not in _COLUMNS and kind not in _PRICED:
        return None
    content = {
        "age_basis": typed.chosen((*_AT, "age_basis"), "age_basis"),
        "tariff": _tariff(typed, kind),
        **_items(typed),
        **reductions_content(typed),
    }
    if to_yen := typed.chosen((*_AT, "rounding", "to_yen"), "round_to"):
        mode = typed.chosen((*_AT, "rounding", "mode"), "round_mode")
        content["rounding"] = {"to_yen": _WHOLE_YEN.get(to_yen, to_yen), "mode": mode}
    at: Path = (*_AT, "overrun")
    if yen := typed.text((*at, "yen"), "overrun_yen"):
        content["overrun"] = {
            "yen": yen,
            "unit_minutes": typed.given((*at, "unit_minutes"), "overrun_minutes"),
            "grace_minutes": typed.text((*at, "grace_minutes"), "overrun_grace") or "0",
            "counted_from": typed.chosen((*at, "counted_from"), "overrun_from"),
        }
    return content


def _tariff(typed: Typed, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": kind}
    if kind in _PRICED:
        found["bands"] = _priced(typed, *_PRICED[kind])
        typed.fields.setdefault(_BANDS, "price_0_for")
    else:
        columns = {f"{key}:{column}": "" for column, key in _COLUMNS[kind].items()}
        found["bands"] = typed.rows(_BANDS, "band", columns)
        typed.fields.setdefault(_BANDS, "band_0_below")
    typed.fields.setdefault(_BANDS[:-1], typed.fields[_BANDS])
    at = _BANDS[:-1]
    if kind == "hourly":
        found["unit_minutes"] = typed.text((*at, "unit_minutes"), "unit_minutes") or "60"
    if kind == "half_day":
        border = typed.clock((*at, "border"), "border")
        minutes = typed.given((*at, "half_day_minutes"), "half_day_minutes")
        if minutes or not border:
            found["half_day_minutes"] = minutes
        if border:
            found["border"] = border
    return found


def _priced(typed: Typed, inside: str, key: str) -> list[dict[str, Any]]:
    """Return the prices, rows of one age together as they follow each other."""
    bands: list[dict[str, Any]] = []
    for row in typed.filled("price", ("below", "for", "yen"), PRICE_ROWS):
        below = plain(typed.form[f"{row}_below"].data)
        if not bands or bands[-1].get("below_age", "") != below:
            at = (*_BANDS, len(bands))
            typed.fields[at] = typed.fields[(*at, "below_age")] = f"{row}_below"
            bands.append({inside: [], **({"below_age": below} if below else {})})
        here = (*_BANDS, len(bands) - 1, inside, len(bands[-1][inside]))
        typed.fields[here] = f"{row}_for"
        written = {
            key: typed.text((*here, key), f"{row}_for"),
            "yen": typed.text((*here, "yen"), f"{row}_yen"),
        }
        bands[-1][inside].append({name: text for name, text in written.items() if text})
    return bands


def _items(typed: Typed) -> dict[str, list[dict[str, Any]]]:
    """Return what is paid beside care: at each use, and once in a while or by number."""
    found: dict[str, list[dict[str, Any]]] = {"per_use": [], "items": []}
    for row in typed.filled("item", _ITEM_COLUMNS):
        per = typed.form[f"{row}_per"].data or _EACH_USE
        kind = "per_use" if per == _EACH_USE else "items"
        at = (*_AT, kind, len(found[kind]))
        typed.fields[at] = f"{row}_label"
        written = {
            "label": typed.text((*at, "label"), f"{row}_label"),
            "yen": typed.text((*at, "yen"), f"{row}_yen"),
            "at": typed.clock((*at, "at"), f"{row}_at"),
            "min_minutes": typed.text((*at, "min_minutes"), f"{row}_min"),
        }
        item: dict[str, Any] = {key: text for key, text in written.items() if text}
        option, _colon, code = typed.chosen((*at, "with_option"), f"{row}_option").partition(":")
        if option:
            item[option] = code
        if units := typed.listed((*at, "when", "units"), f"{row}_units"):
            item["when"] = {"units": units}
        found[kind].append(item if kind == "per_use" else {**item, "per": per})
    return found


def fee_fields(fee: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the fields of the rule's plain data."""
    if fee is None:
        return {"tariff": "none"}
    tariff = fee["tariff"]
    kind = tariff["kind"]
    found: dict[str, Any] = {"tariff": kind, "age_basis": fee["age_basis"]}
    found |= {name: tariff[name] for name in _LENGTHS.get(kind, ())}
    if kind in _PRICED:
        inside, key = _PRICED[kind]
        prices = [
            {"below": band["below_age"], "for": price[key], "yen": price["yen"]}
            for band in tariff["bands"]
            for price in band[inside]
        ]
        same = {name: name for name in ("below", "for", "yen")}
        found |= row_fields("price", prices, same, PRICE_ROWS)
    else:
        found |= row_fields("band", tariff["bands"], _COLUMNS[kind])
    items = [*fee["per_use"], *fee["items"]]
    columns = {name: name for name in ("label", "yen", "at", "per")} | {"min": "min_minutes"}
    found |= row_fields("item", items, columns)
    found |= row_fields(
        "item", [_item(one) for one in items], {"option": "option", "units": "units"}
    )
    if rounding := fee["rounding"]:
        found |= {"round_to": rounding["to_yen"], "round_mode": rounding["mode"]}
    if overrun := fee["overrun"]:
        found |= {f"overrun_{name}": overrun[key] for name, key in _OVERRUN.items()}
    return found | reductions_fields(fee)


_OVERRUN = {
    "yen": "yen",
    "minutes": "unit_minutes",
    "grace": "grace_minutes",
    "from": "counted_from",
}


def _item(one: Mapping[str, Any]) -> dict[str, str]:
    """Return who pays an item, and at which times of the day, as its fields have it."""
    option = next((name for name in ("with_option", "without_option") if one[name]), None)
    units = (one["when"] or {}).get("units", ())
    return {"option": f"{option}:{one[option]}" if option else "", "units": "、".join(units)}

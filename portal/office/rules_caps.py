"""The part of the rules form about how much may be used: one limit a row.

A limit that is extended, that weighs stays in another way or goes by single reasons stands as
text with all the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField

from portal.office.rules_inputs import Choices, line, number, pick, row_fields, ticks
from portal.office.rules_typed import Typed
from portal.rulebooks.reading.mistakes import Path

#: A period that is none: each cause has its count.
_EACH_CAUSE = "cause"
_METRICS: Choices = (
    ("", "決めない"),
    ("days", "日（同じ日に2回使っても1日）"),
    ("half_days", "日（半日は0.5日）"),
    ("visits", "回"),
    ("hours", "時間"),
    ("hours_rounded_up", "時間（1回ごとに1時間に切り上げ）"),
    ("consecutive_days", "続けて使う日"),
    ("upcoming_visits", "これから使う予約の数"),
)
_PERIODS: Choices = (
    ("day", "1日に"),
    ("week", "1週間に（月曜から）"),
    ("month", "1か月に"),
    ("half_year", "半年に（4月と10月から）"),
    ("fiscal_year", "1年度に"),
    ("calendar_year", "1年に（1月から）"),
    (_EACH_CAUSE, "1つの原因（出産・看護など）ごとに"),
    ("whole_time", "登録から終わりまで通して"),
    ("", "期間を決めない（「続けて使う日」「予約の数」のとき）"),
)
_SCOPES: Choices = (
    ("facility", "この園での利用だけ"),
    ("provider", "同じ法人の園もあわせて"),
    ("municipality", "市区町村の園をあわせて"),
    ("everywhere", "市区町村の外の園もあわせて"),
)
_BREACHES: Choices = (("refuse", "予約できない"), ("ask_staff", "園が認めたときだけ"))
_PERS: Choices = (("child", "お子さん1人ごとに"), ("household", "世帯で合わせて"))
_ONLY, _EXCEPT = "purposes", "except_purposes"
_WHICH: Choices = (
    (_ONLY, "しるしの理由だけにかかる"),
    (_EXCEPT, "しるしの理由にはかからない"),
)
_TRIALS: Choices = (
    ("", "ならし預かりのきまりのとおり"),
    ("like_others", "ふだんの利用と同じに数える"),
    ("always", "どの理由のならしでも数える"),
    ("never", "数えない"),
)
#: What counts beside the stays themselves; the last two unless told otherwise.
_COUNTS: Choices = (
    ("counts_cancelled", "期限までに取り消した予約"),
    ("counts_late_cancelled", "期限のあとに取り消した予約"),
    ("all_programmes", "ほかの事業（誰でも通園など）の利用"),
    ("counts_no_show", "連絡のないお休み"),
    ("counts_declared", "ご家庭が申し出た、ほかの園での利用"),
)
_COUNTED = ("counts_no_show", "counts_declared")
_COLUMNS = ("metric", "amount", "label", "purposes", "half", "units")


def cap_row(n: int) -> dict[str, Any]:
    """Return the fields of one limit, in the words of a director; typed text stays as typed."""
    row, which = f"cap_{n}", f"上限{n + 1}："
    return {
        f"{row}_period": pick(f"{which}いつの間に", _PERIODS, "month"),
        f"{row}_amount": number(f"{which}いくつまで", "decimal"),
        f"{row}_metric": pick(f"{which}何を数えるか", _METRICS),
        f"{row}_half": number(f"{which}半日とする長さ（分）"),
        f"{row}_units": line(f"{which}半日とする時間の名前"),
        f"{row}_scope": pick(f"{which}どこでの利用を", _SCOPES, "facility"),
        f"{row}_breach": pick(f"{which}こえるとき", _BREACHES, "refuse"),
        f"{row}_purposes": ticks(f"{which}利用の理由", ()),
        f"{row}_which": pick(f"{which}理由にしるしがあるとき", _WHICH, _ONLY),
        f"{row}_others": BooleanField(f"{which}上限がかからない理由の利用も、使った分に数える"),
        f"{row}_label": line(f"{which}呼び名"),
        f"{row}_per": pick(f"{which}だれの", _PERS, "child"),
        f"{row}_counts": ticks(f"{which}使った分に数えるもの", _COUNTS, _COUNTED),
        f"{row}_trials": pick(f"{which}ならし預かり", _TRIALS),
        f"{row}_average": BooleanField(f"{which}「いくつまで」は、1週間の平均"),
    }


def caps_content(typed: Typed) -> list[dict[str, Any]] | None:
    """Return what was typed as the plain data; ``None`` where nothing is limited."""
    found: list[dict[str, Any]] = []
    for row in typed.filled("cap", _COLUMNS):
        found.append(_cap(typed, ("caps", len(found)), row))
    return found or None


def _cap(typed: Typed, at: Path, row: str) -> dict[str, Any]:
    typed.fields[at] = f"{row}_amount"
    cap: dict[str, Any] = {
        "metric": typed.text((*at, "metric"), f"{row}_metric") or None,
        "amount": typed.text((*at, "amount"), f"{row}_amount") or None,
        "scope": typed.chosen((*at, "scope"), f"{row}_scope"),
        "on_breach": typed.chosen((*at, "on_breach"), f"{row}_breach"),
        "per": typed.chosen((*at, "per"), f"{row}_per"),
        "label": typed.text((*at, "label"), f"{row}_label"),
        "weekly_average": bool(typed.form[f"{row}_average"].data),
        "counts_all_purposes": bool(typed.form[f"{row}_others"].data),
        "half_day_units": typed.listed((*at, "half_day_units"), f"{row}_units"),
    }
    # An empty choice is one here: no period.
    period = typed.form[f"{row}_period"].data
    period = "month" if period is None else period
    typed.fields[(*at, "period")] = f"{row}_period"
    cap |= {"per_cause": True} if period == _EACH_CAUSE else {"period": period or None}
    which = _EXCEPT if typed.form[f"{row}_which"].data == _EXCEPT else _ONLY
    cap[which] = typed.ticked((*at, which), f"{row}_purposes")
    counted = typed.ticked((*at, "counts"), f"{row}_counts")
    cap |= {key: key in counted for key, _words in _COUNTS}
    if half := typed.text((*at, "half_day_minutes"), f"{row}_half"):
        cap["half_day_minutes"] = half
    if trials := typed.chosen((*at, "trials"), f"{row}_trials"):
        cap["trials"] = trials
    return cap


def caps_fields(caps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the fields of the rules' plain data."""
    same = ("metric", "amount", "period", "scope", "purposes", "which", "label", "per", "counts")
    columns = {name: name for name in (*same, "trials", "units")} | {
        "breach": "on_breach",
        "half": "half_day_minutes",
        "others": "counts_all_purposes",
        "average": "weekly_average",
    }
    return row_fields("cap", [{**cap, **_shown(cap)} for cap in caps], columns)


def _shown(cap: Mapping[str, Any]) -> dict[str, Any]:
    """Return those columns of a limit that its fields have in another form."""
    amount = cap["amount"]
    which = _EXCEPT if cap[_EXCEPT] else _ONLY
    return {
        "amount": int(amount) if amount == int(amount) else amount,
        "period": _EACH_CAUSE if cap["per_cause"] else cap["period"],
        "which": which,
        "purposes": list(cap[which]),
        "counts": [key for key, _words in _COUNTS if cap[key]],
        "units": "、".join(cap["half_day_units"]),
    }

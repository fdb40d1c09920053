"""The part of the rules form about cancelling by steps, and not coming without a word."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField

from portal.office.rules_inputs import (
    COUNTINGS,
    SHIFTS,
    Choices,
    line,
    number,
    pick,
    radio,
    row_fields,
    ticks,
)
from portal.office.rules_typed import Typed
from portal.rulebooks.reading.mistakes import Path
from portal.web.forms import PortalForm

#: Steps between the free time and the last.
TIER_ROWS = 4
_AT: Path = ("cancel",)
_NO_SHOW: Path = ("no_show",)
_OF: Choices = (("care", "利用料（食事などはのぞく）"), ("total", "料金のぜんぶ"))
_FEES: Choices = (("percent", "料金の○％"), ("flat", "1人いくら"), ("items", "食事などの分だけ"))
#: What is simply so or not, each field called as in the document.
_FLAGS = ("late_online", "waived_with_proof", "ends_run", "written_form")


class CancelFields(PortalForm):
    """The fields that stand once, in the words of a director; typed text stays as typed."""

    cancel_kind = radio(
        "取り消しの期限", (("none", "決めない（いつでも無料）"), ("rule", "期限を決める")), "rule"
    )
    free_days = number("無料で取り消せるのは（何日前）")
    free_at = line("無料の期限の時刻")
    free_counting = pick("取り消しまでの日の数え方", COUNTINGS, "calendar")
    free_shift = pick("期限の日がお休みのとき", SHIFTS, "none")
    free_minutes = number("始まりの何分前まで無料か")
    late_kind = radio("期限のあとの料金", (("none", "かからない"), *_FEES), "none")
    late_percent = number("期限のあとは、何％か")
    late_of = pick("期限のあとは、何の料金にかけるか", _OF, "care")
    late_yen = number("期限のあとは、1人いくらか（円）")
    late_online = BooleanField("期限のあとも、保護者が画面から取り消せる")
    online_days = number("画面から取り消せるのは（何日前）")
    online_at = line("画面から取り消せる期限の時刻")
    online_counting = pick("画面の期限までの日の数え方", COUNTINGS, "calendar")
    online_shift = pick("画面の期限の日がお休みのとき", SHIFTS, "none")
    waived = ticks(
        "期限のあとでも料金がかからない理由",
        (
            ("illness", "病気・けが"),
            ("disaster", "災害"),
            ("bereavement", "身内の不幸"),
            ("closed_by_facility", "園の都合"),
        ),
    )
    waived_with_proof = BooleanField("その理由を、診断書などの書類で見せてもらう")
    shortening = pick(
        "期限のあとに、時間を短くするとき",
        (
            ("free", "取り消しの料金はかからない"),
            ("as_cancel", "短くした分は、取り消しと同じ料金"),
            ("not_possible", "短くできない"),
        ),
        "free",
    )
    ends_run = BooleanField("続く日の1日を取り消すと、そのあとの日も取り消しになる")
    written_form = BooleanField("取り消しの届け（書面）を出してもらう")

    noshow_kind = radio(
        "連絡のないお休みの料金",
        (
            ("none", "決めない"),
            ("cancel", "取り消しのきまりのとおり"),
            ("percent", "料金の○％"),
            ("yen", "1人いくら"),
        ),
        "none",
    )
    noshow_percent = number("連絡のないお休みは何％か")
    noshow_of = pick("連絡のないお休みは、何の料金にかけるか", _OF, "care")
    noshow_yen = number("連絡のないお休みは1人いくらか（円）")
    noshow_grace = number("始まりから何分たつと、連絡のないお休みか")


def tier_row(n: int) -> dict[str, Any]:
    """Return the fields of one step after the free time."""
    row, which = f"tier_{n}", f"取り消しの段階 {n + 1}："
    return {
        f"{row}_days": number(f"{which}何日前まで"),
        f"{row}_at": line(f"{which}何時まで"),
        f"{row}_minutes": number(f"{which}始まりの何分前まで"),
        f"{row}_kind": pick(f"{which}料金", (("none", "かからない"), *_FEES), "percent"),
        f"{row}_amount": number(f"{which}何％・何円か"),
        f"{row}_of": pick(f"{which}何の料金にかけるか", _OF, "care"),
    }


def cancel_content(typed: Typed) -> dict[str, Any] | None:
    """Return what was typed as the plain data of the rule; ``None`` where cancelling is free."""
    form = typed.form
    if form.cancel_kind.data != "rule":
        return None
    content: dict[str, Any] = {
        **{name: bool(form[name].data) for name in _FLAGS},
        "waived": typed.ticked((*_AT, "waived"), "waived"),
        "shortening": typed.chosen((*_AT, "shortening"), "shortening"),
        "tiers": _tiers(typed),
    }
    fee = _fee(typed, (*_AT, "late_fee"), "late", {"percent": "late_percent", "yen": "late_yen"})
    if fee["kind"] != "none":
        content["late_fee"] = fee
    if minutes := typed.text((*_AT, "free_until_minutes_before"), "free_minutes"):
        content["free_until_minutes_before"] = minutes
    # What costs something later needs a limit: left out, it is asked for at its field.
    if form.free_days.data or (not minutes and (content["tiers"] or "late_fee" in content)):
        content["free_until"] = typed.deadline((*_AT, "free_until"), "free")
    if form.online_days.data:
        content["online_until"] = typed.deadline((*_AT, "online_until"), "online")
    return content


def _tiers(typed: Typed) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for row in typed.filled("tier", ("days", "at", "minutes", "amount"), TIER_ROWS):
        at: Path = (*_AT, "tiers", len(found))
        typed.fields[at] = f"{row}_days"
        amount = f"{row}_amount"
        tier: dict[str, Any] = {
            "fee": _fee(typed, (*at, "fee"), row, {"percent": amount, "yen": amount})
        }
        if minutes := typed.text((*at, "until_minutes_before"), f"{row}_minutes"):
            tier["until_minutes_before"] = minutes
        if days := typed.text((*at, "until", "days"), f"{row}_days"):
            tier["until"] = {
                "days": days,
                "at": typed.clock((*at, "until", "at"), f"{row}_at") or "24:00",
                # Days are counted alike for all steps.
                "counting": typed.form.free_counting.data or "calendar",
                "shift": typed.form.free_shift.data or "none",
            }
        found.append(tier)
    return found


def _fee(typed: Typed, at: Path, name: str, amounts: Mapping[str, str]) -> dict[str, Any]:
    """Return what cancelling costs; ``amounts`` are the fields of a share and of yen."""
    kind = typed.form[f"{name}_kind"].data or "none"
    typed.fields[at] = f"{name}_kind"
    if kind == "percent":
        percent = typed.given((*at, "percent"), amounts["percent"])
        return {"kind": kind, "percent": percent, "of": typed.chosen((*at, "of"), f"{name}_of")}
    if kind == "flat":
        return {"kind": kind, "yen": typed.given((*at, "yen"), amounts["yen"])}
    return {"kind": kind}


def no_show_content(typed: Typed) -> dict[str, Any] | None:
    """Return what was typed about not coming without a word; ``None`` where nothing is said."""
    kind = typed.form.noshow_kind.data or "none"
    if kind == "none":
        return None
    content: dict[str, Any] = {}
    if grace := typed.text((*_NO_SHOW, "grace_minutes"), "noshow_grace"):
        content["grace_minutes"] = grace
    at = (*_NO_SHOW, "fee")
    typed.fields[at] = f"noshow_{kind}" if kind != "cancel" else "noshow_kind"
    if kind == "percent":
        is_of_total = typed.chosen((*at, "of_total"), "noshow_of") == "total"
        percent = typed.given((*at, kind), "noshow_percent")
        content["fee"] = {"percent": percent, "of_total": is_of_total}
    elif kind == "yen":
        content["fee"] = {"yen": typed.given((*at, kind), "noshow_yen")}
    return content


def deadline_fields(limit: Mapping[str, Any] | None, name: str) -> dict[str, Any]:
    """Return the fields of a limit of so many days before."""
    if not limit:
        return {f"{name}_days": None}
    return {f"{name}_{key}": limit[key] for key in ("days", "at", "counting", "shift")}


def cancel_fields(cancel: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the fields of the rule's plain data."""
    if cancel is None:
        return {"cancel_kind": "none"}
    late = cancel["late_fee"] or {"kind": "none"}
    found = {
        "cancel_kind": "rule",
        **deadline_fields(cancel["free_until"], "free"),
        **deadline_fields(cancel["online_until"], "online"),
        "free_minutes": cancel["free_until_minutes_before"],
        "late_kind": late["kind"],
        "late_percent": late.get("percent"),
        "late_of": late.get("of", "care"),
        "late_yen": late.get("yen"),
        "waived": list(cancel["waived"]),
        "shortening": cancel["shortening"],
        **{name: cancel[name] for name in _FLAGS},
    }
    names = ("days", "at", "minutes", "kind", "amount", "of")
    rows = [_tier(one) for one in cancel["tiers"]]
    found |= row_fields("tier", rows, {name: name for name in names}, TIER_ROWS)
    if rows and not cancel["free_until"] and (until := cancel["tiers"][0]["until"]):
        found |= {f"free_{key}": until[key] for key in ("counting", "shift")}
    return found


def _tier(one: Mapping[str, Any]) -> dict[str, Any]:
    until, fee = one["until"] or {}, one["fee"]
    return {
        "days": until.get("days"),
        "at": until.get("at"),
        "minutes": one["until_minutes_before"],
        "kind": fee["kind"],
        "amount": fee.get("percent", fee.get("yen")),
        "of": fee.get("of", "care"),
    }


def no_show_fields(rule: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the fields of the rule's plain data."""
    if rule is None:
        return {"noshow_kind": "none"}
    fee = rule["fee"] or {}
    kind = next((kind for kind in ("percent", "yen") if fee.get(kind) is not None), "cancel")
    return {
        "noshow_kind": kind,
        "noshow_percent": fee.get("percent"),
        "noshow_yen": fee.get("yen"),
        "noshow_of": "total" if fee.get("of_total") else "care",
        "noshow_grace": rule["grace_minutes"],
    }

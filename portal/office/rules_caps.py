"""The part of the rules form about how much may be used: the common limits, one a row.

A limit that counts in another way stands as text with all the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice

from portal.rulebooks.reading.mistakes import Path
from portal.web.forms import PortalForm

CAP_ROWS = 4
_METRICS = (
    ("", "決めない"),
    ("days", "日（同じ日に2回使っても1日）"),
    ("half_days", "日（半日は0.5日）"),
    ("visits", "回"),
    ("hours", "時間"),
)
_PERIODS = (
    ("week", "1週間に（月曜から）"),
    ("month", "1か月に"),
    ("fiscal_year", "1年度に"),
    ("day", "1日に"),
)
_SCOPES = (
    ("facility", "この園での利用だけ"),
    ("provider", "同じ法人の園もあわせて"),
    ("municipality", "市区町村の園をあわせて（申し出た分も）"),
)
_BREACHES = (("refuse", "予約できない"), ("ask_staff", "園が認めたときだけ"))


def _choices(pairs: Sequence[tuple[str, str]]) -> list[SelectChoice]:
    return [SelectChoice(value, words) for value, words in pairs]


def _number(label: str) -> StringField:
    return StringField(label, render_kw={"inputmode": "decimal", "autocomplete": "off"})


class _CapsFields(PortalForm):
    """The fields, in the words of a director; typed text stays as typed."""


_rows: dict[str, Any] = {}
for _n in range(CAP_ROWS):
    _which = f"上限{_n + 1}："
    _rows |= {
        f"cap_{_n}_period": SelectField(
            f"{_which}いつの間に", choices=_choices(_PERIODS), default="month"
        ),
        f"cap_{_n}_amount": _number(f"{_which}いくつまで"),
        f"cap_{_n}_metric": SelectField(
            f"{_which}何を数えるか", choices=_choices(_METRICS), default=""
        ),
        f"cap_{_n}_half": _number(f"{_which}半日とする長さ（分）"),
        f"cap_{_n}_scope": SelectField(
            f"{_which}どこでの利用を", choices=_choices(_SCOPES), default="facility"
        ),
        f"cap_{_n}_breach": SelectField(
            f"{_which}こえるとき", choices=_choices(_BREACHES), default="refuse"
        ),
    }
CapsFields = type("CapsFields", (_CapsFields,), _rows)


def caps_content(
    form: Any, text: Callable[[Path, str], str], fields: dict[Path, str]
) -> list[dict[str, Any]] | None:
    """Return what was typed as the plain data of the rules; ``None`` where nothing is limited.

    Args:
        text: Reads a field and remembers which place of the document it belongs to.
        fields: Takes up which field speaks for a whole row.
    """
    found: list[dict[str, Any]] = []
    for n in range(CAP_ROWS):
        metric = form[f"cap_{n}_metric"].data
        if not metric and not form[f"cap_{n}_amount"].data:
            continue
        at: Path = ("caps", len(found))
        fields[at] = f"cap_{n}_amount"
        cap: dict[str, Any] = {
            "metric": text((*at, "metric"), f"cap_{n}_metric") or None,
            "amount": text((*at, "amount"), f"cap_{n}_amount") or None,
            "period": form[f"cap_{n}_period"].data or "month",
            "scope": form[f"cap_{n}_scope"].data or "facility",
            "on_breach": form[f"cap_{n}_breach"].data or "refuse",
        }
        if half := text((*at, "half_day_minutes"), f"cap_{n}_half"):
            cap["half_day_minutes"] = half
        found.append(cap)
    return found or None


def caps_fields(caps: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the fields of the rules' plain data."""
    found: dict[str, Any] = {}
    for n, cap in enumerate(caps[:CAP_ROWS]):
        amount = cap["amount"]
        found |= {
            f"cap_{n}_metric": cap["metric"],
            f"cap_{n}_amount": int(amount) if amount == int(amount) else amount,
            f"cap_{n}_period": cap["period"],
            f"cap_{n}_scope": cap["scope"],
            f"cap_{n}_breach": cap["on_breach"],
            f"cap_{n}_half": cap["half_day_minutes"],
        }
    return found

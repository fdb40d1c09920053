"""The part of the rules form about the child's record: when it is confirmed again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from wtforms import BooleanField, StringField

from portal.rulebooks.reading.mistakes import Path
from portal.web.forms import PortalForm

_DAYS: Path = ("record", "confirm_within_days")


class RecordFields(PortalForm):
    """The fields, in the words of a director; typed text stays as typed."""

    record_days = StringField(
        "前の確認から何日を過ぎたら、もう一度たずねるか",
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    record_year = BooleanField("新しい年度にも、もう一度たずねる")
    record_required = BooleanField("確認がすむまで、予約を受けない")


def record_content(form: Any, text: Callable[[Path, str], str]) -> dict[str, Any]:
    """Return what was typed as the plain data of the rule.

    Args:
        text: Reads a field and remembers which place of the document it belongs to.
    """
    return {
        "confirm_within_days": text(_DAYS, "record_days") or None,
        "each_fiscal_year": bool(form.record_year.data),
        "is_required": bool(form.record_required.data),
    }


def record_fields(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a rule's plain data."""
    return {
        "record_days": rule["confirm_within_days"],
        "record_year": rule["each_fiscal_year"],
        "record_required": rule["is_required"],
    }

"""What was typed beside a choice that leaves it out: said, so that no price is lost unseen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wtforms.fields.choices import SelectFieldBase

from portal.documents.i18n import gettext as _
from portal.office.rules_fields import ROWS


@dataclass(frozen=True, slots=True)
class _Choice:
    """A field, what it holds when it leaves the others out, and those others."""

    field: str
    leaves_out: str
    others: Sequence[str]


def _rows(name: str, columns: Sequence[str]) -> list[str]:
    return [f"{name}_{n}_{column}" for n in range(ROWS) for column in columns]


_BLOCKS = _rows("block", ("label", "starts", "ends"))
_LENGTHS = ("grid_minutes", "min_minutes", "max_minutes", "start_times")
_BANDS = _rows("band", ("below", "yen", "half", "day"))
_ITEMS = _rows("item", ("label", "yen", "at"))
_CHOICES = (
    _Choice("age_min_unit", "", ("age_min",)),
    _Choice("age_max_unit", "", ("age_max",)),
    _Choice("registration", "", ("registration_limit", "registration_answer", "renewal_days")),
    *(_Choice(f"step_{n}_kind", "", (f"step_{n}_words",)) for n in range(ROWS)),
    _Choice("opens_kind", "always", ("opens_number", "opens_at")),
    _Choice("closes_days", "", ("closes_at",)),
    _Choice("units_kind", "any", (*_LENGTHS, *_BLOCKS)),
    _Choice("units_kind", "free", _BLOCKS),
    _Choice("tariff", "none", (*_BANDS, *_ITEMS, "siblings")),
    _Choice("siblings", "", ("second_percent", "third_percent")),
    _Choice("cancel_kind", "none", ("free_days", "late_percent", "late_yen")),
    _Choice("late_kind", "none", ("late_percent", "late_yen")),
)


def say_unused(form: Any) -> list[str]:
    """Mark each choice that leaves out what was typed beside it; return what was said.

    The words name the choice and the first such field.
    """
    said: list[str] = []
    for each in _CHOICES:
        field = form[each.field]
        unused = [form[name] for name in each.others if form[name].data]
        if str(field.data or "").strip() != each.leaves_out or not unused:
            continue
        if isinstance(field, SelectFieldBase):
            chosen = next(str(c.label) for c in field.choices if c.value == each.leaves_out)
            why = _("「%(chosen)s」がえらんであります") % {"chosen": _(chosen)}
        else:
            why = _("「%(name)s」が空です") % {"name": field.label.text}
        words = _(
            "%(why)s。このままでは、「%(unused)s」に書いたことが使われません。"
            "えらび直すか、書いたことを消してください"
        ) % {"why": why, "unused": unused[0].label.text}
        field.errors = [*field.errors, words]
        said.append(words)
    return said

"""What was typed beside a choice that leaves it out: said, so that no price is lost unseen."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wtforms.fields.choices import SelectFieldBase

from portal.documents.i18n import gettext as _
from portal.office.rules_cancel import TIER_ROWS
from portal.office.rules_fee import PRICE_ROWS
from portal.office.rules_inputs import ROWS, names_of_rows


@dataclass(frozen=True, slots=True)
class _Choice:
    """A field, what it holds when it leaves the others out, and those others."""

    field: str
    leaves_out: str
    others: Sequence[str]


_BLOCKS = names_of_rows("block", ("label", "starts", "ends"))
_LENGTHS = ("grid_minutes", "min_minutes", "max_minutes", "start_times")
_ITEMS = names_of_rows("item", ("label", "yen", "at", "units", "min"))
_REDUCTIONS = names_of_rows("red", ("amount", "marks", "label"))
_OVERRUN = ("overrun_minutes", "overrun_grace")
#: Each tariff with the columns of the table of ages that it reads.
_READ_BY: Mapping[str, Collection[str]] = {
    "none": (),
    "hourly": ("yen",),
    "day": ("yen",),
    "half_day": ("half", "day"),
    "blocks": (),
    "steps": (),
    "packages": (),
}
_PRICED = frozenset({"blocks", "steps", "packages"})


def _left_out_by(tariff: str) -> list[str]:
    """Return the fields of prices that a tariff does not read, in the order of the page."""
    read = _READ_BY[tariff]
    columns = [name for name in ("yen", "half", "day") if name not in read]
    found = names_of_rows("band", columns if read else ("below", *columns))
    if tariff not in _PRICED:
        found += names_of_rows("price", ("below", "for", "yen"), PRICE_ROWS)
    if tariff == "none":
        found += [*_ITEMS, "siblings", *_REDUCTIONS, "overrun_yen"]
    return found


_CHOICES = (
    _Choice("age_min_unit", "", ("age_min",)),
    _Choice("age_max_unit", "", ("age_max",)),
    _Choice("registration", "", ("registration_limit", "registration_answer", "renewal_days")),
    *(_Choice(f"step_{n}_kind", "", (f"step_{n}_words",)) for n in range(ROWS)),
    _Choice("opens_kind", "always", ("opens_number", "opens_at")),
    _Choice("closes_days", "", ("closes_at",)),
    _Choice("units_kind", "any", (*_LENGTHS, *_BLOCKS)),
    _Choice("units_kind", "free", _BLOCKS),
    *(_Choice("tariff", kind, _left_out_by(kind)) for kind in _READ_BY),
    _Choice("siblings", "", ("second_percent", "third_percent")),
    *(_Choice(f"red_{n}_how", "free", (f"red_{n}_amount",)) for n in range(ROWS)),
    _Choice("overrun_yen", "", _OVERRUN),
    _Choice("cancel_kind", "none", ("free_days", "free_minutes", "late_percent", "late_yen")),
    _Choice("cancel_kind", "none", names_of_rows("tier", ("days", "amount"), TIER_ROWS)),
    _Choice("online_days", "", ("online_at",)),
    _Choice("late_kind", "none", ("late_percent", "late_yen")),
    *(_Choice(f"tier_{n}_days", "", (f"tier_{n}_at",)) for n in range(TIER_ROWS)),
    *(
        _Choice(f"tier_{n}_kind", kind, (f"tier_{n}_amount",))
        for n in range(TIER_ROWS)
        for kind in ("none", "items")
    ),
    _Choice("noshow_kind", "none", ("noshow_percent", "noshow_yen", "noshow_grace")),
    _Choice("noshow_kind", "cancel", ("noshow_percent", "noshow_yen")),
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

"""The record on one A4 paper, black on white: for the room's folder, and for FAX to a hospital.

Long answers are cut so that all stays on one page; allergies are not. Closed sections are left out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from jinja2 import Environment

from portal.documents.templating import environment
from portal.families.models import Guardian, PickupPerson
from portal.families.record import OpenRecord
from portal.families.record_day import allergy_words, doses_done, not_yet_eaten
from portal.families.record_lines import lines_of, plain
from portal.families.record_sections import (
    ALLERGIES,
    CONTACTS,
    DAY,
    FEEDING,
    HABITS,
    HEALTH,
    OTHER,
    SLEEP,
    TOILET,
    VACCINATIONS,
)

#: Full-width signs on a line of the paper's wide column, and the lines that one page holds.
_SIGNS, _LINES = 37, 38
#: How much of one section stays, tried until all fits.
_CUTS = (400, 240, 150, 100, 70, 45)
_CUT_MARK = "…（つづきは画面）"


@dataclass(frozen=True, slots=True)
class Card:
    """What the paper shows."""

    #: ``None``: nobody asked; empty: asked, and there are none.
    allergies: str | None
    not_yet: str
    #: Whether a doctor wrote what the child may eat; empty: not said.
    doctors_sheet: str
    rows: tuple[tuple[str, str], ...]
    contacts: tuple[tuple[str, str, str, str], ...]
    confirmed_on: date | None


def card_of(
    found: OpenRecord, guardians: Sequence[Guardian], pickup_persons: Sequence[PickupPerson]
) -> Card:
    """Return the card's content, cut to one page."""
    parts = found.parts
    contacts = _contacts(found, guardians, pickup_persons)
    allergies = allergy_words(parts[ALLERGIES.key].answers)
    not_yet = "、".join(not_yet_eaten(parts[ALLERGIES.key].answers))
    taken = 11 + len(contacts) * 1.5 + _height(f"{allergies or ''}\n{not_yet}")
    rows: tuple[tuple[str, str], ...] = ()
    # A line for each answer where there is room, else one after the other.
    for cut, between in (*((cut, "\n") for cut in _CUTS[:1]), *((cut, "　") for cut in _CUTS)):
        rows = tuple(_rows(found, cut, between))
        if taken + sum(_height(text) + 0.5 for _title, text in rows) <= _LINES:
            break
    said = parts[ALLERGIES.key].answers.get("doctors_sheet")
    doctors_sheet = ALLERGIES.question("doctors_sheet").word(said) if said else ""
    return Card(allergies, not_yet, doctors_sheet, rows, contacts, found.confirmed_on)


def _rows(found: OpenRecord, cut: int, between: str) -> list[tuple[str, str]]:
    rows = []
    for section in (HEALTH, FEEDING, SLEEP, TOILET, HABITS, DAY, OTHER):
        answers = found.parts[section.key].answers
        said = [
            f"{line.label}：{plain(line).replace(chr(10), '／')}"
            if section is not OTHER
            else line.text
            for line in lines_of(section, answers)
        ]
        rows.append((section.title, _shortened(between.join(said), cut)))
    done, asked = doses_done(found.parts[VACCINATIONS.key].answers)
    words = f"{done}回すみ（たずねている {asked}回のうち）" if done else ""
    rows.insert(1, (VACCINATIONS.title, words))
    return rows


def _contacts(
    found: OpenRecord, guardians: Sequence[Guardian], pickup_persons: Sequence[PickupPerson]
) -> tuple[tuple[str, str, str, str], ...]:
    """Return whom to call: as the family put them in order, else the guardians; then pick-ups."""
    rows = found.parts[CONTACTS.key].answers.get("contacts") or []
    people = [
        tuple(str(row.get(key) or "") for key in ("name", "relation", "phone", "when"))
        for row in rows
    ] or [(each.name, each.relation, each.phone or "", "") for each in guardians]
    ordered = [
        (f"{place}", name, f"{phone}　{when}".strip(), relation)
        for place, (name, relation, phone, when) in enumerate(people, 1)
    ]
    ordered += [("迎", each.name, each.phone or "", each.relation) for each in pickup_persons[:4]]
    return tuple(ordered)


def _shortened(text: str, cut: int) -> str:
    return text if len(text) <= cut else text[:cut] + _CUT_MARK


def _height(text: str) -> int:
    """Return how many lines a text takes; half-width signs count as half."""
    return sum(
        max(1, math.ceil(sum(0.5 if ord(sign) < 0x250 else 1 for sign in line) / _SIGNS))  # noqa: PLR2004 - the last of the Latin blocks
        for line in text.split("\n")
    )


@cache
def _papers() -> Environment:
    return environment()


def card_html(
    found: OpenRecord,
    *,
    guardians: Sequence[Guardian],
    pickup_persons: Sequence[PickupPerson],
    number: str,
    places: Sequence[str],
    now: datetime,
    is_demo: bool,
) -> str:
    """Return the paper as the HTML that becomes the PDF."""
    return (
        _papers()
        .get_template("office/families/record_card.html")
        .render(
            card=card_of(found, guardians, pickup_persons),
            child=found.child,
            family_number=number,
            places=places,
            now=now,
            on_screen=False,
            is_demo=is_demo,
        )
    )

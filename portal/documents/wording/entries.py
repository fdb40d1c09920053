"""What stands in a module of wording: templates by code, and what would help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

#: A sentence, or several from the most exact to one that needs no value. The first is used whose
#: ``{values}`` the reason brings; ``{child}`` is always there.
Template = str | tuple[str, ...]


class HelpLink(StrEnum):
    """Where a way out leads; the face that shows it knows the address and leaves out the rest."""

    OTHER_TIMES = "other_times"
    OTHER_DAYS = "other_days"
    OTHER_FACILITIES = "other_facilities"
    OWN_BOOKINGS = "own_bookings"
    CHANGE_PURPOSE = "change_purpose"
    PREREGISTRATION = "preregistration"
    OWN_APPLICATION = "own_application"
    CHILD_RECORD = "child_record"
    CHILDREN = "children"
    HOME_FACTS = "home_facts"
    RULES = "rules"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class HelpTemplate:
    """What would help, as a template, and where it is done."""

    text: Template
    link: HelpLink | None = None


Sentences = Mapping[str, Template]
Helps = Mapping[str, HelpTemplate]

"""The words in which basics are passed on: a person and children as JSON, the rest as written.

Children stand each with its id, so that one that is not meant any more is no longer shown.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from portal.families.models import Child, Guardian
from portal.referrals.rules import Item


@dataclass(frozen=True, slots=True)
class Person:
    """The guardian who was met, as the receiver is told."""

    name: str
    name_kana: str | None = None
    relation: str = ""
    phone: str | None = None
    mail: str | None = None


@dataclass(frozen=True, slots=True)
class PassedChild:
    """A child, born or expected, as the receiver is told."""

    id: uuid.UUID
    name: str | None = None
    name_kana: str | None = None
    born_on: date | None = None
    due_on: date | None = None


def person_text(guardian: Guardian) -> str:
    """Return how a guardian is kept among the items."""
    person = Person(
        guardian.name, guardian.name_kana, guardian.relation, guardian.phone, guardian.mail
    )
    return json.dumps(asdict(person), ensure_ascii=False)


def children_text(children: Sequence[Child]) -> str:
    """Return how children are kept among the items."""
    return json.dumps(
        [
            {
                "id": str(child.id),
                "name": child.name,
                "name_kana": child.name_kana,
                "born_on": child.born_on.isoformat() if child.born_on else None,
                "due_on": child.due_on.isoformat() if child.due_on else None,
            }
            for child in children
        ],
        ensure_ascii=False,
    )


@dataclass(frozen=True, slots=True)
class PassedOn:
    """What one referral says, as its reader may see it."""

    person: Person | None
    address: str | None
    children: tuple[PassedChild, ...]
    #: What was learned, in words, in the order of the form.
    learned: tuple[tuple[Item, str], ...]


def opened(values: dict[Item, str], child_ids: Collection[uuid.UUID]) -> PassedOn:
    """Return the items of a referral in parts; of the children, those that are still meant."""
    person = values.get(Item.NAME_AND_PHONE)
    children = json.loads(values.get(Item.CHILDREN, "[]"))
    basics = {Item.NAME_AND_PHONE, Item.ADDRESS, Item.CHILDREN}
    return PassedOn(
        person=Person(**json.loads(person)) if person else None,
        address=values.get(Item.ADDRESS),
        children=tuple(_child(each) for each in children if uuid.UUID(each["id"]) in child_ids),
        learned=tuple(
            (item, values[item]) for item in Item if item in values and item not in basics
        ),
    )


def _child(of: dict[str, str | None]) -> PassedChild:
    born_on, due_on = of["born_on"], of["due_on"]
    return PassedChild(
        uuid.UUID(of["id"]),
        of["name"],
        of["name_kana"],
        date.fromisoformat(born_on) if born_on else None,
        date.fromisoformat(due_on) if due_on else None,
    )

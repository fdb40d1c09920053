"""Invented families, one at a time from dice: who they are, before anything is stored."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from portal.commands.demo_city import name_lists
from portal.commands.demo_city.name_lists import Name
from portal.kernel.age import fiscal_year
from portal.kernel.channel import Channel

#: Shares of families: who phones, who has an account but never a mail of its own, and so on.
CALLS, HAS_TWO, HAS_THREE, EXPECTS = 0.09, 0.32, 0.06, 0.05
SECOND_GUARDIAN, HAS_PICKUP = 0.35, 0.2


@dataclass(frozen=True, slots=True)
class Kid:
    """A child: born, or expected (``due_on``)."""

    name: str | None
    kana: str | None
    born_on: date | None
    due_on: date | None = None
    allergies: str = ""
    conditions: str = ""
    habits: str = ""


@dataclass(frozen=True, slots=True)
class Adult:
    """A guardian; the first one has the account where the family has one."""

    name: str
    kana: str | None
    relation: str
    phone: str
    #: Where this one lives, if not with the children.
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Household:
    """A family as it lives. ``channel`` is how it came to us; all but WEB have no account.

    ``works_on``: weekdays on which it needs care for work, week after week.
    """

    number: int
    adults: tuple[Adult, ...]
    kids: tuple[Kid, ...]
    channel: Channel = Channel.WEB
    mail: str | None = None
    #: Where the second guardian has an account too.
    second_mail: str | None = None
    town: str = "架空町"
    works_on: frozenset[int] = frozenset()
    pickup: tuple[str, str] | None = None


_TOWNS = ("架空町", "見本台", "みほん一丁目", "例示南", "つくりだし", "仮名ケ丘")


def invented(seed: str, count: int, today: date, *, first: int = 0) -> Iterator[Household]:
    """Yield ``count`` families, the same for the same seed, numbers and day."""
    for number in range(first, first + count):
        # Nothing hangs on whether these dice can be foretold: they only make up a demo.
        yield _household(random.Random(f"{seed}|family|{number}"), number, today)  # noqa: S311


def _household(dice: random.Random, number: int, today: date) -> Household:
    family = dice.choice(name_lists.FAMILY_NAMES)
    adults = _adults(dice, family, number)
    kids = tuple(_kids(dice, family, today))
    calls = dice.random() < CALLS
    channel = dice.choice((Channel.PHONE, Channel.PHONE, Channel.FAX, Channel.COUNTER))
    works = dice.random() < 0.4  # noqa: PLR2004 - four in ten come for work, the same weekdays
    return Household(
        number=number,
        adults=adults,
        kids=kids,
        channel=channel if calls else Channel.WEB,
        mail=None if calls else f"family{number}@demo.example",
        town=dice.choice(_TOWNS),
        works_on=frozenset(dice.sample(range(5), dice.choice((1, 2, 2, 3))))
        if works
        else frozenset(),
        pickup=_pickup(dice, family, adults[0]) if dice.random() < HAS_PICKUP else None,
    )


def _adults(dice: random.Random, family: Name, number: int) -> tuple[Adult, ...]:
    fate = dice.random()
    lists = (
        (name_lists.MOTHERS, "母"),
        (name_lists.FATHERS, "父"),
        (name_lists.GRANDMOTHERS, "祖母"),
    )
    index = 0 if fate < 0.84 else 1 if fate < 0.97 else 2  # noqa: PLR2004 - shares
    first = _adult(
        dice, family, *lists[index], f"000-{1100 + number // 10000:04d}-{number % 10000:04d}"
    )
    if index == 2 or dice.random() >= SECOND_GUARDIAN:  # noqa: PLR2004 - the grandmother
        return (first,)
    other = lists[1 - index]
    return (
        first,
        _adult(dice, family, *other, f"000-{2100 + number // 10000:04d}-{number % 10000:04d}"),
    )


def _adult(
    dice: random.Random, family: Name, names: tuple[Name, ...], relation: str, phone: str
) -> Adult:
    given = dice.choice(names)
    return Adult(f"{family[0]} {given[0]}", f"{family[1]} {given[1]}", relation, phone)


def _pickup(dice: random.Random, family: Name, guardian: Adult) -> tuple[str, str]:
    if guardian.relation == "祖母":  # who brings the child fetches it herself, else its father does
        return f"{family[0]} {dice.choice(name_lists.FATHERS)[0]}", "父"
    return f"{family[0]} {dice.choice(name_lists.GRANDMOTHERS)[0]}", "祖母"


def _kids(dice: random.Random, family: Name, today: date) -> Iterator[Kid]:
    fate = dice.random()
    count = 3 if fate < HAS_THREE else 2 if fate < HAS_THREE + HAS_TWO else 1
    names = dice.sample(name_lists.CHILDREN, count)
    # The youngest first; between brothers and sisters at least a year, or they are twins.
    months = dice.choice((3, 5, 6, 7, 8, 9, 10, 11, *range(12, 40), *range(14, 36), *range(40, 64)))
    for name, kana in names:
        born_on = today - timedelta(days=round(months * 30.44) + dice.randint(0, 27))
        if born_on >= date(fiscal_year(today) - 6, 4, 2):  # later ones go to school
            yield Kid(
                f"{family[0]} {name}",
                f"{family[1]} {kana}",
                born_on,
                allergies=_now_and_then(dice, name_lists.ALLERGIES, 0.12),
                conditions=_now_and_then(dice, name_lists.CONDITIONS, 0.06),
                habits=_now_and_then(dice, name_lists.HABITS, 0.5),
            )
        months += dice.choice((18, 20, 24, 27, 30, 36))
    if dice.random() < EXPECTS:
        yield Kid(None, None, None, due_on=today + timedelta(days=dice.randint(20, 200)))


def _now_and_then(dice: random.Random, words: tuple[str, ...], share: float) -> str:
    return dice.choice(words) if dice.random() < share else ""

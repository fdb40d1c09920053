"""What somebody looks for when she types a name, a reading, a phone number, a family's number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from portal.families.rules import name_key
from portal.kernel.kana import TYPED, VARIANTS

#: Fewer digits than these would find everybody.
FEWEST_DIGITS = 4
_FULL_NUMBER = 8
_TO_TYPED = str.maketrans(VARIANTS, TYPED)
#: A phone number is typed with these between its digits.
_PHONE = re.compile(r"[0-9+()\-\u2010-\u2015\u2212ー. 　]+")


class FoundBy(StrEnum):
    """By what a family was found."""

    GUARDIAN = "guardian"
    CHILD = "child"
    PHONE = "phone"
    NUMBER = "number"


class _Named(Protocol):
    @property
    def search_key(self) -> str: ...


class _Guardian(_Named, Protocol):
    @property
    def phone_digits(self) -> str | None: ...


class _Family(Protocol):
    @property
    def number(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Sought:
    """Words as they are compared: keys that must all be found, or digits of a number."""

    keys: tuple[str, ...]
    digits: str | None
    number: str | None

    @staticmethod
    def of(words: str) -> Sought:
        """Read what was typed: digits alone are one number, else each word is a key."""
        plain = unicodedata.normalize("NFKC", words).strip()
        digits = re.sub(r"\D", "", plain)
        is_number = bool(digits) and _PHONE.fullmatch(plain) is not None
        keys = () if is_number else tuple(filter(None, map(name_key, plain.split())))
        enough = digits if is_number and len(digits) >= FEWEST_DIGITS else None
        # Names hold digits too, if rarely; a name of few digits is looked for as a name.
        if is_number and enough is None:
            keys = tuple(filter(None, (name_key(plain),)))
        return Sought(keys, enough, digits if len(digits) == _FULL_NUMBER and is_number else None)

    @property
    def is_nothing(self) -> bool:
        """Whether nothing to search by was typed."""
        return not self.keys and self.digits is None

    @property
    def is_few_digits(self) -> bool:
        """Whether digits alone were typed, fewer than a phone number is found by."""
        return len(self.keys) == 1 and self.keys[0].isdigit()

    def reasons(
        self, family: _Family, guardians: Sequence[_Guardian], children: Sequence[_Named]
    ) -> tuple[FoundBy, ...]:
        """Return by what a family with these people is found; empty where it is not."""
        found = []
        if self.keys and all(
            any(key in _typed(person) for person in (*guardians, *children)) for key in self.keys
        ):
            for kind, people in ((FoundBy.GUARDIAN, guardians), (FoundBy.CHILD, children)):
                if any(key in _typed(person) for person in people for key in self.keys):
                    found.append(kind)
        if self.digits and any(
            (guardian.phone_digits or "").endswith(self.digits) for guardian in guardians
        ):
            found.append(FoundBy.PHONE)
        if self.number and family.number == self.number:
            found.append(FoundBy.NUMBER)
        return tuple(found)


def _typed(person: _Named) -> str:
    return person.search_key.translate(_TO_TYPED)

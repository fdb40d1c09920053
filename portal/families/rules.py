"""What may stand in a name, a phone number, a birth date. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portal.kernel.actor import Right
from portal.kernel.errors import Reason
from portal.kernel.kana import search_key
from portal.kernel.signs import has_control_character

#: Longer than any name known to us, short enough for a page.
LONGEST_NAME = 200
LONGEST_TEXT = 4000
#: A child older than this was typed wrong: nobody in temporary care goes to high school.
OLDEST_YEARS = 18
#: From the pregnancy's first weeks to some weeks past the date.
DUE_BEFORE = timedelta(days=60)
DUE_AHEAD = timedelta(days=310)
#: The papers hold for a year, a leap year at most; then new ones are shown.
PROTECTED_FOR = timedelta(days=366)
#: How long before the end staff are reminded to ask for new papers.
PROTECTION_REMINDED_BEFORE = timedelta(days=30)

_PHONE_LENGTHS = range(10, 12)
_VARIATION_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")


class EndedKind(StrEnum):
    """Why a child is shown no more."""

    NO_LONGER = "no_longer"  # closed before the birth, nobody asks why
    BIRTH_UNDONE = "birth_undone"  # told, or entered as born, by mistake
    ENTERED_TWICE = "entered_twice"  # the second registration of a child that has another


class FamilyRefusal(StrEnum):
    """Why something about a family is not taken; sentences stand in ``documents/wording``."""

    NAME_MISSING = "name_missing"
    NAME_TOO_LONG = "name_too_long"
    KANA_EXPECTED = "kana_expected"
    CONTROL_CHARACTER = "control_character"
    TEXT_TOO_LONG = "text_too_long"
    PHONE_UNREADABLE = "phone_unreadable"
    BORN_IN_FUTURE = "born_in_future"
    BORN_TOO_LONG_AGO = "born_too_long_ago"
    BIRTH_OR_DUE_DATE = "birth_or_due_date"
    BORN_WITHOUT_NAME = "born_without_name"
    DUE_DATE_UNLIKELY = "due_date_unlikely"
    ALREADY_REGISTERED = "already_registered"
    SOMEBODY_DOES_ALL = "somebody_does_all"
    REASON_MISSING = "reason_missing"
    ANOTHER_IS_PROTECTED = "another_is_protected"
    SHOWN_IN_FUTURE = "shown_in_future"
    PROTECTION_ENDED = "protection_ended"
    PROTECTION_TOO_LONG = "protection_too_long"
    HAS_ACCOUNT = "has_account"
    CHILD_REGISTERED = "child_registered"


@dataclass(frozen=True, slots=True)
class GuardianDetails:
    """A guardian as she gave herself; every text is kept to the byte."""

    name: str
    relation: str
    name_kana: str | None = None
    phone: str | None = None
    mail: str | None = None
    address: str | None = None
    #: For what is printed for her; ``None`` leaves it as it is.
    language: str | None = None


@dataclass(frozen=True, slots=True)
class ChildDetails:
    """A child, born (``born_on``) or expected (``due_on``; the name may come later)."""

    name: str | None
    name_kana: str | None = None
    born_on: date | None = None
    due_on: date | None = None
    #: Said on being asked: no second entry of the pregnancy that is registered already.
    is_another: bool = False


@dataclass(frozen=True, slots=True)
class RecordDetails:
    """What a 児童票 holds. Empty ``allergies``: asked, and there are none."""

    allergies: str
    conditions: str = ""
    habits: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class PickupDetails:
    """Somebody to whom the child may be handed over."""

    name: str
    relation: str
    phone: str | None = None


def reasons_against_name(name: str) -> tuple[Reason, ...]:
    """Return what is wrong with a name; empty for all that people are called.

    Any script, length of one, no kana, signs outside the basic plane and variation selectors are
    all fine, and so are spaces at its ends: the name is its owner's.
    """
    against = {
        FamilyRefusal.NAME_MISSING: not name.strip(),
        FamilyRefusal.CONTROL_CHARACTER: has_control_character(name),
        FamilyRefusal.NAME_TOO_LONG: len(name) > LONGEST_NAME,
    }
    return tuple(
        Reason(code, {"limit": LONGEST_NAME}) for code, applies in against.items() if applies
    )


def reasons_against_kana(kana: str) -> tuple[Reason, ...]:
    """Return what is wrong with the reading of a name: kana, half width too, marks and spaces."""
    plain = unicodedata.normalize("NFKC", kana)
    reasons = reasons_against_name(kana)
    if re.fullmatch(r"[ぁ-ゟ゠-ヿ\s\-‐‑‒–—―−~〜'’.,、。\u0300-\u036f]*", plain) is None:
        reasons += (Reason(FamilyRefusal.KANA_EXPECTED),)
    return reasons


def reasons_against_text(text: str) -> tuple[Reason, ...]:
    """Return what is wrong with a free text of several lines."""
    against = {
        FamilyRefusal.CONTROL_CHARACTER: has_control_character(text, lines=True),
        FamilyRefusal.TEXT_TOO_LONG: len(text) > LONGEST_TEXT,
    }
    return tuple(
        Reason(code, {"limit": LONGEST_TEXT}) for code, applies in against.items() if applies
    )


def plain_phone(phone: str | None) -> str | None:
    """Return a number in half-width signs, with the parts as they were typed; none for nothing."""
    plain = unicodedata.normalize("NFKC", phone or "").strip()
    return re.sub("[‐‑‒–—―−ー]", "-", plain) or None


def phone_digits(phone: str) -> str | None:
    """Return the digits of a Japanese number however it was typed, +81 as 0; else ``None``."""
    plain = unicodedata.normalize("NFKC", phone)
    if re.fullmatch(r"[0-9+()\-‐‑‒–—―−ー. ]*", plain) is None:
        return None
    digits = re.sub(r"\D", "", plain)
    if plain.lstrip().startswith("+81"):
        digits = "0" + digits.removeprefix("81").removeprefix("0")
    return digits if len(digits) in _PHONE_LENGTHS and digits.startswith("0") else None


def reasons_against_phone(phone: str) -> tuple[Reason, ...]:
    """Return what is wrong with a phone number."""
    return () if phone_digits(phone) else (Reason(FamilyRefusal.PHONE_UNREADABLE),)


def reasons_against_guardian(guardian: GuardianDetails) -> tuple[Reason, ...]:
    """Return every reason against registering this guardian."""
    reasons = list(reasons_against_name(guardian.name))
    if guardian.name_kana:
        reasons += reasons_against_name(guardian.name_kana)
    if guardian.phone:
        reasons += reasons_against_phone(guardian.phone)
    return tuple(_by_code(reasons).values())


def reasons_against_child(child: ChildDetails, *, today: date) -> tuple[Reason, ...]:
    """Return every reason against registering this child, on the local day ``today``."""
    reasons = [Reason(code) for code, applies in _about_dates(child, today).items() if applies]
    for text in (child.name, child.name_kana):
        if text:
            reasons += reasons_against_name(text)
    return tuple(_by_code(reasons).values())


def _about_dates(child: ChildDetails, today: date) -> dict[FamilyRefusal, bool]:
    born, due = child.born_on, child.due_on
    return {
        FamilyRefusal.BIRTH_OR_DUE_DATE: born is None and due is None,
        FamilyRefusal.BORN_WITHOUT_NAME: born is not None and not (child.name or "").strip(),
        FamilyRefusal.BORN_IN_FUTURE: born is not None and born > today,
        FamilyRefusal.BORN_TOO_LONG_AGO: born is not None and born.year < today.year - OLDEST_YEARS,
        FamilyRefusal.DUE_DATE_UNLIKELY: born is None
        and due is not None
        and not today - DUE_BEFORE <= due <= today + DUE_AHEAD,
    }


def reasons_against_protection(
    shown_on: date, until_on: date, *, today: date
) -> tuple[Reason, ...]:
    """Return what is wrong with the days of a protected address.

    *Source:* 総務省「住民基本台帳事務処理要領」, DV等支援措置: 連絡した日から1年、延長できる.
    """
    against = {
        FamilyRefusal.SHOWN_IN_FUTURE: shown_on > today,
        FamilyRefusal.PROTECTION_ENDED: until_on <= today,
        FamilyRefusal.PROTECTION_TOO_LONG: until_on > shown_on + PROTECTED_FOR,
    }
    return tuple(Reason(code) for code, applies in against.items() if applies)


def with_what_follows(withheld: Iterable[Right]) -> frozenset[Right]:
    """Return what is withheld with all that needs it: who sees no bookings books none."""
    given = frozenset(withheld)
    return given | {Right.BOOK, Right.MAILS} if Right.BOOKINGS in given else given


def _by_code(reasons: list[Reason]) -> dict[StrEnum, Reason]:
    return {reason.code: reason for reason in reasons}


def name_key(*texts: str | None) -> str:
    """Return what a search compares: each text's key, apart by ``|``. The texts stay untouched.

    Variation selectors (the two 葛) make no difference, since no keyboard types them.
    """
    keys = (search_key(_VARIATION_SELECTORS.sub("", text)) for text in texts if text)
    return "|".join(key for key in keys if key)

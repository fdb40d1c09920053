"""Words of this feature: why something is refused, what kinds of facility and areas there are."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum


class ListRefusal(StrEnum):
    """Why a file is not taken at all; sentences stand in ``documents/wording``."""

    CANNOT_OPEN = "cannot_open"
    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    NOT_A_TABLE = "not_a_table"
    UNREADABLE_ENCODING = "unreadable_encoding"
    EMPTY = "empty"
    MALFORMED = "malformed"
    BROKEN_MAP = "broken_map"
    UNKNOWN_COLUMNS = "unknown_columns"
    DUPLICATE_COLUMN = "duplicate_column"
    BROKEN_WORKBOOK = "broken_workbook"
    TOO_LARGE_UNPACKED = "too_large_unpacked"


class FacilityRefusal(StrEnum):
    """Why something may not be done to a facility."""

    CHANGED_SINCE_PREVIEW = "changed_since_preview"
    ALREADY_IMPORTED = "already_imported"
    OF_ANOTHER_CITY = "of_another_city"
    RUN_BY_ANOTHER = "run_by_another"
    HIDDEN_BY_CITY = "hidden_by_city"
    NOT_CONFIRMED = "not_confirmed"
    ALREADY_YOURS = "already_yours"
    HAS_BOOKINGS = "has_bookings"
    CLAIM_DECIDED = "claim_decided"
    REASON_MISSING = "reason_missing"
    NOT_READY = "not_ready"


class ClaimState(StrEnum):
    """Where a provider's word that a facility is its own stands."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class FacilityKind(StrEnum):
    """Coarse kind, for filters; the city's own word is kept beside it."""

    NURSERY = "nursery"  # 認可保育所
    CERTIFIED_CENTER = "certified_center"  # 認定こども園
    KINDERGARTEN = "kindergarten"  # 幼稚園
    COMMUNITY_CARE = "community_care"  # 地域型保育（小規模・家庭的・事業所内・居宅訪問型）
    UNLICENSED = "unlicensed"  # 認可外
    OTHER = "other"


#: Tried in order: 幼稚園型認定こども園 is a center, 認可外保育所 is no licensed nursery.
_KIND_WORDS = (
    ("認可外", FacilityKind.UNLICENSED),
    ("こども園", FacilityKind.CERTIFIED_CENTER),
    ("事業所内", FacilityKind.COMMUNITY_CARE),
    ("小規模", FacilityKind.COMMUNITY_CARE),
    ("家庭的", FacilityKind.COMMUNITY_CARE),
    ("居宅訪問", FacilityKind.COMMUNITY_CARE),
    ("幼稚園", FacilityKind.KINDERGARTEN),
    ("保育所", FacilityKind.NURSERY),
    ("保育園", FacilityKind.NURSERY),
)


def coarse_kind(written: str) -> FacilityKind | None:
    """Return the coarse kind for a city's own word, ``OTHER`` if unknown, ``None`` if empty."""
    if not written.strip():
        return None
    return next((kind for word, kind in _KIND_WORDS if word in written), FacilityKind.OTHER)


class ProgrammeKind(StrEnum):
    """What a programme is; the first is what this portal is about."""

    TEMPORARY_CARE = "temporary_care"  # 一時預かり 一般型
    SPARE_CAPACITY = "spare_capacity"  # 余裕活用型
    UNIVERSAL_ACCESS_CARE = "universal_access_care"  # こども誰でも通園


_PREFECTURE = re.compile(r"^(?:北海道|東京都|(?:京都|大阪)府|\D{2,3}県)")
#: 郡山市, 市川市 and 四日市市; a county with its town; the wards of Tokyo.
_CITY = re.compile(r"^(?:\D{1,6}?市(?!市)|\D{1,5}?郡\D{1,5}?[町村]|\D{1,4}?区)")
_WARD = re.compile(r"^\D{1,4}?区")
#: 大槻町 of 大槻町字宮ノ前78-4, 富田東 of 富田東二丁目124, 町東 of 町東三丁目66.
_TOWN = re.compile(r"^(\D+?)(?:(?<=.町)|[一二三四五六七八九十]+丁目|大?字|\d|$)")


def area_of(address: str) -> str | None:
    """Return the part of town an address lies in, for filters; ``None`` where that is not sure.

    It is a ward where there are wards, else what follows the municipality, as far as 町, a
    chome or a number.
    """
    rest = _within_prefecture(address)
    city = _CITY.match(rest)
    if city:
        rest = rest[city.end() :]
        if city[0].endswith("市") and (ward := _WARD.match(rest)):
            return ward[0]
    town = _TOWN.match(rest)
    if town is None or town[1] in {"字", "大字"} or rest.startswith(("字", "大字")):
        return None
    return town[1]


def city_of(address: str) -> str | None:
    """Return the municipality an address begins with, ``None`` where it names none."""
    city = _CITY.match(_within_prefecture(address))
    return city[0] if city else None


def names_only_a_city(address: str) -> bool:
    """Say whether an address ends with its municipality or ward: 札幌市中央区."""
    rest = _within_prefecture(address)
    city = _CITY.match(rest)
    if not city:
        return False
    left = rest[city.end() :]
    return not left or bool(_WARD.fullmatch(left))


def names_a_ward(address: str) -> bool:
    """Say whether an address goes on, behind a city of wards, with one: 札幌市厚別区."""
    rest = _within_prefecture(address)
    city = _CITY.match(rest)
    return bool(city and city[0].endswith("市") and _WARD.match(rest[city.end() :]))


def portal_number(counted: int) -> str:
    """Return what a facility is known by in lists that gave it no number: ten figures from 9 on.

    The standard's numbers have ten figures; those that cities give begin with zeros, so that the
    two do not meet. *Source:* definition book 2.1, the example ``0000022200``.
    """
    return f"9{counted:09d}"


def _within_prefecture(address: str) -> str:
    return _PREFECTURE.sub("", unicodedata.normalize("NFKC", address).strip())

"""Words of this feature: why a list is refused whole, and what kinds of facility there are."""

from __future__ import annotations

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
    UNKNOWN_COLUMNS = "unknown_columns"
    DUPLICATE_COLUMN = "duplicate_column"


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

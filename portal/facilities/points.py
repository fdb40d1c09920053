"""Where somebody is, found by the addresses of a list of facilities, and how far things are. Pure.

No map and no other service is asked: a town is known where a facility of the list lies in it.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from portal.facilities.rules import area_of, city_of

#: Metres. *Source:* IUGG, mean radius of the earth.
_EARTH = 6_371_000
#: Shorter names of towns stand inside too many others.
_SHORTEST = 2
LONGEST_TYPED = 100
#: North, north-east … north-west.
_DIRECTIONS = 8
_CHOME = re.compile(r"^(\d{1,2})(?:丁目|[-‐−ー])")
_KANJI = {word: str(number) for number, word in enumerate("一二三四五六七八九", start=1)}


class PointProblem(StrEnum):
    """Why a place is not found; sentences stand in ``documents/wording``."""

    UNKNOWN = "unknown"
    SEVERAL = "several"  # the same name in several municipalities


@dataclass(frozen=True, slots=True)
class Spot:
    """A facility of the list, as far as places are concerned."""

    address: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, slots=True)
class Point:
    """A town, or a chome of it: the middle of the facilities there. ``label`` finds it again."""

    label: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Away:
    """How far a facility is in a straight line, and which way: 0 north, 1 north-east … 7."""

    metres: float
    direction: int


def find_point(typed: str, spots: Iterable[Spot]) -> Point | PointProblem:
    """Return the town or chome that an address lies in, by the addresses of the facilities.

    House numbers and names of buildings are not looked at and are not in the answer.
    """
    wanted = _plain(typed)
    city = city_of(wanted)
    rest = wanted.removeprefix(city) if city else wanted
    there = [
        (area, _city(spot.address), spot)
        for spot in spots
        if spot.latitude is not None and (area := _area(spot.address)) and area in rest
    ]
    if city is not None:
        there = [one for one in there if one[1] in {city, ""}]
    if not there:
        return PointProblem.UNKNOWN
    longest = max(len(area) for area, _city, _spot in there)
    there = [one for one in there if len(one[0]) == longest]
    if len({(area, its_city) for area, its_city, _spot in there}) > 1:
        return PointProblem.SEVERAL
    area, its_city, _spot = there[0]
    found = [spot for _area, _city, spot in there]
    label = its_city + area
    number = _chome(rest.partition(area)[2])
    nearer = [spot for spot in found if number and number == _chome_of(spot.address, area)]
    if nearer:
        found, label = nearer, f"{label}{number}丁目"
    return Point(
        label,
        sum(spot.latitude or 0 for spot in found) / len(found),
        sum(spot.longitude or 0 for spot in found) / len(found),
    )


def away(point: Point, latitude: float, longitude: float) -> Away:
    """Return how far a place is from a point, as the crow flies."""
    north, east = math.radians(latitude), math.radians(longitude)
    from_north, from_east = math.radians(point.latitude), math.radians(point.longitude)
    half = (
        math.sin((north - from_north) / 2) ** 2
        + math.cos(north) * math.cos(from_north) * math.sin((east - from_east) / 2) ** 2
    )
    bearing = math.atan2(
        math.sin(east - from_east) * math.cos(north),
        math.cos(from_north) * math.sin(north)
        - math.sin(from_north) * math.cos(north) * math.cos(east - from_east),
    )
    sector = round(math.degrees(bearing) * _DIRECTIONS / 360) % _DIRECTIONS
    return Away(2 * _EARTH * math.asin(math.sqrt(half)), sector)


def is_same_town(point: Point, address: str) -> bool:
    """Say whether an address lies in a point's town, for facilities without coordinates."""
    area = _area(address)
    return area is not None and (_city(address) + area) in point.label


def _plain(text: str) -> str:
    """Return an address to compare: half width, no spaces and postcode, chome in figures."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    plain = re.sub(r"^〒?\d{3}-?\d{4}", "", plain)
    return re.sub(
        r"([一二三四五六七八九十]+)丁目", lambda found: f"{_figures(found[1])}丁目", plain
    )


def _figures(kanji: str) -> str:
    tens, has_ten, ones = kanji.partition("十")
    if not has_ten:
        return _KANJI.get(kanji, kanji)
    return f"{_KANJI.get(tens, '1')}{_KANJI.get(ones, '0')}"


def _area(address: str) -> str | None:
    area = area_of(_plain(address))
    return area if area and len(area) >= _SHORTEST else None


def _city(address: str) -> str:
    return city_of(_plain(address)) or ""


def _chome(rest: str) -> str | None:
    found = _CHOME.match(rest)
    return found[1] if found else None


def _chome_of(address: str, area: str) -> str | None:
    return _chome(_plain(address).partition(area)[2])

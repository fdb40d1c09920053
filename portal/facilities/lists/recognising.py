"""By what a row of a list is known to be a facility that is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from portal.documents.csv_files import in_cp932
from portal.facilities.lists import values
from portal.facilities.lists.columns import Shape
from portal.facilities.lists.projecting import Body, Listed
from portal.facilities.lists.rows import FacilityRow, ParsedList


class Known:
    """The facilities a city has, and by what a row is known to be one of them.

    First by key (code and number), then by the number that an export gave it, then by name and
    address, but only where one of the two has no number: two numbers are two facilities.
    """

    def __init__(
        self,
        shape: Shape,
        existing: Mapping[str, Listed],
        others: Mapping[str, Listed],
        parsed: ParsedList,
        body: Body,
    ) -> None:
        self.shape, self.existing, self.others, self.body = shape, existing, others, body
        self.named = {row.key for row in parsed.rows} | parsed.refused_keys
        self.found_elsewhere: set[str] = set()
        self._by_spelling = _unique({key: _number(key) for key in existing})
        self._by_spelling |= _unique({key: in_cp932(key) for key in existing})
        self._by_place = _unique({key: _place(one) for key, one in existing.items()})
        self._by_number = _unique(
            {key: one.number for key, one in existing.items() if not _own_number(one)}
        )
        self._others_by_place = _unique({found: _place(one) for found, one in others.items()})
        self._others_by_number = _unique(
            {found: one.number for found, one in others.items() if not _own_number(one)}
        )
        self._places = Counter(_place(Listed(shape, row.raw)) for row in parsed.rows)

    def find(self, row: FacilityRow) -> tuple[str | None, str | None]:
        """Return the key of the stored facility, or else the id of one from another list."""
        listed = Listed(self.shape, row.raw)
        key = self._key_of(row, listed)
        if key is not None:
            self.named.add(key)
            return key, None
        other = self._other(listed)
        if other is not None:
            self.found_elsewhere.add(other)
        return None, other

    def see_refused(self, refused: Iterable[Mapping[str, str]]) -> None:
        """Count rows that are not taken as there: their facilities are not missing.

        To be called when all rows that are taken have been found.
        """
        for raw in refused:
            listed = Listed(self.shape, raw)
            number, place = self._given_by_us(listed), _place(listed)
            key = self._by_number.get(number) or self._by_place.get(place)
            if key is not None:
                self.named.add(key)
            other = self._others_by_number.get(number) or self._others_by_place.get(place)
            if other is not None:
                self.found_elsewhere.add(other)

    def _key_of(self, row: FacilityRow, listed: Listed) -> str | None:
        if row.key in self.existing:
            return row.key
        if (found := _known_key(row.key, self._by_spelling, self.named)) is not None:
            return found
        numbered = self._by_number.get(self._given_by_us(listed))
        placed = self._by_place.get(place := _place(listed))
        if numbered is not None and numbered not in self.named:
            return numbered if _alike(listed, self.existing[numbered]) else None
        if placed is None or placed in self.named or self._places[place] > 1:
            return None
        both = _own_number(listed) and _own_number(self.existing[placed])
        return None if both else placed

    def _other(self, listed: Listed) -> str | None:
        numbered = self._others_by_number.get(self._given_by_us(listed))
        if numbered is not None and _alike(listed, self.others[numbered]):
            return None if numbered in self.found_elsewhere else numbered
        placed = self._others_by_place.get(place := _place(listed))
        is_sure = self._places[place] == 1 and placed not in self.found_elsewhere
        return placed if is_sure else None

    def _given_by_us(self, listed: Listed) -> str:
        """Return the number of a row that may be the portal's own, empty if another city's."""
        code = listed.raw.get(self.shape.fields.get("municipality_code", ""), "")
        is_ours = values.municipality_code(code).value in {None, self.body.code}
        return _own_number(listed) if is_ours else ""


def _own_number(listed: Listed) -> str:
    return listed.raw.get(listed.shape.fields["number"], "").strip()


def _alike(one: Listed, other: Listed) -> bool:
    """Say whether name or address agree: one of the two may have been put right, not both."""
    (name, *address), (other_name, *other_address) = (
        _place(each).split("\t") for each in (one, other)
    )
    return name == other_name or address == other_address


def _known_key(key: str, known: Mapping[str, str], named: AbstractSet[str]) -> str | None:
    """Return the stored key that a file without leading zeros, or without some signs, meant."""
    found = known.get(_number(key)) or known.get(key)
    return None if found in named else found


def _unique(keys: Mapping[str, str]) -> dict[str, str]:
    """Turn ids and what they are known by around, leaving out what fits several."""
    times = Counter(keys.values())
    return {
        known_by: found for found, known_by in keys.items() if known_by and times[known_by] == 1
    }


def _number(key: str) -> str:
    """Return a key without the leading zeros that spreadsheets take off a NO."""
    code, _, number = key.partition("\t")
    return f"{code}\t{number.lstrip('0')}" if number.isascii() and number.isdigit() else ""


def _place(listed: Listed) -> str:
    address, building = values.whole_address(listed.raw, listed.shape.fields)
    name = listed.raw.get(listed.shape.fields["name"], "")
    parts = (values.half_width(in_cp932(part)) for part in (name, address, building))
    return "\t".join("".join(part.split()) for part in parts)

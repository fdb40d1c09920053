"""A child's usual temperature: whatever people write of it is read, and 99 degrees is none."""

from __future__ import annotations

from datetime import date

import pytest

from portal.families.record_rules import RecordRefusal, faults, normalised
from portal.families.record_sections import HEALTH


def codes(**answers: str) -> list[object]:
    found = faults(HEALTH, normalised(HEALTH, answers), born_on=None, today=date(2026, 11, 22))
    return [(fault.reason.code, fault.key) for fault in found]


@pytest.mark.proves("R24")
@pytest.mark.parametrize(
    "text",
    [
        "",
        *("36.7度", "３６．７", "36.5〜36.8", "36度7分", "36", "朝7時 36.4、夕 36.9"),
        *("はかっていません", "35.9℃", "36.7 °C", "3回はかって、36.6度くらい"),
    ],
)
def test_what_people_write_is_taken(text: str) -> None:
    assert codes(temperature=text) == []


@pytest.mark.proves("R24")
@pytest.mark.parametrize(
    "text", ["99", "99℃", "９９度", "367", "3.67", "36.7度、ときどき 42度", "0度"]
)
def test_what_no_body_has_is_refused_at_its_field(text: str) -> None:
    assert codes(temperature=text) == [(RecordRefusal.TEMPERATURE_UNLIKELY, "temperature")]


@pytest.mark.proves("R24")
def test_fits_are_told_of_where_there_were_some() -> None:
    assert codes(fits="yes") == [(RecordRefusal.FITS_UNTOLD, "fits_note")]
    assert codes(fits="yes", fits_note="分からない") == []
    assert codes(fits="no") == []

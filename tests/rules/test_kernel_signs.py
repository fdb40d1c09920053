"""Signs that no text needs are seen, never swallowed."""

from __future__ import annotations

import pytest

from portal.kernel.signs import has_control_character, on_one_line


@pytest.mark.proves("P8")
@pytest.mark.parametrize("sign", ["\x1c", "\x1d", "\x1e", "\x1f", "\x85", "\u2028", "\u2029", "\0"])
def test_what_python_counts_as_a_space_is_not_folded_away(sign: str) -> None:
    typed = f"田中{sign} はな"
    assert on_one_line(typed) == typed
    assert has_control_character(on_one_line(typed))


def test_spaces_of_every_width_are_one() -> None:
    assert on_one_line(" 田中\u3000 \t\r\nはな\u00a0") == "田中 はな"
    assert on_one_line(None) == ""

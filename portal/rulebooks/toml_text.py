"""Plain data as TOML that people read and change: short things on one line, kinds with a heading.

What fits a line stands on it (``min = { unit = "months", value = 6 }``); what does not becomes a
table of its own, or a list with an element a line. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tomli_w

#: Longer lines are hard to read in a window of a form.
_WIDEST = 88


def toml_text(content: Mapping[str, Any], headings: Mapping[str, str]) -> str:
    """Return plain data as TOML, in its own order but for values that must stand before tables.

    Args:
        headings: What stands above a part as a comment, by its name; the same once in a row.
    """
    parts = {name: part for name, part in content.items() if _is_part(part)}
    plain = [_pair(name, value) for name, value in content.items() if name not in parts]
    found = ["".join(plain)] if plain else []
    above = ""
    for name, part in parts.items():
        heading = headings.get(name, "")
        said = f"# {heading}\n" if heading and heading != above else ""
        above = heading
        tables = part if isinstance(part, list) else [part]
        for number, table in enumerate(tables):
            head = f"[[{_key(name)}]]" if isinstance(part, list) else f"[{_key(name)}]"
            found.append((said if number == 0 else "") + _table(head, (name,), table))
    return "\n".join(found)


def _is_part(value: object) -> bool:
    return isinstance(value, dict) or _is_list_of_tables(value)


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _table(head: str, path: tuple[str, ...], table: Mapping[str, Any]) -> str:
    """A table with its values, then those inside it that are too long for a line."""
    lines, inner = [f"{head}\n"], []
    for name, value in table.items():
        written = _value_of(name, value)
        if written is not None:
            lines.append(written)
            continue
        deeper = (*path, name)
        dotted = ".".join(map(_key, deeper))
        if isinstance(value, list):
            inner += [_table(f"[[{dotted}]]", deeper, one) for one in value]
        else:
            inner.append(_table(f"[{dotted}]", deeper, value))
    # A table that holds nothing but tables needs no line of its own, unless it is one of a list.
    if len(lines) == 1 and inner and not head.startswith("[["):
        lines = []
    return "\n".join([*(["".join(lines)] if lines else []), *inner])


def _value_of(name: str, value: Any) -> str | None:
    """A value with its name as it stands in a table; None where it needs tables of its own."""
    if isinstance(value, dict):
        line = _pair(name, value)
        return line if _fits(line) else None
    if _is_list_of_tables(value):
        line = _pair(name, value)
        if _fits(line):
            return line
        rows = [f"    {inline(one)},\n" for one in value]
        return f"{_key(name)} = [\n{''.join(rows)}]\n" if all(map(_fits, rows)) else None
    return _pair(name, value)


def _pair(name: str, value: Any) -> str:
    line = f"{_key(name)} = {inline(value)}\n"
    if isinstance(value, str) and "\n" in value:
        return tomli_w.dumps({name: value}, multiline_strings=True)
    if isinstance(value, list) and not _fits(line):
        rows = "".join(f"    {inline(one)},\n" for one in value)
        return f"{_key(name)} = [\n{rows}]\n"
    return line


def inline(value: Any) -> str:
    """Return a value in one line, as it stands on the right of ``=``."""
    if isinstance(value, Mapping):
        return f"{{ {', '.join(_named(value))} }}" if value else "{}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(inline, value))}]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # as a person writes it: 14 days, not 14.0
    return tomli_w.dumps({"x": value}).removeprefix("x = ").removesuffix("\n")


def _named(table: Mapping[str, Any]) -> Iterator[str]:
    for name, value in table.items():
        yield f"{_key(name)} = {inline(value)}"


def _key(name: str) -> str:
    return tomli_w.dumps({name: 0}).removesuffix(" = 0\n")


def _fits(line: str) -> bool:
    """Say whether a line is short; a letter of Japanese is as wide as two."""
    return sum(2 if ord(letter) > 0xFF else 1 for letter in line) <= _WIDEST  # noqa: PLR2004 - Latin-1

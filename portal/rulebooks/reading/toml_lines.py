"""On which line everything in a TOML text stands, which ``tomllib`` does not tell."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

from portal.rulebooks.reading.mistakes import Path

_BLANK = re.compile(r"(?:[\s,]|#[^\n]*)*")
_BETWEEN_KEYS = re.compile(r"[ \t]*\.[ \t]*")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_KEY = re.compile(r'"(?P<basic>(?:[^"\\\n]|\\.)*)"|\'(?P<literal>[^\'\n]*)\'|(?P<bare>[\w-]+)')
#: Everything but lists and tables: texts of four kinds, moments with a blank inside, the rest.
_PLAIN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}'
    r"|'''(?:[^']|'(?!''))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\d{4}-\d\d-\d\d[ T]\d\d:\d\d[^\s,\]}#]*"
    r"|[^\s,\]}#]+",
    re.DOTALL,
)


def toml_lines(written: str) -> dict[Path, int]:
    """Return where every key, table and member of a list stands. The text is known to be TOML."""
    return _Reader(written).read()


class _Reader:
    """Goes through the text once, from statement to statement."""

    def __init__(self, written: str) -> None:
        self._text = written
        self._at = 0
        self._breaks = [found.start() for found in re.finditer("\n", written)]
        self._lines: dict[Path, int] = {}
        #: Lists of tables, ``[[like.this]]``, and the number of the last one in each.
        self._last: dict[Path, int] = {}

    def read(self) -> dict[Path, int]:
        inside: Path = ()
        self._skip(_BLANK)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                inside = self._header()
            else:
                self._pair(inside)
            self._skip(_BLANK)
        return self._lines

    def _header(self) -> Path:
        is_list = self._text.startswith("[[", self._at)
        start = self._at
        self._at += 1 + is_list
        self._skip(_BLANK)
        keys = self._keys()
        self._skip(_BLANK)
        self._at += 1 + is_list
        path: Path = ()
        for number, key in enumerate(keys, start=1):
            path = (*path, key)
            self._note(path, start)
            if is_list and number == len(keys):
                self._last[path] = self._last.get(path, -1) + 1
            if path in self._last:
                path = (*path, self._last[path])
                self._note(path, start)
        return path

    def _pair(self, inside: Path) -> None:
        start = self._at
        path = inside
        for key in self._keys():
            path = (*path, key)
            self._note(path, start)
        self._skip(_EQUALS)
        self._value(path)

    def _value(self, path: Path) -> None:
        sign = self._text[self._at]
        if sign not in {"[", "{"}:
            self._skip(_PLAIN)
            return
        self._at += 1
        self._skip(_BLANK)
        number = 0
        while self._text[self._at] not in {"]", "}"}:
            if sign == "{":
                self._pair(path)
            else:
                self._note((*path, number), self._at)
                self._value((*path, number))
                number += 1
            self._skip(_BLANK)
        self._at += 1

    def _keys(self) -> list[str]:
        keys = []
        while True:
            found = _KEY.match(self._text, self._at)
            if found is None:  # not TOML after all: the caller's mistake
                raise ValueError(f"no key at {self._at}")
            keys.append(_key_of(found))
            self._at = found.end()
            between = _BETWEEN_KEYS.match(self._text, self._at)
            if between is None:
                return keys
            self._at = between.end()

    def _note(self, path: Path, at: int) -> None:
        self._lines.setdefault(path, bisect_right(self._breaks, at) + 1)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self._text, self._at)
        if found is not None:
            self._at = found.end()


def _key_of(found: re.Match[str]) -> str:
    if found["basic"] is None:
        return found["literal"] if found["literal"] is not None else found["bare"]
    # The escapes of a key are those of a text; only unusual names have any.
    return str(tomllib.loads(f"key = {found[0]}")["key"])

"""On which line everything in a JSON text stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from portal.rulebooks.reading.mistakes import Path

#: What the text of a document is made of, blanks and colons apart.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]|[^\s{}\[\],:"]+')


def json_lines(written: str) -> Iterator[tuple[Path, int]]:
    """Yield where every key and every member of a list stands.

    A key that stands twice comes twice. The text is known to be JSON.
    """
    open_ones: list[_Open] = []
    line, seen = 1, 0
    for token in _TOKEN.finditer(written):
        line += written.count("\n", seen, token.start())
        seen = token.start()
        sign, inside = token[0], open_ones[-1] if open_ones else None
        if sign in {"}", "]"}:
            open_ones.pop()
        elif sign == ",":
            if inside:
                inside.next()
        else:
            if inside and inside.takes(sign):
                yield tuple(one.key for one in open_ones), line
            if sign in {"{", "["}:
                open_ones.append(_Open(is_list=sign == "["))


class _Open:
    """A list or an object that is being read, and the member at which it is."""

    def __init__(self, *, is_list: bool) -> None:
        self.is_list = is_list
        self.key: str | int = 0
        self._waits_for_key = not is_list

    def next(self) -> None:
        """Go on to the next member."""
        if self.is_list and isinstance(self.key, int):
            self.key += 1
        self._waits_for_key = not self.is_list

    def takes(self, token: str) -> bool:
        """Say whether a token begins a member: a key, or a value in a list."""
        if self.is_list:
            return True
        if not self._waits_for_key:
            return False
        self.key, self._waits_for_key = json.loads(token), False
        return True

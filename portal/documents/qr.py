"""QR codes as the outline of an ``<svg>``: papers and pages draw it, nothing is fetched."""

from __future__ import annotations

from typing import NamedTuple

import segno

#: White cells around the code, as readers ask for. *Source:* ISO/IEC 18004, quiet zone.
_QUIET = 4


class QrPath(NamedTuple):
    """``d`` of a path in a square of ``size`` cells."""

    size: int
    d: str


def qr_path(words: str) -> QrPath:
    """Return the code of ``words``, an address as a rule; a printer's specks do not harm it."""
    matrix = segno.make(words, error="m").matrix
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            length = 0
            while x + length < len(row) and row[x + length]:
                length += 1
            if length:
                runs.append(f"M{x + _QUIET} {y + _QUIET}h{length}v1h-{length}z")
            x += length + 1
    return QrPath(len(matrix) + 2 * _QUIET, "".join(runs))

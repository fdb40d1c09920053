"""The folder that a print service watches: today's sheet of each facility, and none of yesterday.

Files are for the portal's own user alone (0600, folders 0700): a print service runs as that user,
or is given access by the operator. See docs/decisions/0014.
"""

from __future__ import annotations

import contextlib
import os
import re
import uuid
from datetime import date
from pathlib import Path

_OURS = re.compile(r"day-sheet-(\d{4}-\d{2}-\d{2})\.pdf(\.part)?")


def put(root: Path, facility_id: uuid.UUID, day: date, pdf: bytes) -> Path:
    """Put a day's sheet there as a whole, in place of an earlier one of that day; return it.

    Raises:
        OSError: the folder cannot be written to.
    """
    folder = root / str(facility_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    goal = folder / f"day-sheet-{day.isoformat()}.pdf"
    part = goal.with_name(goal.name + ".part")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pdf)
        file.flush()
        os.fsync(file.fileno())
    part.replace(goal)
    return goal


def clear(root: Path, before: date) -> int:
    """Delete the sheets of days before ``before``, whatever was left half-written; return how many.

    Files that the portal did not make are left alone.
    """
    gone = 0
    for file in root.glob("*/day-sheet-*.pdf*") if root.is_dir() else ():
        found = _OURS.fullmatch(file.name)
        if found is None:
            continue
        if date.fromisoformat(found[1]) < before:
            with contextlib.suppress(FileNotFoundError):
                file.unlink()
                gone += 1
    return gone

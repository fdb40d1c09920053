"""Where sealed photos lie: a folder for each family, names that say nothing, modes 0700 and 0600.

Outside of everything a web server hands out. ``PORTAL_UPLOADS`` names the folder; without it, it
lies in the portal's state directory.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path

from portal.db.embedded.files import default_state_dir


def root(environ: Mapping[str, str]) -> Path:
    """Return the folder of all photos; not yet created."""
    given = environ.get("PORTAL_UPLOADS", "").strip()
    if given:
        return Path(given)
    state = environ.get("PORTAL_STATE_DIR", "").strip()
    return (Path(state) if state else default_state_dir()) / "uploads"


def path_of(folder: Path, family_id: uuid.UUID, upload_id: uuid.UUID) -> Path:
    """Return where one photo lies; made from ids alone, so it cannot lead elsewhere."""
    return folder / family_id.hex / upload_id.hex


def put(path: Path, sealed: bytes) -> None:
    """Write a file as a whole, readable by its owner alone.

    Raises:
        OSError: the folder cannot be written to.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def drop(path: Path) -> None:
    """Delete a file, if it is there."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()


def drop_family(folder: Path, family_id: uuid.UUID) -> None:
    """Delete everything of a family."""
    shutil.rmtree(folder / family_id.hex, ignore_errors=True)


def lying_there(folder: Path, older_than: float) -> Iterator[tuple[Path, uuid.UUID | None]]:
    """Yield the files that were last written before a moment (seconds), with the photo they are.

    ``None``: half written, or not the portal's.
    """
    for path in folder.glob("*/*") if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):
            if path.is_file() and path.stat().st_mtime < older_than:
                yield path, _id_of(path.name)


def _id_of(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(hex=name)
    except ValueError:
        return None

"""The worker's round: photos whose purpose has ended go, and files that no row knows."""

from __future__ import annotations

import os
import uuid
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from portal.db.session import acting_as, transaction
from portal.kernel.actor import ANONYMOUS
from portal.kernel.clock import today
from portal.uploads import folder
from portal.uploads.rules import KEPT_AFTER

#: A file is written before its row is committed: younger ones may still get one.
_YOUNG = timedelta(minutes=15)
_AT_ONCE = 1000


def sweep(now: datetime) -> None:
    """Delete what is past its end, then every file without a row. May be run twice."""
    over_since = today(now) - KEPT_AFTER
    with acting_as(ANONYMOUS), transaction() as session:
        session.execute(
            text("SELECT end_uploads(:now, :over_since)"), {"now": now, "over_since": over_since}
        )
    root = folder.root(os.environ)
    found = list(folder.lying_there(root, (now - _YOUNG).timestamp()))
    for first in range(0, len(found), _AT_ONCE):
        _drop_unknown(found[first : first + _AT_ONCE])


def _drop_unknown(files: list[tuple[Path, uuid.UUID | None]]) -> None:
    ids = [upload_id for _path, upload_id in files if upload_id is not None]
    with acting_as(ANONYMOUS), transaction() as session:
        known = set(session.scalars(text("SELECT stored_uploads(:ids)"), {"ids": ids}))
    for path, upload_id in files:
        if upload_id not in known:
            folder.drop(path)

"""A state directory for tests of the embedded server, which a server's own account can reach."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.db.embedded.binaries import wheel_directory
from portal.db.embedded.server import EmbeddedServer

#: pytest's own directories are closed (0700), and their paths too long for a socket.
SHORT = Path("/tmp")  # noqa: S108 - only directories made by mkdtemp lie here
NOBODY = 65534


@contextmanager
def state_dir(owner: int | None = None) -> Iterator[Path]:
    """Give an empty directory, and take it away again with every server left running in it."""
    root = Path(tempfile.mkdtemp(prefix="portal-test-", dir=SHORT))
    root.chmod(0o711)
    if owner is not None:
        os.chown(root, owner, -1)
    try:
        yield root
    finally:
        if (root / "postgres").exists():
            EmbeddedServer(root).remove()
        shutil.rmtree(root, ignore_errors=True)


def majors() -> list[int]:
    """Return the major versions this machine can try: the wheel's and the distribution's."""
    roots = Path("/usr/lib/postgresql").glob("[0-9]*")
    distribution = {int(root.name) for root in roots if (root / "bin" / "postgres").exists()}
    return sorted(distribution | ({18} if wheel_directory() else set()))

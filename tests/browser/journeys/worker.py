"""The worker of a journey: a process of its own, forked from one that has read the portal already.

It is what ``python -m portal worker`` does, without starting Python and reading some hundred
modules and three languages anew for each journey, which takes longer than all its mails.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from portal.__main__ import main
from portal.messages import letters
from tests.database import ROOT

_FORKING = multiprocessing.get_context("forkserver")
_FORKING.set_forkserver_preload(
    [*letters.MODULES, "portal.commands.worker", "tests.browser.journeys.languages"]
)


def _work(surroundings: Mapping[str, str]) -> None:
    os.chdir(ROOT)
    os.environ.clear()
    os.environ.update(surroundings)
    sys.exit(main(["worker"]))


@contextmanager
def running_worker(surroundings: Mapping[str, str]) -> Iterator[None]:
    """Run ``portal worker`` in this environment; at the end it is told to stop."""
    process = _FORKING.Process(target=_work, args=(dict(surroundings),))
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join(timeout=30)
        assert process.exitcode is not None, "the worker does not stop"
        process.close()

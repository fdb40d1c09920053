"""Pytest plugin: try mutants one after the other, each in a fork of one that has all ready.

``--mutants=FILE`` names what to try, ``--verdicts=FILE`` is appended to, one line of JSON a mutant,
so that a run that was broken off goes on where it was. Nothing is run twice for a mistake's sake:

* All tests run once without a mistake, in a fork of their own, while it is noted which of them
  enters which function and comes by which line. They must pass.
* A mutant in a function is put into the function objects of a fork, and the tests that enter that
  function run there: those that come by the line first, the short before the long, until one fails.
  No other test can tell the difference.
* What is decided while modules are imported (defaults, tables, and functions called on the way)
  cannot be put in afterwards: where no test fails, the verdict is ``ELSEWHERE``, and who asked runs
  everything anew.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import inspect
import json
import os
import resource
import select
import signal
import sys
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, NoReturn

import pytest

from tests.drills.mutating import Mutant

NOTICED, ALIVE, ELSEWHERE = "noticed", "alive", "elsewhere"
#: Where a function begins: file and first line.
Place = tuple[str, int]
#: A mutant may take this much longer than the tests did, and no test at all this long.
_TIMES, _SECONDS, _SECONDS_AT_MOST = 6, 30, 1800
_BYTES = 8 * 1024**3
#: How the words of a fork begin that could not do what it was asked.
_FAILED = "failed: "


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--mutants`` and ``--verdicts``."""
    parser.addoption("--mutants", type=Path, required=True, help="JSON list of what to try")
    parser.addoption("--verdicts", type=Path, required=True, help="where the verdicts go")


@dataclass
class Seen:
    """What ran below a folder: functions, and lines in them."""

    below: str
    functions: set[Place] = field(default_factory=set)
    lines: set[Place] = field(default_factory=set)

    def trace(self, frame: FrameType, event: str, arg: object) -> Callable[..., Any] | None:
        """Note a function that is entered, and ask to be told its lines."""
        del event, arg
        code = frame.f_code
        if not code.co_filename.startswith(self.below):
            return None
        self.functions.add((code.co_filename, code.co_firstlineno))
        return self._line

    def _line(self, frame: FrameType, event: str, arg: object) -> Callable[..., Any]:
        del event, arg
        self.lines.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line


def _policies() -> str:
    return str(Path.cwd() / "portal" / "policies") + os.sep


_at_import = Seen(_policies())


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Note which functions run while modules are imported and cases are listed."""
    sys.settrace(_at_import.trace)
    try:
        return (yield)
    finally:
        sys.settrace(None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool:
    """Try the mutants, in place of running the tests."""
    asked: Path = session.config.getoption("mutants")
    verdicts: Path = session.config.getoption("verdicts")
    if session.testsfailed:
        raise session.Interrupted("the tests cannot be collected")
    trials = Trials(session)
    for each in json.loads(asked.read_text(encoding="utf-8")):
        mutant = Mutant(**{**each, "path": Path.cwd() / each["path"]})
        verdict, by = trials.verdict(mutant)
        with verdicts.open("a", encoding="utf-8") as file:
            found = {"key": mutant.key, "verdict": verdict, "by": by}
            file.write(json.dumps(found, ensure_ascii=False) + "\n")
    return True


class Trials:
    """The tests of a session, ready to run with one mistake after the other.

    Raises ``Interrupted`` when they do not pass without any.
    """

    def __init__(self, session: pytest.Session) -> None:
        """Get ready: find functions and caches, run all tests once."""
        self._session = session
        self._functions: dict[tuple[str, CodeType], list[FunctionType]] = defaultdict(list)
        self._caches: list[Any] = []
        below = _policies()
        for each in gc.get_objects():
            if isinstance(each, FunctionType):
                if each.__code__.co_filename.startswith(below):
                    self._functions[each.__code__.co_filename, each.__code__].append(each)
            elif isinstance(each, functools._lru_cache_wrapper):  # it has no other name
                self._caches.append(each)
        gc.collect()
        gc.freeze()  # forks share what is never touched again
        self._measured = self._measure()

    def _measure(self) -> list[tuple[int, float, set[Place], set[Place]]]:
        """Run everything in a fork; tell which test took how long and came by where."""
        words = _in_a_fork(self._run_measured, cpu_seconds=None)
        told = json.loads(words) if words else {"failed": "the process ended"}
        if isinstance(told, dict):
            raise self._session.Interrupted(f"without a mistake: {told['failed']}")
        return [
            (number, seconds, {(f, n) for f, n in functions}, {(f, n) for f, n in lines})
            for number, seconds, functions, lines in told
        ]

    def _run_measured(self) -> str:
        items = self._session.items
        found = []
        for number, item in enumerate(items):
            self._forget()
            seen, before = Seen(_policies()), resource.getrusage(resource.RUSAGE_SELF).ru_utime
            sys.settrace(seen.trace)
            try:
                is_passed = self._passes(item, items[number + 1 : number + 2])
            finally:
                sys.settrace(None)
            if not is_passed:
                return json.dumps({"failed": item.nodeid})
            seconds = resource.getrusage(resource.RUSAGE_SELF).ru_utime - before
            found.append((number, seconds, sorted(seen.functions), sorted(seen.lines)))
        return json.dumps(found)

    def verdict(self, mutant: Mutant) -> tuple[str, str]:
        """Return whether a mutant is noticed, and by which test."""
        pair = _changed_function(mutant)
        if pair is None or (str(mutant.path), pair[0]) not in self._functions:
            return ELSEWHERE, ""
        changed, functions = pair[1], self._functions[str(mutant.path), pair[0]]
        place, line = _begins(changed), (str(mutant.path), mutant.line)
        enter = [each for each in self._measured if place in each[2]]
        enter.sort(key=lambda each: (line not in each[3], each[1]))
        limit = _SECONDS + _TIMES * sum(each[1] for each in enter)
        tests = [self._session.items[each[0]] for each in enter]
        by = _in_a_fork(
            lambda: self._run_changed(functions, changed, tests), cpu_seconds=int(limit)
        )
        if by != ALIVE:
            return NOTICED, by or "it did not come to an end"
        return (ELSEWHERE if place in _at_import.functions else ALIVE), ""

    def _run_changed(
        self, functions: Sequence[FunctionType], changed: CodeType, tests: Sequence[pytest.Item]
    ) -> str:
        for function in functions:
            function.__code__ = changed
        self._forget()
        for number, item in enumerate(tests):
            if not self._passes(item, tests[number + 1 : number + 2]):
                return item.nodeid
        return ALIVE

    def _forget(self) -> None:
        for cache in self._caches:
            cache.cache_clear()

    def _passes(self, item: pytest.Item, following: Sequence[pytest.Item]) -> bool:
        following_item = following[0] if following else None
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following_item)
        return not self._session.testsfailed


def _begins(code: CodeType) -> Place:
    return code.co_filename, code.co_firstlineno


def _changed_function(mutant: Mutant) -> tuple[CodeType, CodeType] | None:
    """Return the one function that differs, as it was and as it becomes.

    None for a change outside functions, or of their defaults.
    """
    path = str(mutant.path)
    before = _codes(compile(mutant.path.read_bytes(), path, "exec", dont_inherit=True))
    changed = _codes(compile(mutant.tree(), path, "exec", dont_inherit=True))
    differ = [(old, new) for old, new in zip(before, changed, strict=True) if new != old]
    is_function = len(differ) == 1 and _is_function(differ[0][0])
    return differ[0] if is_function else None


def _is_function(code: CodeType) -> bool:
    """Not a module, not the body of a class."""
    return bool(code.co_flags & inspect.CO_OPTIMIZED)


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield modules and classes without what is nested in them, and functions whole."""
    inner = [each for each in code.co_consts if isinstance(each, CodeType)]
    if _is_function(code):
        yield code
        return
    yield code.replace(co_consts=tuple(e for e in code.co_consts if not isinstance(e, CodeType)))
    for each in inner:
        yield from _codes(each)


def _in_a_fork(does: Callable[[], str], *, cpu_seconds: int | None) -> str:
    """Return what a function says in a process of its own; nothing where that one was ended.

    Raises:
        RuntimeError: the function itself has failed, of which no verdict is made.
    """
    sys.stdout.flush()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _be_a_fork(does, writing, cpu_seconds)
    os.close(writing)
    try:
        words = b"".join(_chunks(reading)).decode()
    finally:
        os.close(reading)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # with whatever it has started
        os.waitpid(child, 0)
    if words.startswith(_FAILED):
        raise RuntimeError(words)
    return words


def _chunks(reading: int) -> Iterator[bytes]:
    while select.select([reading], [], [], _SECONDS_AT_MOST)[0] and (
        chunk := os.read(reading, 1 << 16)
    ):
        yield chunk


def _be_a_fork(does: Callable[[], str], writing: int, cpu_seconds: int | None) -> NoReturn:
    os.setpgid(0, 0)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    if cpu_seconds is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 5))
        resource.setrlimit(resource.RLIMIT_AS, (_BYTES, _BYTES))
    try:
        words = does()
    except BaseException:  # noqa: BLE001 - told to the process that waits, which raises
        words = _FAILED + traceback.format_exc()
    told = words.encode()
    while told:
        told = told[os.write(writing, told) :]
    os._exit(0)

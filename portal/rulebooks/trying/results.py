"""Cases decided, and held to what was expected of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from portal.kernel.clock import JST
from portal.policies.case import Case
from portal.policies.decide import decide
from portal.policies.decision import Decision
from portal.policies.document import RulesDocument
from portal.policies.fee_lines import FeeLine
from portal.rulebooks.trying.build import NoSuchBlock, build
from portal.rulebooks.trying.case_file import CaseFile, WrittenCase
from portal.rulebooks.trying.then import paid_then

#: When booking opens, where the facility has not said so yet.
NOT_ANNOUNCED = "not_announced"

#: What a case can expect beside ``reasons``, in the order of the answer.
_FIGURES = (
    "allowed",
    "outcome",
    "fee_yen",
    "opens_at",
    "closes_at",
    "cancel_free_until",
    "then_yen",
)


class Difference(NamedTuple):
    """One thing that came out otherwise: its name, and both as they stand in the answer."""

    what: str
    expected: Any
    found: Any


@dataclass(frozen=True, slots=True)
class Tried:
    """A case with its answer; ``as_expected`` is None where nothing was expected of it."""

    written: WrittenCase
    case: Case
    decision: Decision
    then_yen: int | None
    differences: tuple[Difference, ...]

    @property
    def as_expected(self) -> bool | None:
        """Say whether all that was expected came out."""
        return not self.differences if self.written.expect.model_fields_set else None

    @property
    def answer(self) -> dict[str, Any]:
        """The answer as plain data: moments in Japan's time, each code once."""
        return _answer(self.decision, self.then_yen)


def try_all(file: CaseFile, document: RulesDocument) -> tuple[Tried, ...]:
    """Return every case of a file decided by a document.

    Raises:
        build.NoSuchBlock: a case names a unit that the rules do not have.
    """
    return tuple(try_one(case, file, document) for case in file.cases)


def try_one(written: WrittenCase, file: CaseFile, document: RulesDocument) -> Tried:
    """Return one case decided by a document, and in what it is not as expected.

    Raises:
        build.NoSuchBlock: the case names a unit that the rules do not have.
    """
    try:
        case = build(written, file.calendar, document)
    except NoSuchBlock as wrong:
        raise NoSuchBlock(wrong.label, wrong.labels, written.name) from None
    decision = decide(case, now=written.now)
    then_yen = paid_then(written.then, case, decision, written.now) if written.then else None
    found = _answer(decision, then_yen)
    return Tried(written, case, decision, then_yen, tuple(_differences(written, found)))


def _differences(written: WrittenCase, found: Mapping[str, Any]) -> Iterator[Difference]:
    expect = written.expect
    said = expect.model_fields_set
    for name in _FIGURES:
        if name in said:
            expected = _plain(getattr(expect, name))
            if expected != found[name]:
                yield Difference(name, expected, found[name])
    if "reasons" in said and expect.reasons is not None:
        reasons = sorted({code.value for code in expect.reasons})
        if reasons != sorted(found["reasons"]):
            yield Difference("reasons", reasons, sorted(found["reasons"]))


def _answer(decision: Decision, then_yen: int | None) -> dict[str, Any]:
    answer = {
        "allowed": not decision.reasons,
        "outcome": None if decision.reasons else decision.outcome.value,
        "reasons": list(dict.fromkeys(reason.code.value for reason in decision.reasons)),
        "fee_yen": decision.fee.total_yen,
        "opens_at": _plain(decision.opens_at) if decision.is_announced else NOT_ANNOUNCED,
        "closes_at": _plain(decision.closes_at),
        "cancel_free_until": _plain(decision.cancel_until),
        "fee_lines": [_line(line) for line in decision.fee.lines],
        "notes": list(dict.fromkeys(note.code.value for note in decision.notes)),
    }
    return answer if then_yen is None else {**answer, "then_yen": then_yen}


def _line(line: FeeLine) -> dict[str, Any]:
    """Return one line of the fee; ``child`` counts the children of the case from 1."""
    return {
        "code": line.label_code.value,
        "label": line.values.get("label"),
        "child": line.child_id.int,
        "yen": line.amount_yen,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(JST).isoformat()
    return None if value == "none" else str(value) if isinstance(value, StrEnum) else value

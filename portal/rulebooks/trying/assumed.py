"""What a case does not say is in order: a resident, every question answered well, papers shown.

One principle for everything, so that a case says only what it is about. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from pydantic import BaseModel

from portal.policies.document import RulesDocument
from portal.policies.facts import GateAnswer, Household, Mark, Paper
from portal.policies.fee import FeeRule
from portal.policies.gates import GateRule, fine_answers
from portal.policies.proofs import ProofRule
from portal.policies.standing import StepKind, StepStanding
from portal.rulebooks.trying.written_people import WrittenChild, WrittenHousehold, WrittenMark

#: A town that stands in no rules.
ELSEWHERE = "（きまりの地域の外）"


def home(written: WrittenHousehold, document: RulesDocument) -> Household:
    """Return the home of a case; its tickets are added by who knows the children."""
    circumstances = frozenset(written.circumstances)
    city, ward, prefecture = _place(written, document)
    statements = written.statements
    return Household(
        city=city,
        ward=ward,
        prefecture=prefecture,
        circumstances=circumstances,
        statements=circumstances if statements is None else frozenset(statements),
        marks=marks(written.marks),
        tax_yen=written.tax_yen,
        papers=_papers(written, document),
        preschoolers=written.preschoolers,
    )


def marks(written: tuple[WrittenMark, ...]) -> tuple[Mark, ...]:
    """Return circumstances as rules know them."""
    return tuple(Mark(one.code, one.from_, one.until, one.proven) for one in written)


def answers(written: WrittenChild, document: RulesDocument, on: date) -> dict[str, GateAnswer]:
    """Return the answers of a child: those of the case, or where it gives none, fine ones."""
    if written.gates is None:
        return fine_answers((*document.gates, *_gates_of_variants(document)), on)
    return {
        code: GateAnswer(answer.said, answer.on or on, answer.confirmed)
        for code, answer in written.gates.items()
    }


def steps(written: WrittenChild) -> StepStanding:
    """Return how far a child is on the steps before use."""
    return StepStanding(
        done=frozenset(StepKind if written.steps_done is None else written.steps_done),
        ordered=frozenset(written.steps_ordered),
        waived=frozenset(written.steps_waived),
    )


def purpose(written: str | None, reason: str | None, document: RulesDocument) -> str | None:
    """Return the type of use; the only one there is where a case names neither it nor a reason."""
    if written is not None or reason is not None or document.purposes is None:
        return written
    types = document.purposes.types
    return types[0].code if len(types) == 1 else None


def _place(
    written: WrittenHousehold, document: RulesDocument
) -> tuple[str | None, str | None, str | None]:
    if written.city or written.ward or written.prefecture:
        return written.city, written.ward, written.prefecture
    resides = not written.circumstances if written.resident is None else written.resident
    if not resides:
        return ELSEWHERE, None, None
    rule = document.residence
    if rule is None:
        return None, None, None
    if rule.cities or rule.wards:
        return next(iter(rule.cities), None), next(iter(rule.wards), None), None
    if rule.prefectures:
        return None, None, rule.prefectures[0]
    place = rule.places[0]
    return place.city, place.ward, place.prefecture


def _papers(written: WrittenHousehold, document: RulesDocument) -> tuple[Paper, ...]:
    if written.papers is not None:
        return tuple(Paper(one.kind, one.from_, one.until) for one in written.papers)
    kinds = {kind for proof in _proofs(document) for kind in proof.kinds or ("any",)}
    kinds |= set(_proofs_of_reductions(document.fee))
    kinds |= {kind for variant in document.variants for kind in _kinds_in(variant.laid)}
    return tuple(Paper(kind) for kind in sorted(kinds))


def _proofs(part: object) -> Iterator[ProofRule]:
    """Every proof that stands anywhere in the rules."""
    if isinstance(part, ProofRule):
        yield part
    elif isinstance(part, BaseModel):
        for name in type(part).model_fields:
            yield from _proofs(getattr(part, name))
    elif isinstance(part, tuple):
        for inner in part:
            yield from _proofs(inner)


def _proofs_of_reductions(fee: FeeRule | None) -> Iterator[str]:
    """The papers that reductions name by themselves."""
    for reduction in fee.reductions if fee else ():
        if reduction.proof is not None:
            yield reduction.proof


def _gates_of_variants(document: RulesDocument) -> Iterator[GateRule]:
    for variant in document.variants:
        for gate in variant.laid.get("gates", ()):
            yield GateRule.model_validate(gate)


def _kinds_in(written: object) -> Iterator[str]:
    """The papers that a variant names; its rules stand as they were written."""
    if isinstance(written, Mapping):
        for name, value in written.items():
            if name == "kinds" and isinstance(value, Sequence):
                yield from map(str, value)
            elif name == "proof" and isinstance(value, str):
                yield value
            else:
                yield from _kinds_in(value)
    elif isinstance(written, list | tuple):
        for inner in written:
            yield from _kinds_in(inner)

"""What rules documents ask of a home and of a child, with the words that families read. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

from pydantic import ValidationError

from portal.kernel.age import age_in_months
from portal.policies.caps import CapRule
from portal.policies.coupons import CouponRule
from portal.policies.document import RulesDocument
from portal.policies.enrolment import EnrolmentRule
from portal.policies.facts import GateAnswer
from portal.policies.gates import GATE_WORDS, GateMoment, GateRule
from portal.policies.laying import laid
from portal.policies.marks import mark_words
from portal.policies.noshow_rule import NoShowRule
from portal.policies.proofs import PAPER_WORDS, ProofRule
from portal.policies.reductions import Reduction
from portal.policies.residence import CIRCUMSTANCE_WORDS, OtherHome, ResidenceRule
from portal.policies.rule import Rule
from portal.policies.variants import VariantWhen

#: No booking lies further ahead.
_AHEAD = timedelta(days=190)


@dataclass(slots=True)
class Asked:
    """What some documents ask together; each mapping goes from a code to the words for it.

    ``gates``: by code, every rule that asks it. ``telling_papers``: kinds of proof that lower a
    price, so that their name alone says why a family pays less.
    """

    residence: bool = False
    enrolment: bool = False
    tax: bool = False
    circumstances: dict[str, str] = field(default_factory=dict)
    statements: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    papers: dict[str, str] = field(default_factory=dict)
    coupons: dict[str, str] = field(default_factory=dict)
    gates: dict[str, list[GateRule]] = field(default_factory=dict)
    telling_papers: set[str] = field(default_factory=set)
    #: Codes of circumstances for which a price is lower, and whether it is for a low tax.
    reduced: set[str] = field(default_factory=set)
    reduced_by_tax: bool = False

    @property
    def asks_family(self) -> bool:
        """Whether there is anything that a family can say."""
        gates = [gate for some in self.gates.values() for gate in some]
        return bool(
            self.residence
            or self.enrolment
            or self.circumstances
            or any(gate.asked_at is not GateMoment.ARRIVAL for gate in gates)
        )

    def is_for_the_morning(self, code: str) -> bool:
        """Say whether a question is looked at on the morning alone, wherever it is asked."""
        gates = self.gates.get(code, ())
        return all(gate.asked_at is GateMoment.ARRIVAL for gate in gates)

    def gate_words(self, code: str) -> list[str]:
        """Return a question as families read it; several where facilities word it differently."""
        words = [gate.words for gate in self.gates.get(code, ())]
        return list(dict.fromkeys(words)) or [GATE_WORDS.get(code, code)]

    def gates_for(self, born_on: date | None, on: date, *, by_family: bool) -> list[str]:
        """Return the codes of the questions about a child of that age, now or until it books.

        Args:
            born_on: None where it is not born yet; nothing is asked of it.
            by_family: Leaves out what staff look at on the morning.
        """
        if born_on is None or born_on > on:
            return []
        return [
            code
            for code, gates in self.gates.items()
            if any(
                _may_ask(gate, born_on, on)
                for gate in gates
                if not (by_family and gate.asked_at is GateMoment.ARRIVAL)
            )
        ]

    def is_settled(self, code: str, answer: GateAnswer | None, *, said: bool, on: date) -> bool:
        """Say whether saying the same once more would only take its confirmation away.

        So it is where staff have looked, the answer is fresh everywhere on the local day ``on``,
        and a facility wants them to look, or a younger answer would be good for nothing. Anything
        else said again becomes an answer of today.
        """
        gates = self.gates.get(code, ())
        ages = any(gate.valid_days is not None or gate.each_fiscal_year for gate in gates)
        return (
            answer is not None
            and answer.said is said
            and answer.is_confirmed
            and (not ages or any(gate.staff_confirm for gate in gates))
            and self.is_fresh(code, answer, on)
        )

    def is_fresh(self, code: str, answer: GateAnswer, on: date) -> bool:
        """Say whether an answer counts on a local day wherever it is asked."""
        return all(gate.is_fresh(answer, on) for gate in self.gates.get(code, ()))


def asked_by(documents: Iterable[RulesDocument]) -> Asked:
    """Return what these documents ask; codes without words of their own are read as usual."""
    asked = Asked()
    for document in documents:
        for each in (document, *_under_variants(document)):
            for part in _parts(each):
                _note(asked, part)
    return asked


def _under_variants(document: RulesDocument) -> Iterator[RulesDocument]:
    content = document.model_dump(mode="json", exclude={"variants"})
    for variant in document.variants:
        # One that contradicts the usual rules is left out of every decision too.
        with suppress(ValidationError):
            yield RulesDocument.model_validate(laid(content, [variant]))


def _note(asked: Asked, part: Rule) -> None:
    match part:
        case ResidenceRule():
            asked.residence = True
        case OtherHome():
            asked.circumstances.setdefault(part.circumstance, part.words)
            if part.statement:
                asked.statements.setdefault(part.circumstance, part.paper)
        case EnrolmentRule():
            asked.enrolment = True
        case GateRule():
            gates = asked.gates.setdefault(part.code, [])
            if part not in gates:
                gates.append(part)
        case VariantWhen():
            asked.residence |= bool(part.residence or part.cities or part.wards)
            asked.enrolment |= bool(part.enrolments)
            for code in part.circumstances:
                asked.circumstances.setdefault(code, CIRCUMSTANCE_WORDS.get(code, code))
        case CouponRule():
            asked.coupons.setdefault(part.code, part.label)
    _note_what_is_proven(asked, part)


def _note_what_is_proven(asked: Asked, part: Rule) -> None:
    match part:
        case ProofRule():
            _papers(asked, part.kinds)
        case Reduction():
            _marks(asked, part.marks)
            asked.reduced.update(part.marks)
            asked.tax |= part.tax_below_yen is not None
            asked.reduced_by_tax |= part.tax_below_yen is not None
            if part.proof:
                _papers(asked, [part.proof])
                asked.telling_papers.add(part.proof)
        case CapRule():
            _marks(asked, [part.extension_mark] if part.extensions else ())
        case NoShowRule():
            _marks(asked, part.spared_marks)
        case VariantWhen():
            _marks(asked, part.marks)


def _marks(asked: Asked, codes: Collection[str]) -> None:
    for code in codes:
        asked.marks.setdefault(code, mark_words(code))


def _papers(asked: Asked, kinds: Collection[str]) -> None:
    for kind in kinds:
        asked.papers.setdefault(kind, PAPER_WORDS.get(kind, kind))


def _may_ask(gate: GateRule, born_on: date, on: date) -> bool:
    youngest, oldest = age_in_months(born_on, on), age_in_months(born_on, on + _AHEAD)
    return (gate.from_months is None or gate.from_months <= oldest) and (
        gate.below_months is None or youngest < gate.below_months
    )


def _parts(part: object) -> Iterator[Rule]:
    """Yield every rule inside a document, wherever it stands."""
    if isinstance(part, Rule):
        yield part
        for name in type(part).model_fields:
            yield from _parts(getattr(part, name))
    elif isinstance(part, Mapping):
        for inner in part.values():
            yield from _parts(inner)
    elif isinstance(part, (tuple, list)):
        for inner in part:
            yield from _parts(inner)

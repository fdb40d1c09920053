"""What one child of a wish, its home and its past say against a stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from portal.kernel.errors import Reason
from portal.policies.age import AgeRule
from portal.policies.case import Case
from portal.policies.facts import ChildFacts
from portal.policies.first_use import first_use_reasons, has_used
from portal.policies.gates import gate_notes, gate_reasons
from portal.policies.reasons import BookingRefusal
from portal.policies.regular import REGULAR, reasons_of_week
from portal.policies.standing import StepKind
from portal.policies.steps import Before, reasons_against_trial, steps_against_use

#: Without a rule of age a child must still be born.
_BORN = AgeRule()


def reasons_of_child(case: Case, child: ChildFacts) -> Iterator[Reason]:
    """Yield every reason that speaks of this child, all of them with its id.

    Args:
        case: With the rules laid for this child.
    """
    document, day, purpose = case.document, case.span.day, case.purpose
    yield from (document.age or _BORN).reasons(
        child.child_id,
        child.born_on,
        day,
        registered_on=child.registered_from,
        has_sibling=len(case.children) > 1,
    )
    yield from _of_registration(case, child)
    for reason in _of_steps(case, child):
        yield replace(reason, child_id=child.child_id)
    yield from gate_reasons(document.gates, child, day, purpose=purpose)
    if document.enrolment:
        yield from document.enrolment.reasons(child, purpose, by_head=case.by_head)
    units = document.units
    if case.trial_part is None:
        yield from first_use_reasons(
            document.steps,
            case.history,
            child,
            case.span,
            purpose=purpose,
            purposes=document.purposes,
        )
        if units and units.first_visit and not has_used(case.history, child, case.span):
            yield from units.first_visit_reasons(child.child_id, case.span)
    yield from _of_regular_use(case, child)
    if document.discretion:
        yield from document.discretion.reasons(child, day, purpose)


def _of_regular_use(case: Case, child: ChildFacts) -> Iterator[Reason]:
    rule = case.document.regular
    if rule is not None and REGULAR in case.options:
        uses = [use for use in case.history.uses if use.child_id == child.child_id]
        for reason in reasons_of_week(rule, uses, case.span.day, case.options):
            yield replace(reason, child_id=child.child_id)


def notes_of_child(case: Case, child: ChildFacts) -> Iterator[Reason]:
    """Yield what staff ask about this child, and who still agrees."""
    document, purpose = case.document, case.purpose
    yield from gate_notes(document.gates, child, case.span.day, purpose=purpose)
    if document.enrolment:
        yield from document.enrolment.notes(child, purpose)


def _of_registration(case: Case, child: ChildFacts) -> Iterator[Reason]:
    document = case.document
    trial = document.steps.step(StepKind.TRIAL_CARE) if document.steps else None
    is_before_acceptance = trial is not None and trial.before is Before.ACCEPTANCE
    if case.trial_part is not None and is_before_acceptance:
        if not child.has_application:
            yield Reason(BookingRefusal.NO_APPLICATION, {}, child.child_id)
    elif document.registration:
        yield from document.registration.reasons(child, case.span.day, case.calendar)


def _of_steps(case: Case, child: ChildFacts) -> Iterator[Reason]:
    rule = case.document.steps
    if case.document.record.is_required and not child.record_holds:
        yield Reason(BookingRefusal.RECORD_TO_CONFIRM)
    if case.trial_part is not None:
        yield from reasons_against_trial(rule, child.steps, child.trial, case.trial_part, case.span)
        return
    for step in steps_against_use(rule, child.steps, case.purpose)[:1]:
        yield Reason(BookingRefusal.STEP_MISSING, {"step": step.kind.value})

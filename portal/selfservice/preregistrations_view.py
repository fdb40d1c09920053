"""What a family's pages of its pre-registrations show: the line, the age, what else there is."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from flask import url_for
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.bookings.queries.lists import Group, coming_groups
from portal.documents.i18n import gettext as _
from portal.documents.i18n import has
from portal.families.models import Child
from portal.families.queries import confirmed_days
from portal.kernel.actor import Actor, Right
from portal.kernel.age import class_age
from portal.kernel.clock import today
from portal.policies.document import RulesDocument
from portal.policies.looking import age_rule_for
from portal.policies.standing import StepKind
from portal.preregistration.elsewhere import elsewhere
from portal.preregistration.line import Line, Stage, family_agrees_first, line_of
from portal.preregistration.models import Preregistration
from portal.preregistration.places import ahead_of_family
from portal.preregistration.queries import together
from portal.preregistration.renewing import changes_of, season_is_open
from portal.preregistration.rules import LIVE, MessageKind, PreregistrationState
from portal.preregistration.terms import Terms, terms_of
from portal.rulebooks.describe import facts, fee_facts
from portal.rulebooks.fact import Fact
from portal.slots.classes import CLASSES
from portal.slots.published import published_place
from portal.trials.queries import StepsOfChild, steps_of
from portal.uploads.queries import documents
from portal.visits.models import Visit
from portal.visits.queries import family_visits


class Standing(NamedTuple):
    """One application as its family sees it."""

    line: Line
    steps: StepsOfChild
    from_day: date | None
    terms: Terms
    #: The visits to come at the facility with this child, the soonest of each kind.
    visits: dict[StepKind, Visit]


def standings_of(
    session: Session, rows: Sequence[Preregistration], *, actor: Actor, now: datetime
) -> dict[uuid.UUID, Standing]:
    """Return for each application where it stands and what comes next."""
    on = today(now)
    terms = {each: terms_of(session, each, on) for each in {row.facility_id for row in rows}}
    first = first_days(session, rows, on=on)
    coming, _past = family_visits(session, actor=actor, now=now)
    waiting = [row.id for row in rows if row.state is PreregistrationState.WAITING]
    ahead = ahead_of_family(session, waiting) if waiting else {}
    found = {}
    for row in rows:
        steps = steps_of(session, row, actor=actor, now=now)
        rule = terms[row.facility_id].rule
        visits = _visits_of(row, coming)
        booked = {kind: each.session.starts_at for kind, each in visits.items()}
        line = line_of(
            row,
            rule,
            steps.next,
            on=on,
            from_day=first[row.id],
            booked=booked,
            ahead=ahead.get(row.id),
        )
        found[row.id] = Standing(line, steps, first[row.id], terms[row.facility_id], visits)
    return found


def _visits_of(row: Preregistration, coming: Sequence[Visit]) -> dict[StepKind, Visit]:
    return {
        StepKind(each.session.kind.value): each
        for each in reversed(coming)
        if each.facility_id == row.facility_id
        and (not each.child_ids or row.child_id in each.child_ids)
    }


def shown(
    session: Session, row: Preregistration, messages: Sequence[Any], *, actor: Actor, now: datetime
) -> dict[str, Any]:
    """Return all that the page of one application shows besides the talk."""
    on = today(now)
    here = standings_of(session, [row], actor=actor, now=now)[row.id]
    siblings = together(session, row, actor=actor)
    is_live = row.state in LIVE
    rule = here.terms.rule
    own_words = _own_words(here.terms) if is_live else []
    conditions = [
        each.text for each in messages if row.has_conditions and each.kind is MessageKind.CONDITIONS
    ]
    return {
        "row": row,
        "line": here.line,
        "found": here.steps,
        "from_day": here.from_day,
        "conditions": conditions,
        "has_conditions": row.has_conditions,
        "facts": _facts(here.terms, here.steps) if is_live else [],
        "own_words": own_words,
        "is_in_japanese": bool(conditions) or not all(map(_is_known, own_words)),
        "agrees_first": family_agrees_first(row, rule),
        "asks_agreement": row.has_conditions or (rule.required and rule.agreement),
        "season": row.renewal_asked_at is None and season_is_open(row, rule, on),
        "renewal": rule.renewal,
        "changes": changes_of(session, [row], actor=actor)[row.id],
        "siblings": siblings,
        "sibling_lines": standings_of(session, siblings, actor=actor, now=now),
        "elsewhere": elsewhere(session, row, on)
        if row.state is PreregistrationState.DECLINED
        else None,
        "stays": _stays(coming_groups(session, actor=actor, now=now), row),
        "class_of": lambda child: _class_of(child, on),
        "calendar_url": calendar_url,
        "visit_urls": dict.fromkeys(
            (kind.value for kind in StepKind if kind is not StepKind.TRIAL_CARE),
            url_for("selfservice_visits.facility", facility_id=row.facility_id),
        ),
        "is_answered_after_visit": row.answer_by is not None
        and any(each.session.day > row.answer_by for each in here.visits.values()),
        "visits_booked": {
            kind.value: (
                each.session.starts_at,
                url_for("selfservice_visits.show", visit_id=each.id),
            )
            for kind, each in here.visits.items()
        },
        # The steps name the others.
        "visits_besides": [
            (each.session, url_for("selfservice_visits.show", visit_id=each.id))
            for kind, each in here.visits.items()
            if kind not in {line.step.kind for line in here.steps.lines}
        ],
        "papers": _papers(session, row, here.terms, actor=actor),
        "is_unwritten": row.child.born_on is not None
        and row.child_id not in confirmed_days(session, [row.child_id], actor=actor),
        "may_children": actor.has(Right.CHILDREN),
        "Stage": Stage,
    }


class Paper(NamedTuple):
    """A document that the facility asks for with this application."""

    name: str
    photos: int


def _papers(session: Session, row: Preregistration, terms: Terms, *, actor: Actor) -> list[Paper]:
    """Return what became of each document, until the facility has decided."""
    rule = terms.document.application
    if rule is None or row.state not in LIVE - {PreregistrationState.ACCEPTED}:
        return []
    given = documents(session, row.family_id, row.facility_id, actor=actor)
    return [
        Paper(
            each.name,
            sum(
                photo.about == each.name
                and photo.organisation_id is not None
                and photo.child_id == (row.child_id if each.each_child else None)
                for photo in given
            ),
        )
        for each in rule.documents
    ]


def _facts(terms: Terms, steps: StepsOfChild) -> list[Fact]:
    ordered = [line.step.kind for line in steps.lines if line.is_ordered]
    document = terms.document
    return [*facts(document, ordered), *fee_facts(document.fee, document.purposes, document.age)]


def _own_words(terms: Terms) -> list[Fact]:
    texts = terms.document.texts
    found = (
        Fact(_("予約について"), texts.booking),
        Fact(_("料金について"), texts.fee),
        Fact(_("取り消しについて"), texts.cancel),
        Fact(_("病気のとき"), texts.illness),
        Fact(_("持ち物"), terms.belongings or texts.belongings),
    )
    return [fact for fact in found if fact.text.strip()]


def _is_known(fact: Fact) -> bool:
    """Say whether words of a facility are those of many, which have a translation."""
    return all(has(line) for line in fact.text.splitlines() if line)


def _stays(groups: Sequence[Group], row: Preregistration) -> list[Group]:
    return [
        group
        for group in groups
        if any(
            booking.child_id == row.child_id and booking.facility_id == row.facility_id
            for booking in group.bookings
        )
    ]


def _class_of(child: Child, on: date) -> int | None:
    return None if child.born_on is None else class_age(child.born_on, max(child.born_on, on))


def calendar_url(row: Preregistration, on: date) -> str:
    """Return the address of the facility's calendar, opened at the child's class."""
    age = _class_of(row.child, on)
    values: dict[str, Any] = {"facility_id": row.facility_id}
    if age is not None and age in CLASSES:
        values["class"] = age
    return url_for("public.facility", **values)


def first_days(
    session: Session, rows: Sequence[Preregistration], *, on: date
) -> dict[uuid.UUID, date | None]:
    """Return for each row the day from which the child is old enough; ``None`` where it is."""
    return {
        row.id: first_day(document_of(session, row.facility_id, on), row.child, on)
        if row.state in LIVE
        else None
        for row in rows
    }


def document_of(session: Session, facility_id: uuid.UUID, on: date) -> RulesDocument:
    """Return the rules of a published facility; empty ones where it is published no more."""
    try:
        return published_place(session, facility_id, on=on).document
    except NoResultFound:  # no longer published: nothing is known against its age
        return RulesDocument()


def first_day(document: RulesDocument, child: Child, on: date) -> date | None:
    """Return the day from which the child is old enough, where it is not yet."""
    rule = age_rule_for(document, child.born_on, on) if child.born_on else None
    if rule is None or child.born_on is None:
        return None
    first = rule.first_day(child.born_on)
    return first if first > on else None

"""What a director sees of her facilities: programmes, and their rules in words."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy.orm import Session

from portal.facilities import queries
from portal.facilities.models import Facility, Programme
from portal.kernel.actor import Actor
from portal.policies.document import RulesDocument, load_template, template_names
from portal.rulebooks.describe import facts, fee_facts, summary
from portal.rulebooks.fact import Fact
from portal.rulebooks.places import load_place, place_names
from portal.rulebooks.queries import versions_of


@dataclass(frozen=True, slots=True)
class RulesInWords:
    """One rules document as families read it."""

    title: str
    summary: str
    facts: Sequence[Fact]
    fees: Sequence[Fact]

    @staticmethod
    def of(document: RulesDocument) -> RulesInWords:
        """Put a document into words."""
        return RulesInWords(
            document.title,
            summary(document),
            facts(document),
            fee_facts(document.fee, document.purposes, document.age),
        )


@dataclass(frozen=True, slots=True)
class Version:
    """Rules with the local day from which they hold."""

    in_force_from: date
    rules: RulesInWords


@dataclass(frozen=True, slots=True)
class ProgrammeView:
    """A programme with its rules of today and those to come."""

    programme: Programme
    current: Version | None
    coming: Sequence[Version]


@dataclass(frozen=True, slots=True)
class FacilityView:
    """A facility with its programmes."""

    facility: Facility
    programmes: Sequence[ProgrammeView]


def own_facilities(session: Session, *, actor: Actor, today: date) -> list[FacilityView]:
    """Return the facilities of the actor's organisation."""
    programmes: dict[uuid.UUID, list[ProgrammeView]] = {}
    for programme in queries.programmes_of(session, actor.organisation_id):
        view = programme_view(session, programme, today=today)
        programmes.setdefault(programme.facility_id, []).append(view)
    return [
        FacilityView(facility, programmes.get(facility.id, []))
        for facility in queries.facilities_of(session, actor.organisation_id)
    ]


def programme_view(session: Session, programme: Programme, *, today: date) -> ProgrammeView:
    """Return a programme with its rules in words."""
    versions = versions_of(session, programme.id)
    current = next((one for one in versions if one.in_force_from <= today), None)
    coming = [one for one in versions if one.in_force_from > today]
    in_words = [
        Version(one.in_force_from, RulesInWords.of(RulesDocument.model_validate(one.document)))
        for one in (*([current] if current else []), *reversed(coming))
    ]
    return ProgrammeView(
        programme,
        current=in_words[0] if current else None,
        coming=in_words[1:] if current else in_words,
    )


@cache
def template_of(name: str) -> RulesDocument:
    """Return rules that come with the portal: a usual one, or those of a real place.

    Raises:
        ValueError: there are none of that name. A caller's mistake.
    """
    return load_place(name) if name in place_names() else load_template(name)


def templates() -> dict[str, RulesInWords]:
    """Return the rules that come with the portal, in words, by name; the usual ones first."""
    names = (*template_names(), *place_names())
    return {name: RulesInWords.of(template_of(name)) for name in names}

"""What a decision says beside its reasons: nothing of it forbids. Sentences: ``wording``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class BookingNote(StrEnum):
    """What to bring, what will be looked at, and who still has to agree."""

    # G3, gates
    ASK_ABOUT_GATE = "ask_about_gate"
    GATE_AT_ARRIVAL = "gate_at_arrival"
    # G4, the home and where else the child goes
    RESIDENCE_UNKNOWN = "residence_unknown"
    ENROLMENT_UNKNOWN = "enrolment_unknown"
    # G5, purposes and their proofs
    PROOF_MAY_BE_ASKED = "proof_may_be_asked"
    PROOF_TO_BRING = "proof_to_bring"
    # G6, more than the usual amount; G12, what happened before
    ABOVE_CAP_RATE = "above_cap_rate"
    CAP_NEEDS_STAFF = "cap_needs_staff"
    NO_SHOW_WARNING = "no_show_warning"
    NO_SHOW_TALK = "no_show_talk"
    # G13, days that open only if enough children come
    OPENS_IF_ENOUGH = "opens_if_enough"
    # G4, G5 and G8, who still has to agree
    AWAITS_FACILITY = "awaits_facility"
    AWAITS_CITY = "awaits_city"
    AWAITS_PAPERS = "awaits_papers"
    AWAITS_DRAW = "awaits_draw"


_N = BookingNote

#: The values each note brings for its sentence.
NOTE_VALUES: Mapping[BookingNote, frozenset[str]] = MappingProxyType(
    {
        _N.ASK_ABOUT_GATE: frozenset({"gate"}),
        _N.GATE_AT_ARRIVAL: frozenset({"gate"}),
        _N.RESIDENCE_UNKNOWN: frozenset(),
        _N.ENROLMENT_UNKNOWN: frozenset(),
        _N.PROOF_MAY_BE_ASKED: frozenset({"paper"}),
        _N.PROOF_TO_BRING: frozenset({"paper"}),
        _N.ABOVE_CAP_RATE: frozenset({"cap", "scope", "limit", "used", "period", "next_on"}),
        _N.CAP_NEEDS_STAFF: frozenset({"cap", "scope", "limit", "used", "period", "next_on"}),
        _N.NO_SHOW_WARNING: frozenset(),
        _N.NO_SHOW_TALK: frozenset(),
        _N.OPENS_IF_ENOUGH: frozenset({"at_least", "decided_at"}),
        _N.AWAITS_FACILITY: frozenset({"answer_days"}),
        _N.AWAITS_CITY: frozenset(),
        _N.AWAITS_PAPERS: frozenset({"paper", "hours", "days"}),
        _N.AWAITS_DRAW: frozenset(),
    }
)

#: Notes that mean: not confirmed before a person has agreed.
AWAITING = frozenset(
    {
        _N.ASK_ABOUT_GATE,
        _N.CAP_NEEDS_STAFF,
        _N.NO_SHOW_TALK,
        _N.AWAITS_FACILITY,
        _N.AWAITS_CITY,
    }
)

"""What is to be brought to a stay that is booked, and what is looked at on its morning."""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from portal.bookings.queries.lists import Group
from portal.bookings.queries.stay_cases import case_of
from portal.kernel.actor import Actor
from portal.kernel.errors import Reason
from portal.policies.decide import decide
from portal.policies.document import RulesDocument
from portal.policies.notes import BookingNote

_OF_THE_STAY: Final = frozenset(
    {
        BookingNote.GATE_AT_ARRIVAL,
        BookingNote.PROOF_MAY_BE_ASKED,
        BookingNote.PROOF_TO_BRING,
    }
)


def notes_of_stay(
    session: Session, found: Group, document: RulesDocument, *, actor: Actor
) -> tuple[Reason, ...]:
    """Return what the rules of a booking ask for on the day itself; nothing once none is live.

    Args:
        document: The document under which it was made.
    """
    if not found.live or not (document.gates or document.purposes or document.variants):
        return ()
    case = case_of(session, found.live, document, actor=actor, group=found.bookings)
    if case is None:
        return ()
    said = decide(case, now=found.first.received_at).notes
    return tuple(note for note in said if note.code in _OF_THE_STAY)

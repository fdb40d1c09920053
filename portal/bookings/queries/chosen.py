"""What families chose beside a stay, for those who prepare the day."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.bookings.extras import options_words
from portal.bookings.models import Booking
from portal.rulebooks.queries import document_of


def chosen_words(session: Session, booking: Booking) -> tuple[str, ...]:
    """Return what the family chose beside a stay, in the words of its rules; mostly nothing.

    Raises:
        sqlalchemy.exc.NoResultFound: its rules are not the actor's to see.
    """
    if not booking.options:
        return ()
    return tuple(options_words(document_of(session, booking.rulebook_id), booking.options))

"""Reads of day sheets: the newest of a facility, and when it wants them."""

from __future__ import annotations

import uuid
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, defer

from portal.daysheets.models import DaySheet, DaySheetSettings
from portal.kernel.actor import Actor

#: 6:30, before the first child comes.
USUAL_MINUTE = 390


def settings_of(session: Session, facility_id: uuid.UUID, *, actor: Actor) -> DaySheetSettings:
    """Return when a facility of the actor's wants its sheet; the usual where nothing is kept."""
    found = session.scalars(
        select(DaySheetSettings).where(
            DaySheetSettings.facility_id == facility_id,
            DaySheetSettings.organisation_id == actor.organisation_id,
        )
    ).one_or_none()
    return found or DaySheetSettings(
        facility_id=facility_id,
        organisation_id=actor.organisation_id,
        is_on=True,
        minute=USUAL_MINUTE,
    )


def newest(session: Session, facility_id: uuid.UUID, *, actor: Actor) -> DaySheet | None:
    """Return the sheet made last for a facility of the actor's, without its content."""
    return session.scalars(
        select(DaySheet)
        .where(
            DaySheet.facility_id == facility_id,
            DaySheet.organisation_id == actor.organisation_id,
        )
        .options(defer(DaySheet.pdf_sealed))
        .order_by(DaySheet.day.desc())
        .limit(1)
    ).one_or_none()


def sheet_of(session: Session, facility_id: uuid.UUID, day: date, *, actor: Actor) -> DaySheet:
    """Return the sheet kept for a day.

    Raises:
        NoResultFound: there is none that is the actor's.
    """
    return session.scalars(
        select(DaySheet).where(
            DaySheet.facility_id == facility_id,
            DaySheet.organisation_id == actor.organisation_id,
            DaySheet.day == day,
        )
    ).one()

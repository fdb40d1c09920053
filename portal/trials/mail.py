"""What a family is told once staff have said what comes after a part of trial care."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.bookings.models import Booking
from portal.documents.i18n import gettext as _
from portal.families.mail import names_on_paper
from portal.messages.letters import Letter, MailMaker, Wanted, write
from portal.policies.standing import StepKind
from portal.preregistration.models import Preregistration
from portal.trials.models import TrialResult


def outcome(session: Session, wanted: Wanted) -> Letter | None:
    """Tell what comes next; no longer wanted where the application is not to be seen any more."""
    found = session.execute(
        select(Booking, TrialResult, Preregistration)
        .join(TrialResult, TrialResult.booking_id == Booking.id)
        .join(Preregistration, Preregistration.id == TrialResult.preregistration_id)
        .options(joinedload(Booking.facility), joinedload(Booking.child))
        .where(Booking.id == wanted.subject_ids[0])
    ).one_or_none()
    if found is None:
        return None
    booking, result, row = found
    facility = booking.facility
    return write(
        wanted,
        _("%(facility)sのならし預かりについて") % {"facility": facility.name},
        contact_line=" ".join(filter(None, (facility.name, facility.phone))),
        facility_id=facility.id,
        children_names=names_on_paper(wanted, [booking.child]),
        facility_name=facility.name,
        day=booking.day,
        part=result.part,
        outcome=result.outcome.value,
        is_over=StepKind.TRIAL_CARE.value in row.steps_done,
        page_url=wanted.url(f"/my/preregistrations/{row.id}"),
    )


MAILS: dict[str, MailMaker] = {"trials/outcome": outcome}

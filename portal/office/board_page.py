"""How the board and the page of a stay answer; the routes stand in ``board``."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.attendance import queries
from portal.attendance.forms import LateForm
from portal.attendance.queries import ChildOfDay
from portal.attendance.rules import Presence, Step, late_cells
from portal.attendance.service import board as boards
from portal.bookings.rules import BookingState
from portal.db.session import transaction as reading
from portal.documents.dates import jtime
from portal.documents.wording.sentences import help_for, sentence
from portal.families.record_rules import photo_is_old
from portal.kernel.clock import now, today, written_day
from portal.kernel.errors import Reason, Refusal
from portal.office.board_forms import TapForm, TimesForm
from portal.web.access import current_actor
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction


def tap(
    facility_id: uuid.UUID,
    booking_id: uuid.UUID,
    step: Step | str,
    do: Callable[[Session], None],
    **forms: PortalForm,
) -> ResponseReturnValue:
    """Do one thing and return to the board of its day, or say every reason on the stay's page.

    Args:
        step: what the board then offers to take back; or the sentence that says what was done.
    """
    try:
        with transaction() as db:
            do(db)
            booking = queries.stay(db, booking_id, actor=current_actor())
            answer = see_other(db, day_url(facility_id, booking.day, booking_id, step))
        if not isinstance(step, Step):
            flash(step)
    except Refusal as refusal:
        return stay_again(booking_id, 409, refusal=refusal, **forms)
    return answer


def stay_again(
    booking_id: uuid.UUID, status: int, *, refusal: Refusal | None = None, **forms: PortalForm
) -> ResponseReturnValue:
    """Show the stay again with what is wrong; what was typed stays."""
    # Not the transaction of ``writes``: what was refused must not claim the form's key.
    with reading() as db:
        child = boards.open_stay(db, booking_id, actor=current_actor(), now=now())
    form = next(iter(forms.values()), None) or TapForm()
    if refusal is not None:
        form.explain(refusal, _in_full)
    return stay_page(child, form=form, **forms), status


def _in_full(reason: Reason) -> str:
    on = today(now())
    remedy = help_for(reason, today=on)
    words_ = sentence(reason, today=on)
    return f"{words_}。{remedy.text}" if remedy else words_


def stay_page(
    child: ChildOfDay,
    *,
    form: PortalForm | None = None,
    late: PortalForm | None = None,
    times: PortalForm | None = None,
) -> str:
    """Return the page of one stay."""
    moment = now()
    if not isinstance(late, LateForm):
        late = LateForm(formdata=None)
    late.expected.offer(late_cells(child.facts, moment))
    if not isinstance(times, TimesForm):
        times = TimesForm(formdata=None, collected_by=_collected_by(child))
        times.arrived.data, times.departed.data = (
            _typed(child, "arrived_at"),
            _typed(child, "departed_at"),
        )
    times.offer_collectors(collectors_of(child))
    with reading() as db:
        facility = queries.facility(db, child.booking.facility_id, actor=current_actor())
    return render_template(
        "office/board/stay.html",
        photo_is_old=photo_is_old,
        child=child,
        facility=facility,
        form=form,
        tap=TapForm(formdata=None),
        late=late,
        times=times,
        has_begun=moment >= child.facts.starts_at,
        is_free_to_cancel=child.facts.cancel_until is not None
        and moment < child.facts.cancel_until,
        is_over=moment >= child.facts.ends_at,
        is_today=child.facts.day == today(moment),
        is_to_come=child.facts.day > today(moment),
        Presence=Presence,
    )


def _typed(child: ChildOfDay, name: str) -> str:
    moment = getattr(child.facts, name)
    return jtime(moment) if moment else ""


def collectors_of(child: ChildOfDay) -> list[str]:
    """Return who may have picked the child up, as the form offers them."""
    people = [*child.guardians, *([child.collector] if child.collector else [])]
    names = [f"{person.relation} {person.name}" for person in people]
    collected_by = _named(child.collected_by, names)
    if collected_by and collected_by not in names:
        names.append(collected_by)
    return names


def _collected_by(child: ChildOfDay) -> str | None:
    return _named(child.collected_by, collectors_of(child))


def _named(kept: str | None, names: list[str]) -> str | None:
    """Return the one of ``names`` that a bare 「母」 stands for, else what was kept."""
    meant = [name for name in names if name.partition(" ")[0] == kept]
    return meant[0] if len(meant) == 1 else kept


def is_missing(child: ChildOfDay) -> bool:
    """Say whether a case may be open about the child: it did not come, and nobody told why."""
    return child.presence is Presence.MISSING or child.facts.state is BookingState.NO_SHOW


def done_before(children: tuple[ChildOfDay, ...]) -> tuple[ChildOfDay, Step] | None:
    """Return what the tap before this page recorded, as long as it still stands."""
    asked = request.args.get("done", "")
    for child in children:
        if str(child.booking.id) != asked:
            continue
        stands = {
            Presence.HERE: Step.ARRIVAL,
            Presence.GONE: Step.DEPARTURE,
            Presence.ABSENT: Step.ABSENCE,
        }.get(child.presence)
        if stands is not None and stands.value == request.args.get("step"):
            return child, stands
    return None


def day_or_404(text: str) -> date:
    """Return the day of an address."""
    try:
        return written_day(text)
    except ValueError:
        abort(404)


def day_url(
    facility_id: uuid.UUID,
    on: date,
    booking_id: uuid.UUID | None = None,
    step: Step | str | None = None,
) -> str:
    """Return the address of a day's board; with a step, one that offers to take it back."""
    shown = {"done": str(booking_id), "step": step.value} if isinstance(step, Step) else {}
    return url_for(
        "office_board.day",
        _external=False,
        facility_id=facility_id,
        day=on.isoformat(),
        **shown,
    )

"""Make the day's sheets: by the clock each morning, or when staff ask for one."""

from __future__ import annotations

import base64
import logging
import os
import uuid
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal import config
from portal.attendance.service.board import open_board
from portal.audit.service import record
from portal.daysheets import folder, queries
from portal.daysheets.models import DaySheet, DaySheetSettings
from portal.daysheets.paper import VIA, Paper, open_paper, paper_html
from portal.db.sealed import seal, unseal
from portal.documents.pdf import PdfUnavailable, pdf_bytes
from portal.facilities.rounds import at_every_facility
from portal.kernel.actor import Actor
from portal.kernel.clock import JST, today
from portal.slots.opening import open_days

_log = logging.getLogger(__name__)

#: A round that was missed is made up for until this hour; later the paper helps nobody.
LAST_HOUR = 18
#: Yesterday's can still be looked up.
KEPT = timedelta(days=1)


def make_due(now: datetime) -> None:
    """Make the sheets whose time has come, each in a transaction of its own: the worker's round."""
    on, local = today(now), now.astimezone(JST)
    root = config.print_folder(os.environ)
    if root is not None:
        folder.clear(root, on)
    if local.hour >= LAST_HOUR:
        return

    def make(session: Session, facility_id: uuid.UUID, actor: Actor) -> None:
        _forget_old(session, facility_id, on, actor)
        if _is_due(session, facility_id, on, local, actor):
            make_sheet(session, facility_id, on, actor=actor, now=now, root=root, is_new=True)

    at_every_facility("making day sheets", make)


def _is_due(
    session: Session, facility_id: uuid.UUID, on: date, local: datetime, actor: Actor
) -> bool:
    kept = queries.settings_of(session, facility_id, actor=actor)
    if not kept.is_on or local.hour * 60 + local.minute < kept.minute:
        return False
    made = queries.newest(session, facility_id, actor=actor)
    if made is not None and made.day >= on:
        return False
    return open_days(session, facility_id, on).calendar.is_open(on)


def _forget_old(session: Session, facility_id: uuid.UUID, on: date, actor: Actor) -> None:
    session.execute(
        delete(DaySheet).where(
            DaySheet.facility_id == facility_id,
            DaySheet.organisation_id == actor.organisation_id,
            DaySheet.day < on - KEPT,
        )
    )


def make_sheet(
    session: Session,
    facility_id: uuid.UUID,
    day: date,
    *,
    actor: Actor,
    now: datetime,
    root: Path | None,
    is_new: bool = False,
) -> bool:
    """Make the sheet of a day and keep it sealed; put it into the folder where there is one.

    Args:
        is_new: Only where none is kept for the day: two rounds at once make one.

    Returns:
        Whether it was made.

    Raises:
        NoResultFound: not a facility of the actor's provider.
    """
    sheet_id = uuid.uuid4()
    paper = open_paper(session, facility_id, day, actor=actor, now=now)
    pdf = _pdf(paper)
    values = {
        "made_at": now,
        "children": paper.children,
        "pdf_sealed": None if pdf is None else _sealed(pdf, facility_id, day),
        "in_folder": _put(root, facility_id, day, pdf),
    }
    statement = insert(DaySheet).values(
        id=sheet_id,
        facility_id=facility_id,
        organisation_id=actor.organisation_id,
        day=day,
        **values,
    )
    conflict = ["facility_id", "day"]
    made = session.execute(
        (
            statement.on_conflict_do_nothing(index_elements=conflict)
            if is_new
            else statement.on_conflict_do_update(index_elements=conflict, set_=values)
        ).returning(DaySheet.id)
    ).first()
    if made is None:
        return False
    record(session, actor, "day_sheet.made", made[0], facility_id, children=paper.children)
    return True


def _pdf(paper: Paper) -> bytes | None:
    try:
        return pdf_bytes(paper_html(paper, is_demo=os.environ.get("PORTAL_IS_DEMO") == "1"))
    except PdfUnavailable:
        return None


def _put(root: Path | None, facility_id: uuid.UUID, day: date, pdf: bytes | None) -> bool:
    if root is None or pdf is None:
        return False
    try:
        folder.put(root, facility_id, day, pdf)
    except OSError as error:
        _log.warning("no day sheet in the print folder: %s", type(error).__name__)
        return False
    return True


def _sealed(pdf: bytes, facility_id: uuid.UUID, day: date) -> bytes:
    return seal(base64.b64encode(pdf).decode("ascii"), bound_to=_bound(facility_id, day))


def _bound(facility_id: uuid.UUID, day: date) -> tuple[str, ...]:
    return ("day_sheets", "pdf", str(facility_id), day.isoformat())


def open_kept(
    session: Session, facility_id: uuid.UUID, day: date, *, actor: Actor, now: datetime
) -> bytes | None:
    """Return the PDF kept for a day, and leave the trace with every family on it.

    ``None`` where this machine could not make one.

    Raises:
        NoResultFound: none is kept that is the actor's.
    """
    kept = queries.sheet_of(session, facility_id, day, actor=actor)
    open_board(session, facility_id, day, actor=actor, now=now, via=VIA)
    record(session, actor, "day_sheet.opened", kept.id, facility_id)
    if kept.pdf_sealed is None:
        return None
    return base64.b64decode(unseal(kept.pdf_sealed, bound_to=_bound(facility_id, day)))


def set_times(
    session: Session, facility_id: uuid.UUID, *, is_on: bool, minute: int, actor: Actor
) -> None:
    """Keep whether and from which minute of the day (JST) a facility wants its sheet."""
    values = {"is_on": is_on, "minute": minute}
    session.execute(
        insert(DaySheetSettings)
        .values(facility_id=facility_id, organisation_id=actor.organisation_id, **values)
        .on_conflict_do_update(index_elements=["facility_id"], set_=values)
    )
    record(session, actor, "day_sheet.set", facility_id, is_on=is_on, minute=minute)

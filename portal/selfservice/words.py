"""「おくれて行きます」「休みます」: from the link in the reminder mail, or from the portal.

Opening the page changes nothing, since mail programs open links by themselves. Who holds the link
acts for the family in this alone; the page names nobody.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.accounts.addresses import AddressKind, open_address
from portal.attendance import queries
from portal.attendance.forms import LateForm
from portal.attendance.rules import WordKind
from portal.attendance.service import words
from portal.bookings.models import Booking
from portal.db.session import become
from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.documents.i18n import sentences
from portal.documents.wording.sentences import help_for, sentence
from portal.kernel.actor import Actor, Role
from portal.kernel.channel import Channel
from portal.kernel.clock import JST, at, now, today
from portal.kernel.errors import Reason, Refusal
from portal.kernel.spans import cell_time
from portal.policies.cancel import WaivedReason
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("words", __name__)


@dataclass(frozen=True, slots=True)
class _Door:
    """By which address the page was opened: the mail's link, or the family's own booking."""

    token: str | None = None
    group_id: uuid.UUID | None = None

    @property
    def channel(self) -> str:
        return words.BY_MAIL_LINK if self.token else Channel.WEB.value

    def url(self, action: str = "") -> str:
        """Return the address of the page, or of what its buttons do."""
        if self.token is not None:
            return url_for(f"words.by_link{action}", token=self.token)
        return url_for(f"words.own{action}", group_id=self.group_id)

    def open(self, db: Session, *, is_to_change: bool = False) -> tuple[Actor, Sequence[Booking]]:
        """Return who acts, and the bookings spoken of; the session acts for the family from now.

        Raises:
            NoResultFound: the link has ended, or the booking is not the family's.
        """
        if self.token is None:
            assert self.group_id is not None  # noqa: S101 - a door has one of the two
            actor, group_id = current_actor(), self.group_id
        else:
            opened = open_address(db, self.token, AddressKind.BOOKING_WORD)
            if opened is None or opened.booking_id is None:
                raise NoResultFound
            actor = Actor(role=Role.GUARDIAN, family_id=opened.family_id)
            become(actor)
            group_id = queries.stay(db, opened.booking_id, actor=actor).group_id
        return actor, queries.family_group(db, group_id, actor=actor, is_to_change=is_to_change)


@bp.get("/w/<token>")
@requires(Permission.OPEN_TO_ALL)
def by_link(token: str) -> ResponseReturnValue:
    """Show what the family may say, without sign-in."""
    return _shown(_Door(token=token))


@bp.post("/w/<token>/late")
@requires(Permission.OPEN_TO_ALL)
def by_link_late(token: str) -> ResponseReturnValue:
    """Take the word that the family comes later."""
    return _late(_Door(token=token))


@bp.post("/w/<token>/absent")
@requires(Permission.OPEN_TO_ALL)
def by_link_absent(token: str) -> ResponseReturnValue:
    """Take the word that the family stays away."""
    return _absent(_Door(token=token))


@bp.get("/my/bookings/<uuid:group_id>/word")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def own(group_id: uuid.UUID) -> ResponseReturnValue:
    """Show the same to a guardian who is signed in."""
    return _shown(_Door(group_id=group_id))


@bp.post("/my/bookings/<uuid:group_id>/word/late")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def own_late(group_id: uuid.UUID) -> ResponseReturnValue:
    """Take the word that the family comes later."""
    return _late(_Door(group_id=group_id))


@bp.post("/my/bookings/<uuid:group_id>/word/absent")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def own_absent(group_id: uuid.UUID) -> ResponseReturnValue:
    """Take the word that the family stays away."""
    return _absent(_Door(group_id=group_id))


def _late(door: _Door) -> ResponseReturnValue:
    form = LateForm()
    cell = form.expected.data if form.validate_on_submit() else None
    if cell is None:
        return _shown(door, 422, late=form)
    return _said(door, WordKind.LATE, cell, late=form)


def _absent(door: _Door) -> ResponseReturnValue:
    is_ill = request.form.get("because") == WaivedReason.ILLNESS.value
    return _said(door, WordKind.ABSENT, None, waived=WaivedReason.ILLNESS if is_ill else None)


def _said(
    door: _Door,
    kind: WordKind,
    cell: int | None,
    *,
    waived: WaivedReason | None = None,
    late: LateForm | None = None,
) -> ResponseReturnValue:
    try:
        with transaction() as db:
            actor, bookings = door.open(db, is_to_change=True)
            expected = None if cell is None else at(bookings[0].day, cell_time(cell))
            words.take_word(
                db,
                bookings,
                kind,
                channel=door.channel,
                actor=actor,
                now=now(),
                expected_at=expected,
                waived=waived,
            )
            answer = see_other(db, door.url())
    except NoResultFound:
        return _ended(door)
    except Refusal as refusal:
        return _shown(door, 409, refusal=refusal, late=late)
    flash(_("園に伝えました。"))
    return answer


def _shown(
    door: _Door,
    status: int = 200,
    *,
    refusal: Refusal | None = None,
    late: LateForm | None = None,
) -> ResponseReturnValue:
    moment = now()
    try:
        with reading() as db:
            actor, bookings = door.open(db)
            day = words.family_day(db, bookings, actor=actor, now=moment)
    except NoResultFound:
        return _ended(door)
    if late is None:
        said = day.late_at.astimezone(JST).time() if day.late_at else None
        late = LateForm(formdata=None, data={"expected": said})
    late.expected.offer(day.late_cells)
    absent = PortalForm(formdata=None)
    if refusal is not None:
        late.explain(refusal, _in_full)
    page = render_template(
        "selfservice/words/word.html",
        day=day,
        late=late,
        absent=absent,
        form=late if refusal is not None or status != 200 else None,  # noqa: PLR2004 - HTTP
        late_url=door.url("_late"),
        absent_url=door.url("_absent"),
        booking_url=url_for("selfservice_bookings.show", group_id=bookings[0].group_id),
        free_until=bookings[0].cancel_until,
        may_cancel_free=bookings[0].cancel_until is not None and moment < bookings[0].cancel_until,
        is_over=moment >= day.facts.ends_at,
    )
    return page, status


def _ended(door: _Door) -> ResponseReturnValue:
    if door.token is None:
        raise NoResultFound
    return render_template("selfservice/words/ended.html"), 404


def _in_full(reason: Reason) -> str:
    on = today(now())
    remedy = help_for(reason, today=on)
    said = sentence(reason, today=on)
    return sentences(_("%(said)s。") % {"said": said}, remedy.text) if remedy else said

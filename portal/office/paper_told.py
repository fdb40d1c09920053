"""What a family answers, says or takes back by phone or on paper, entered as its own word."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import RadioField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.audit.service import record
from portal.bookings.queries.lists import Group, coming_groups_of
from portal.bookings.service import cancel_booking
from portal.db.session import become, current_session
from portal.documents.i18n import gettext as _
from portal.documents.i18n import sentences
from portal.documents.money import yen
from portal.documents.wording.sentences import sentence
from portal.families.forms import ReceiptFields, Sound
from portal.families.rules import reasons_against_text
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.kernel.errors import Refusal
from portal.preregistration import queries, service
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import (
    WITH_WORDS,
    PreregistrationEvent,
    PreregistrationRefusal,
    possible,
)
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("office_paper_told", __name__, url_prefix="/office/preregistrations")

ANSWER, WORD, WITHDRAWAL = "answer", "word", "withdrawal"
CANCEL, KEEP = "cancel", "keep"


class SaidForm(ReceiptFields):
    """A family's own words, by which way and when they came."""

    has_bookings = False
    what = RadioField(
        _("何を受けましたか"),
        [InputRequired(_("何を受けたかを えらんでください"))],
        choices=[
            SelectChoice(ANSWER, _("園の質問への答え")),
            SelectChoice(WORD, _("園へのことば")),
            SelectChoice(WITHDRAWAL, _("取り下げ")),
        ],
    )
    bookings = RadioField(
        _("取り下げのとき：これからの予約"),
        [Optional()],
        choices=[SelectChoice(CANCEL, _("取り消す")), SelectChoice(KEEP, _("使う"))],
    )
    words = TextAreaField(_("ご家庭のことば"), [Optional(), Sound(reasons_against_text)])

    def offer(self, row: Preregistration, coming: Sequence[Group]) -> None:
        """Offer what can be said as the application stands, with the bookings still to come."""
        self.has_bookings = bool(coming)
        may = possible(row.state)
        fits = {
            ANSWER: PreregistrationEvent.ANSWER in may,
            WORD: row.state in WITH_WORDS,
            WITHDRAWAL: PreregistrationEvent.WITHDRAW in may,
        }
        self.what.choices = [
            choice for choice in self.what.choices if fits[getattr(choice, "value", "")]
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the shape; who withdraws says whether what is booked is still used."""
        right: bool = super().validate(extra_validators)
        if self.what.data == WITHDRAWAL and self.has_bookings and not self.bookings.data:
            self.bookings.errors = [
                _("これからの予約を「取り消す」か「使う」か、ご家庭に聞いてえらんでください")
            ]
            return False
        return right


@bp.route("/<uuid:preregistration_id>/said", methods=["GET", "POST"])
@requires(Permission.DECIDE_PREREGISTRATIONS)
def said(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Enter what came by phone, FAX, post or at the counter, with its time."""
    actor, now, session = current_actor(), clock.now(), current_session()
    row = queries.preregistration(session, preregistration_id, actor=actor)
    form, coming = SaidForm(), _coming(session, row, actor, now)
    form.offer(row, coming)
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            flash(_enter(session, preregistration_id, form, actor))
            there = "office_preregistrations.show"
            return see_other(session, url_for(there, preregistration_id=preregistration_id))
        row = queries.preregistration(session, preregistration_id, actor=actor)
    elif not form.is_submitted():
        form.propose(now)
        form.what.data = request.args.get("what")
    return render_template("office/paper/said.html", form=form, row=row, coming=coming), form.status


def _coming(session: Session, row: Preregistration, actor: Actor, now: datetime) -> list[Group]:
    """Return what the child has booked at the facility and has not begun."""
    return [
        group
        for group in coming_groups_of(session, row.family_id, actor=actor, now=now)
        if group.first.facility_id == row.facility_id
        and group.first.starts_at > now
        and any(booking.child_id == row.child_id for booking in group.live)
    ]


def _withdraw(session: Session, row: Preregistration, form: SaidForm, actor: Actor) -> str:
    """Withdraw, with the bookings where the family wants that, and say what was done."""
    now = clock.now()
    coming = _coming(session, row, actor, now)
    gone = [
        cancel_booking(
            session,
            group.id,
            actor=actor,
            now=now,
            child_ids=[row.child_id],
            received_at=form.received_at(),
        )
        for group in (coming if form.bookings.data == CANCEL else ())
    ]
    service.withdraw(session, row.id, actor=actor, now=now)
    done = _("事前登録を取り下げました。")
    if gone:
        fee = yen(sum(each.fee_yen for each in gone))
        return sentences(
            done,
            _("これからの予約 %(count)s件を取り消しました。") % {"count": len(gone)},
            _("取り消しの料金は %(fee)sです。") % {"fee": fee},
        )
    if coming:
        kept = _("これからの予約 %(count)s件は、そのままです。") % {"count": len(coming)}
        return sentences(done, kept)
    return done


def _enter(session: Session, preregistration_id: uuid.UUID, form: SaidForm, actor: Actor) -> str:
    now, received = clock.now(), form.received_at()
    row = queries.preregistration(session, preregistration_id, actor=actor)
    if received > now:
        raise Refusal([PreregistrationRefusal.RECEIVED_IN_FUTURE])
    said = _("ご家庭のことばを入れました。")
    if form.what.data == WITHDRAWAL:
        said = _withdraw(session, row, form, actor)
    else:
        act = service.answer if form.what.data == ANSWER else service.say
        family = Actor(role=Role.GUARDIAN, family_id=row.family_id)
        # The database keeps a word as the family's from the family alone; the audit names staff.
        try:
            become(family)
            act(session, row.id, form.words.data or "", actor=family, now=now)
        finally:
            become(actor)
    record(
        session,
        actor,
        "preregistration.told_by_family",
        row.id,
        family_id=row.family_id,
        what=form.what.data,
        channel=form.by_channel().value,
        received_at=received.isoformat(),
    )
    return said

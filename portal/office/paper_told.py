"""What a family answers, says or takes back by phone or on paper, entered as its own word."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import RadioField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.audit.service import record
from portal.db.session import become, current_session
from portal.documents.i18n import gettext as _
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


class SaidForm(ReceiptFields):
    """A family's own words, by which way and when they came."""

    what = RadioField(
        _("何を受けましたか"),
        [InputRequired(_("何を受けたかを えらんでください"))],
        choices=[
            SelectChoice(ANSWER, _("園の質問への答え")),
            SelectChoice(WORD, _("園へのことば")),
            SelectChoice(WITHDRAWAL, _("取り下げ")),
        ],
    )
    words = TextAreaField(_("ご家庭のことば"), [Optional(), Sound(reasons_against_text)])

    def offer(self, row: Preregistration) -> None:
        """Offer what can be said as the application stands."""
        may = possible(row.state)
        fits = {
            ANSWER: PreregistrationEvent.ANSWER in may,
            WORD: row.state in WITH_WORDS,
            WITHDRAWAL: PreregistrationEvent.WITHDRAW in may,
        }
        self.what.choices = [
            choice for choice in self.what.choices if fits[getattr(choice, "value", "")]
        ]


@bp.route("/<uuid:preregistration_id>/said", methods=["GET", "POST"])
@requires(Permission.DECIDE_PREREGISTRATIONS)
def said(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Enter what came by phone, FAX, post or at the counter, with its time."""
    actor, now, session = current_actor(), clock.now(), current_session()
    row = queries.preregistration(session, preregistration_id, actor=actor)
    form = SaidForm()
    form.offer(row)
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            _enter(session, preregistration_id, form, actor)
            flash(_("ご家庭のことばを入れました。"))
            there = "office_preregistrations.show"
            return see_other(session, url_for(there, preregistration_id=preregistration_id))
        row = queries.preregistration(session, preregistration_id, actor=actor)
    elif not form.is_submitted():
        form.propose(now)
        form.what.data = request.args.get("what")
    return render_template("office/paper/said.html", form=form, row=row), form.status


def _enter(session: Session, preregistration_id: uuid.UUID, form: SaidForm, actor: Actor) -> None:
    now, received = clock.now(), form.received_at()
    row = queries.preregistration(session, preregistration_id, actor=actor)
    if received > now:
        raise Refusal([PreregistrationRefusal.RECEIVED_IN_FUTURE])
    if form.what.data == WITHDRAWAL:
        service.withdraw(session, row.id, actor=actor, now=now)
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

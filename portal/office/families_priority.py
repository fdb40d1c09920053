"""That a family goes first: why, until when; for those staff alone who need to know (R25)."""

from __future__ import annotations

import uuid
from datetime import timedelta

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import queries as families
from portal.kernel import clock
from portal.priorities import queries, service
from portal.priorities.rules import LONGEST_REASON, PriorityKind
from portal.priorities.words import kind_words
from portal.web.access import Permission, current_actor, requires
from portal.web.fields import DateParts
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_priority", __name__, url_prefix="/office/families/<uuid:family_id>/priority")

_USUAL = timedelta(days=180)


class PriorityForm(PortalForm):
    """Why a family goes first, and until when."""

    kind = RadioField(
        _("どんなご家庭ですか"),
        [InputRequired(_("どんなご家庭かをえらんでください"))],
        choices=[SelectChoice(each.value, kind_words(each)) for each in PriorityKind],
    )
    reason = TextAreaField(
        _("理由"),
        [
            InputRequired(_("理由を書いてください")),
            Length(max=LONGEST_REASON, message=_("理由は1000文字までで書いてください")),
        ],
    )
    until_on = DateParts(_("いつまで"), [InputRequired(_("いつまでかを入れてください"))])


@bp.route("", methods=["GET", "POST"])
@requires(Permission.KNOW_SUPPORT)
def show(family_id: uuid.UUID) -> ResponseReturnValue:
    """Show why a family goes first, with a trace of the reading; write it down."""
    form, actor, now = PriorityForm(), current_actor(), clock.now()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            service.give(
                session,
                family_id,
                PriorityKind(form.kind.data),
                form.reason.data or "",
                form.until_on.data or clock.today(now),
                actor=actor,
                now=now,
            )
            flash(_("優先するご家庭にしました。予約を入れるとき、残してある枠を使えます。"))
            return see_other(session, url_for(".show", family_id=family_id))
    elif not form.is_submitted():
        form.until_on.process_data(clock.today(now) + _USUAL)
    return _page(family_id, form), form.status


@bp.post("/end")
@requires(Permission.KNOW_SUPPORT)
def end(family_id: uuid.UUID) -> ResponseReturnValue:
    """End it; what is booked stays."""
    form = PortalForm()
    if not form.validate_on_submit():
        return _page(family_id, PriorityForm(formdata=None)), form.status
    with transaction() as session:
        service.end(session, family_id, actor=current_actor(), now=clock.now())
        flash(_("優先を終わりにしました。いまある予約は、そのままです。"))
        return see_other(session, url_for(".show", family_id=family_id))


def _page(family_id: uuid.UUID, form: PriorityForm) -> str:
    actor = current_actor()
    family = families.family(current_session(), family_id, actor=actor)
    guardians = families.guardians(current_session(), family_id, actor=actor)
    with transaction() as session:
        rows = queries.read(session, family_id, actor=actor)
        on = clock.today(clock.now())
        return render_template(
            "office/families/priority.html",
            form=form,
            tap=PortalForm(formdata=None),
            family=family,
            who=guardians[0].name if guardians else "",
            current=next((row for row in rows if not row.ended_at and row.until_on >= on), None),
            before=[row for row in rows if row.ended_at or row.until_on < on],
            kind_words=kind_words,
        )

"""A caller who is not known yet: one page, and on to the booking while she is on the line (J2)."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms.fields import SelectChoice

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import queries
from portal.families import service as families
from portal.families.rules import phone_digits
from portal.kernel import clock
from portal.kernel.channel import Channel
from portal.office.bookings_asked import asked_for
from portal.office.caller_forms import CallerNowForm
from portal.preregistration import service as preregistrations
from portal.preregistration.queries import facilities_of
from portal.web.access import Permission, current_actor, requires
from portal.web.last_search import LONGEST_SEARCH
from portal.web.writes import see_other, transaction

bp = Blueprint("office_caller", __name__)

#: Sent along with the words that found nobody, by the button that opens the page; writes nothing.
BEGIN = "begin"


@bp.route("/office/families/caller", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def new() -> ResponseReturnValue:
    """Enter caller, child, allergies and the application at once, then lead to the booking."""
    begins = request.method == "GET" or BEGIN in request.form
    form = CallerNowForm(formdata=None) if begins else CallerNowForm()
    actor = current_actor()
    asked = asked_for()
    offered = facilities_of(current_session(), actor=actor)
    form.facility.choices = [SelectChoice(str(each.id), each.name) for each in offered]
    if begins:
        form.facility.data = str(asked.facility_id or (offered[0].id if offered else ""))
        form.start_with(request.form.get("q", "")[:LONGEST_SEARCH])
    same_phone: list[queries.FamilySummary] = []
    if not begins and form.validate_on_submit():
        digits = phone_digits(form.phone.data)
        if digits and not form.is_another.data:
            same_phone = queries.families_with_phone(current_session(), digits, actor=actor)
        if same_phone:
            form.form_errors.append(_("この電話番号のご家庭が、もう登録されています"))
            form.is_refused = True
        else:
            with form.explaining(sentence), transaction() as session:
                family_id, words = _enter(session, form)
                if form.is_unasked:
                    flash(words, "warn")
                    values: dict[str, Any] = {"family_id": family_id, **asked.query}
                    return see_other(session, url_for("office_families.show", **values))
                flash(words)
                values = {"family": family_id, **asked.query}
                return see_other(session, url_for("office_bookings.new", **values))
    page = render_template(
        "office/families/caller.html", form=form, same_phone=same_phone, asked=asked
    )
    # The search leads here by POST: then the form is only begun.
    return page, 200 if begins else form.status


def _enter(session: Session, form: CallerNowForm) -> tuple[uuid.UUID, str]:
    """Write everything in the one transaction; return the family and what was done, in words."""
    actor, now = current_actor(), clock.now()
    made = families.register_family(
        session,
        form.guardian(),
        (form.child(),),
        actor=actor,
        now=now,
        channel=Channel.PHONE,
        received_at=now,
    )
    said = _("ご家庭を登録しました。番号は %(number)s です。") % {"number": made.number}
    told = form.record()
    if told is None:
        ask = _(
            "予約は、体のことを聞いてから入れられます。"
            "「児童票を見る・書く」でアレルギーなどを書いて、事前登録を申し込みます。"
        )
        return made.family_id, f"{said}{ask}"
    child_id = made.child_ids[0]
    families.save_record(session, child_id, told, actor=actor, now=now)
    try:
        facility_id = uuid.UUID(form.facility.data or "")
    except ValueError:
        return made.family_id, said
    applied = preregistrations.apply(
        session,
        facility_id,
        [child_id],
        actor=actor,
        now=now,
        channel=Channel.PHONE,
        received_at=now,
        family_id=made.family_id,
    )
    if not form.is_accepted.data:
        return made.family_id, said + _("事前登録を申し込みました。受け入れは、あとで決めます。")
    preregistrations.accept(session, applied[0], actor=actor, now=now)
    return made.family_id, said + _("事前登録も受け入れました。つづけて予約を入れられます。")

"""What staff noticed of care at home, from a family's page (R26)."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields import SelectChoice

from portal.attendance.queries import facilities_of
from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.families import queries as families
from portal.kernel import clock
from portal.noshow import receivers, service
from portal.office.cases import in_full
from portal.office.cases_forms import WorryForm
from portal.web.access import Permission, current_actor, may, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("office_cases_worry", __name__, url_prefix="/office/families/<uuid:family_id>")


@bp.route("/worry", methods=["GET", "POST"])
@requires(Permission.HANDLE_CASES)
def new(family_id: uuid.UUID) -> ResponseReturnValue:
    """Write down what was noticed; whom to call stands first, telling others comes next."""
    actor, now = current_actor(), clock.now()
    form = WorryForm()
    with reading() as session:
        families.family(session, family_id, actor=actor)
        children = families.children(session, family_id, actor=actor)
        facilities = facilities_of(session, actor)
        bodies = receivers.to_call(session, actor=actor)
    form.facility.choices = [
        SelectChoice("", _("えらんでください")),
        *(SelectChoice(str(each.id), each.name) for each in facilities),
    ]
    form.children.choices = [
        SelectChoice(str(each.id), _("%(name)sさん") % {"name": each.name})
        for each in children
        if each.name
    ]
    if len(facilities) == 1 and not form.facility.data:
        form.facility.data = str(facilities[0].id)
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as writing:
            of = service.raise_worry(
                writing,
                family_id,
                uuid.UUID(form.facility.data),
                [uuid.UUID(each) for each in form.children.data or ()],
                form.words.data or "",
                is_urgent=bool(form.is_urgent.data),
                actor=actor,
                now=now,
            )
            if not may(Permission.KNOW_SUPPORT):
                flash(
                    _("書きました。このあとは、園長か担当の職員が続けます。口でも伝えてください。")
                )
                return see_other(writing, url_for("office_families.show", family_id=family_id))
            flash(_("書きました。次に、知らせるところをえらびます。"))
            return see_other(writing, url_for("office_cases_report.report", case_id=of.id))
    page = render_template(
        "office/cases/worry.html",
        form=form,
        family_id=family_id,
        bodies=bodies,
        facilities=facilities,
    )
    return page, form.status

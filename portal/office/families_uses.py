"""Staff write down on which days a child was in care elsewhere, as its family tells it."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.bookings.use_kinds import counting, types_of
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import queries as families
from portal.kernel import clock
from portal.office.own_rules import own_rules
from portal.uses import queries, service
from portal.uses.forms import ToldUseFields
from portal.uses.view import use_page
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_uses", __name__, url_prefix="/office/families/<uuid:family_id>/uses")


@bp.route("", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def index(family_id: uuid.UUID) -> ResponseReturnValue:
    """Show the days of one child in a month, and write down more of them."""
    return _page(family_id, ToldUseFields())


@bp.post("/<uuid:use_id>/take-back")
@requires(Permission.RUN_THE_DAY)
def take_back(family_id: uuid.UUID, use_id: uuid.UUID) -> ResponseReturnValue:
    """Take one day back; the page offers to put it back."""
    form, actor = PortalForm(), current_actor()
    row = queries.use(current_session(), family_id, use_id, actor=actor)
    month = f"{row.day:%Y-%m}"
    back = url_for(".index", family_id=family_id, child=row.child_id, month=month)
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            service.take_back(session, family_id, use_id, actor=actor, now=clock.now())
            flash(_("取り消しました。まちがえたときは、下の「もどす」でもどせます。"))
            return see_other(session, back)
    return _page(family_id, ToldUseFields(formdata=None), form)


@bp.post("/<uuid:use_id>/restore")
@requires(Permission.RUN_THE_DAY)
def restore(family_id: uuid.UUID, use_id: uuid.UUID) -> ResponseReturnValue:
    """Put back a day that was taken back by mistake."""
    form, actor = PortalForm(), current_actor()
    row = queries.use(current_session(), family_id, use_id, actor=actor)
    month = f"{row.day:%Y-%m}"
    back = url_for(".index", family_id=family_id, child=row.child_id, month=month)
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            service.restore(session, family_id, use_id, actor=actor, now=clock.now())
            flash(_("もどしました。"))
            return see_other(session, back)
    return _page(family_id, ToldUseFields(formdata=None), form)


def _page(
    family_id: uuid.UUID, form: ToldUseFields, refused: PortalForm | None = None
) -> ResponseReturnValue:
    session, actor, now = current_session(), current_actor(), clock.now()
    child_id, month = request.args.get("child", type=uuid.UUID), request.args.get("month", "")
    page = use_page(session, family_id, child_id, month, actor=actor, now=now)
    rules = own_rules(session, clock.today(now), actor=actor)
    types = types_of(document for _programme, document in rules)
    form.offer(page.open_days, types)
    if refused is not None:
        form.form_errors.extend(refused.form_errors)
        form.propose(now)
    elif page.child is not None and form.validate_on_submit() and form.came_by(now):
        with form.explaining(sentence), transaction() as writing:
            told = service.tell(
                writing,
                family_id,
                page.child.id,
                form.days.data,
                form.length,
                use_type=form.use_type.data or None,
                actor=actor,
                now=now,
                told=form.told(),
            )
            flash(_("%(count)s日を保存しました。") % {"count": len(told)})
            month = f"{page.month.first:%Y-%m}"
            back = url_for(".index", family_id=family_id, child=page.child.id, month=month)
            return see_other(writing, back)
    elif not form.is_submitted():
        form.propose(now)
    guardians = families.guardians(current_session(), family_id, actor=actor)
    shown = render_template(
        "office/families/uses.html",
        form=form,
        tap=PortalForm(formdata=None),
        page=page,
        types=dict(types),
        family=families.family(current_session(), family_id, actor=actor),
        who=guardians[0].name if guardians else "",
        counting=counting((each.facility.name, document) for each, document in rules),
    )
    return shown, refused.status if refused else form.status

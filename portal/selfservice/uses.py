"""A family tells on which days a child was in care outside the portal, and takes it back."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.bookings.use_kinds import counting, types_of
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.selfservice.bookings import own_family
from portal.selfservice.own_rules import own_rules
from portal.uses import queries, service
from portal.uses.forms import UseFields
from portal.uses.view import use_page
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice_uses", __name__, url_prefix="/my/uses")


@bp.route("/", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def index() -> ResponseReturnValue:
    """Show the days of one child in a month, and take more of them."""
    return _page(UseFields())


@bp.post("/<uuid:use_id>/take-back")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def take_back(use_id: uuid.UUID) -> ResponseReturnValue:
    """Take one day back; the page offers to put it back."""
    form, actor = PortalForm(), current_actor()
    row = queries.use(current_session(), own_family(actor), use_id, actor=actor)
    back = url_for(".index", child=row.child_id, month=f"{row.day:%Y-%m}")
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            service.take_back(session, own_family(actor), use_id, actor=actor, now=clock.now())
            flash(_("取り消しました。まちがえたときは、下の「もどす」でもどせます。"))
            return see_other(session, back)
    return _page(UseFields(formdata=None), form)


@bp.post("/<uuid:use_id>/restore")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def restore(use_id: uuid.UUID) -> ResponseReturnValue:
    """Put back a day that was taken back by mistake."""
    form, actor = PortalForm(), current_actor()
    row = queries.use(current_session(), own_family(actor), use_id, actor=actor)
    back = url_for(".index", child=row.child_id, month=f"{row.day:%Y-%m}")
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            service.restore(session, own_family(actor), use_id, actor=actor, now=clock.now())
            flash(_("もどしました。"))
            return see_other(session, back)
    return _page(UseFields(formdata=None), form)


def _page(form: UseFields, refused: PortalForm | None = None) -> ResponseReturnValue:
    session, actor, now = current_session(), current_actor(), clock.now()
    child_id, month = request.args.get("child", type=uuid.UUID), request.args.get("month", "")
    page = use_page(session, own_family(actor), child_id, month, actor=actor, now=now)
    rules = own_rules(session, clock.today(now), actor=actor)
    types = types_of(document for _programme, document in rules)
    form.offer(page.open_days, types)
    if refused is not None:
        form.form_errors.extend(refused.form_errors)
    elif page.child is not None and form.validate_on_submit():
        with form.explaining(sentence), transaction() as writing:
            told = service.tell(
                writing,
                own_family(actor),
                page.child.id,
                form.days.data,
                form.length,
                use_type=form.use_type.data or None,
                actor=actor,
                now=now,
            )
            flash(_("%(count)s日を保存しました。") % {"count": len(told)})
            return see_other(
                writing,
                url_for(".index", child=page.child.id, month=f"{page.month.first:%Y-%m}"),
            )
    shown = render_template(
        "selfservice/uses/index.html",
        form=form,
        tap=PortalForm(formdata=None),
        page=page,
        types=dict(types),
        counting=counting((each.facility.name, document) for each, document in rules),
    )
    return shown, refused.status if refused else form.status

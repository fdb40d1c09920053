"""What was told about a family: to whom, what, on what it rests; and how she takes it back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from flask import Blueprint, abort, current_app, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from jinja2 import Environment
from sqlalchemy.orm import Session

from portal.consents import queries, service
from portal.consents.models import Consent
from portal.consents.rules import SharingPurpose, holds
from portal.consents.sharing import follows
from portal.consents.wordings import title_of
from portal.db.session import current_session
from portal.documents import i18n
from portal.documents.i18n import gettext as _
from portal.documents.pdf import PdfUnavailable, pdf_bytes
from portal.documents.templating import environment
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.referrals import provisions
from portal.referrals.labels import item_label, provision_label
from portal.referrals.provision_queries import Provided
from portal.referrals.rules import Item
from portal.web.access import Permission, current_actor, requires
from portal.web.downloads import pdf_answer
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice_support", __name__, url_prefix="/my/support")


@bp.get("/")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def index() -> ResponseReturnValue:
    """Show what was passed on, and what she agreed to in interviews, in the words of then."""
    return _page(PortalForm())


def _page(form: PortalForm, *, has_no_pdf: bool = False) -> str:
    session, actor = current_session(), current_actor()
    today = clock.today(clock.now())
    rows = [row for row in _consents() if row.purpose in set(SharingPurpose)]
    return render_template(
        "selfservice/support/index.html",
        rows=rows,
        counterparts=_counterparts(session, rows, actor),
        holds=lambda row: holds(row.withdrawn_at is not None, row.until_on, today),
        provided=_provided(),
        title_of=_called,
        follows=follows,
        item_label=item_label,
        provision_label=provision_label,
        form=form,
        has_no_pdf=has_no_pdf,
    )


def _counterparts(session: Session, rows: Sequence[Consent], actor: Actor) -> dict[uuid.UUID, str]:
    """Return, by consent, whom it is towards: the nursery that she was told, and who runs it."""
    bodies = queries.receivers(session, rows, actor=actor)
    named = queries.nurseries_named(session, rows)
    return {row.id: _named(named[row.id], bodies[row.receiver_id]) for row in rows}


def _named(nurseries: list[str], body: str) -> str:
    if not nurseries or nurseries == [body]:
        return body
    return _("%(facilities)s（%(body)s）") % {"facilities": i18n.listed(nurseries), "body": body}


def _called(row: Consent) -> str:
    """Return what a record is called; what nurseries may tell others has a name of its own."""
    if row.purpose == SharingPurpose.SHARING and Item.NO_SHOW.value in row.items:
        return _("来られなかったとき、園から知らせること")
    return title_of(row.purpose)


def _consents() -> list[Consent]:
    actor = current_actor()
    if actor.family_id is None:
        return []
    session = current_session()
    return [
        *queries.of_family(session, actor.family_id, actor=actor),
        *queries.in_other_records(session, actor=actor),
    ]


def _provided() -> list[Provided]:
    """Return what was passed on, bodies by the names of the nurseries that the consent names."""
    actor, session = current_actor(), current_session()
    if actor.family_id is None:
        return []
    found = provisions.of_family(session, actor.family_id, actor=actor)
    named = queries.nurseries_named(session, [each.consent for each in found if each.consent])
    return [
        replace(each, receiver=_named(named[each.consent.id], each.receiver))
        if each.consent and each.consent.receiver_id == each.row.receiver_id
        else each
        for each in found
    ]


@bp.post("/consents/<uuid:consent_id>/withdraw")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def withdraw(consent_id: uuid.UUID) -> ResponseReturnValue:
    """Take one of the three back: contact ends and the receiver reads no more, with the commit."""
    form = PortalForm()
    if not form.validate_on_submit():
        return _page(form), 422
    actor, now = current_actor(), clock.now()
    row = queries.consent(current_session(), consent_id, actor=actor)
    if row.purpose not in set(SharingPurpose):
        abort(404)
    try:
        with transaction() as session:
            service.withdraw(session, consent_id, actor=actor, now=now)
            flash(_("同意を取りやめました。相手には、もう見えません。"))
            return see_other(session, url_for(".index"))
    except Refusal as refusal:
        form.explain(refusal, sentence)
        return _page(form), 409


@bp.get("/told.pdf")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def told_pdf() -> ResponseReturnValue:
    """Hand out the list of what was passed on, to print and to keep."""
    html = (
        _papers()
        .get_template("selfservice/support/told_sheet.html")
        .render(
            provided=_provided(),
            item_label=item_label,
            provision_label=provision_label,
            now=clock.now(),
            today=clock.today(clock.now()),
            language=i18n.language,
            is_demo=current_app.config["PORTAL"].is_demo,
        )
    )
    try:
        data = pdf_bytes(html)
    except PdfUnavailable:
        return _page(PortalForm(), has_no_pdf=True), 503
    return pdf_answer(data, _("伝えたことの一覧"), "told")


@cache
def _papers() -> Environment:
    return environment()

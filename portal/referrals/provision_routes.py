"""What a body passed on and received in three years, and what families have taken back."""

from __future__ import annotations

import uuid
from datetime import timedelta

from flask import Blueprint, current_app, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound

from portal.audit.service import record_read
from portal.consents import queries as consents
from portal.consents import service
from portal.consents.rules import SharingPurpose
from portal.consents.sharing import follows
from portal.consents.wordings import title_of
from portal.db.session import current_session
from portal.documents import i18n
from portal.documents.i18n import gettext as _
from portal.documents.pdf import PdfUnavailable, pdf_bytes
from portal.documents.templating import environment
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.kernel.channel import Channel, Told
from portal.organisations.models import Organisation
from portal.referrals import provision_queries as queries
from portal.referrals.ground_words import ground_label
from portal.referrals.labels import item_label, provision_label
from portal.referrals.withdrawal_form import WithdrawForm
from portal.web.access import Permission, current_actor, requires
from portal.web.downloads import pdf_answer
from portal.web.writes import see_other, transaction

bp = Blueprint("provisions", __name__, url_prefix="/provisions")

_YEARS = timedelta(days=3 * 366)
#: How long a withdrawal stands in the list of what to stop.
_WITHDRAWN_FOR = timedelta(days=90)


@bp.get("/")
@requires(Permission.ACCOUNT_FOR_SHARING)
def index() -> ResponseReturnValue:
    """List what went out and came in, the newest first."""
    return _page()


def _values() -> dict[str, object]:
    actor, now = current_actor(), clock.now()
    with transaction() as session:
        provided = queries.of_body(session, now - _YEARS, actor=actor)
        record_read(session, actor, "provisions", count=len(provided))
        own = session.get_one(Organisation, actor.organisation_id)
    return {
        "provided": provided,
        "own": own,
        "item_label": item_label,
        "provision_label": provision_label,
        "ground_label": ground_label,
        "now": now,
        "today": clock.today(now),
    }


def _page(*, has_no_pdf: bool = False) -> str:
    return render_template("provisions/index.html", has_no_pdf=has_no_pdf, **_values())


@bp.get("/list.pdf")
@requires(Permission.ACCOUNT_FOR_SHARING)
def list_pdf() -> ResponseReturnValue:
    """Hand the list out as the record the law asks for."""
    html = (
        environment()
        .get_template("provisions/sheet.html")
        .render(
            language=i18n.language,
            is_demo=current_app.config["PORTAL"].is_demo,
            **_values(),
        )
    )
    try:
        data = pdf_bytes(html)
    except PdfUnavailable:
        return _page(has_no_pdf=True), 503
    return pdf_answer(data, _("第三者提供の記録"), "provisions")


@bp.get("/withdrawn/")
@requires(Permission.ACCOUNT_FOR_SHARING)
def withdrawn() -> ResponseReturnValue:
    """List what families have taken back: contact stops, and what was written on paper goes."""
    actor = current_actor()
    since = clock.now() - _WITHDRAWN_FOR
    return render_template(
        "provisions/withdrawn.html",
        rows=consents.withdrawn_towards(current_session(), since, actor=actor),
        title_of=title_of,
    )


@bp.route("/consents/<uuid:consent_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_FOR_SHARING)
def withdraw(consent_id: uuid.UUID) -> ResponseReturnValue:
    """Write down what the family said at one's own door: it counts as if said to whoever asked."""
    actor = current_actor()
    row = consents.consent(current_session(), consent_id, actor=actor)
    if row.purpose not in set(SharingPurpose) or row.withdrawn_at is not None:
        raise NoResultFound
    form = WithdrawForm()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            service.withdraw(
                session,
                consent_id,
                told=Told(Channel(form.channel.data)),
                actor=actor,
                now=clock.now(),
            )
            flash(_("取りやめを記録しました。受け取った情報は、もう見えません。"))
            return see_other(session, url_for(".withdrawn"))
    page = render_template(
        "provisions/withdraw.html", row=row, form=form, title_of=title_of, follows=follows
    )
    return page, form.status

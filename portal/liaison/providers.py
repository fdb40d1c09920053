"""Taking a provider in: its name, and the invitation of its first director."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.accounts import invitations
from portal.accounts import queries as accounts
from portal.accounts.entering import from_address, please_wait
from portal.accounts.service import seconds_to_wait_for_mail
from portal.accounts.wording import role_label
from portal.db.session import current_session
from portal.db.session import transaction as plain_transaction
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.facilities.claims import claims_answered, claims_to_decide
from portal.facilities.queries import facilities_run_by
from portal.kernel import clock
from portal.liaison.providers_forms import DirectorForm, ProviderForm
from portal.organisations import queries
from portal.organisations.service import open_provider
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.why import in_full
from portal.web.writes import see_other, transaction

bp = Blueprint("liaison_providers", __name__, url_prefix="/liaison/providers")


@bp.get("/")
@requires(Permission.OPEN_PROVIDERS)
def index() -> ResponseReturnValue:
    """List the providers, who has not answered yet, and what waits for a yes."""
    return _page(PortalForm())


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.OPEN_PROVIDERS)
def new() -> ResponseReturnValue:
    """Add a provider and invite its first director by mail."""
    form = ProviderForm()
    template = "liaison/providers/new.html"
    if not form.validate_on_submit():
        return render_template(template, form=form), form.status
    if wait := _wait(str(form.mail.data)):
        return please_wait(wait)
    actor, now = current_actor(), clock.now()
    with form.explaining(in_full), transaction() as session:
        provider_id = open_provider(
            session, str(form.provider.data), str(form.phone.data or ""), actor=actor, now=now
        )
        _invite(session, provider_id, form, now)
        flash(_("登録しました。園長に招待のメールを送りました。7日のあいだ使えます。"))
        return see_other(session, url_for(".index"))
    return render_template(template, form=form), form.status


@bp.route("/<uuid:provider_id>/director", methods=["GET", "POST"])
@requires(Permission.OPEN_PROVIDERS)
def director(provider_id: uuid.UUID) -> ResponseReturnValue:
    """Invite the first director of a provider that has none."""
    actor = current_actor()
    provider = queries.provider_overseen(current_session(), actor, provider_id)
    form = DirectorForm()
    if not form.validate_on_submit():
        page = render_template("liaison/providers/director.html", form=form, provider=provider)
        return page, form.status
    if wait := _wait(str(form.mail.data)):
        return please_wait(wait)
    with transaction() as session:
        _invite(session, provider_id, form, clock.now())
        flash(_("園長に招待のメールを送りました。7日のあいだ使えます。"))
        return see_other(session, url_for(".index"))


@bp.post("/invitations/<uuid:opening_id>/send-again")
@requires(Permission.OPEN_PROVIDERS)
def send_again(opening_id: uuid.UUID) -> ResponseReturnValue:
    """Send the invitation of a first director once more, with a new link."""
    actor = current_actor()
    found = accounts.open_invitation(current_session(), actor, opening_id)
    if wait := _wait(found.mail):
        return please_wait(wait)
    form = PortalForm()
    with form.explaining(sentence), transaction() as session:
        invitations.send_again(session, opening_id, actor=actor, now=clock.now())
        flash(_("%(name)sさんに、招待をもう一度送りました。") % {"name": found.name})
        return see_other(session, url_for(".index"))
    return _page(form), form.status


@bp.post("/invitations/<uuid:opening_id>/withdraw")
@requires(Permission.OPEN_PROVIDERS)
def withdraw_invitation(opening_id: uuid.UUID) -> ResponseReturnValue:
    """Make the link of a first director useless."""
    actor = current_actor()
    found = accounts.open_invitation(current_session(), actor, opening_id)
    form = PortalForm()
    with form.explaining(sentence), transaction() as session:
        invitations.withdraw(session, opening_id, actor=actor)
        flash(_("%(name)sさんへの招待を取りやめました。") % {"name": found.name})
        return see_other(session, url_for(".index"))
    return _page(form), form.status


def _page(form: PortalForm) -> str:
    session, actor = current_session(), current_actor()
    waiting = accounts.open_invitations(session, actor)
    providers = queries.providers_overseen(session, actor)
    return render_template(
        "liaison/providers/index.html",
        providers=providers,
        run_by=facilities_run_by(session, [one.id for one in providers]),
        waiting=waiting,
        invited={one.organisation_id for one in waiting},
        claims=claims_to_decide(session, actor=actor),
        answered=claims_answered(session, actor=actor),
        role_label=role_label,
        form=form,
        now=clock.now(),
    )


def _invite(
    session: Session, provider_id: uuid.UUID, form: ProviderForm | DirectorForm, now: datetime
) -> None:
    invitations.invite_first_director(
        session,
        provider_id,
        str(form.mail.data),
        str(form.name.data),
        actor=current_actor(),
        now=now,
    )


def _wait(mail: str) -> int:
    with plain_transaction() as session:
        return seconds_to_wait_for_mail(session, mail, from_address())

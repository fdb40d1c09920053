"""A family reads what its facility tells, signed in or by the link of the mail, and says so.

Opening the page says nothing, since mail programs open links by themselves; the button does.
"""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.db.session import become, current_session
from portal.documents.i18n import gettext as _
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.notices import queries, service, words
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice_notices", __name__)


@bp.get("/my/notices")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def index() -> ResponseReturnValue:
    """List what the family was told, unread first."""
    found = queries.received(current_session(), actor=current_actor(), now=clock.now())
    on = clock.today(clock.now())
    return render_template(
        "notices/received.html",
        receipts=found,
        said=lambda notice: words.said(notice, on),
        **_words(),
    )


@bp.get("/my/notices/<uuid:receipt_id>")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def show(receipt_id: uuid.UUID) -> ResponseReturnValue:
    """Show one notice to a guardian who is signed in."""
    return _page(
        current_session(),
        receipt_id,
        current_actor(),
        url_for(".read", receipt_id=receipt_id),
        is_signed_in=True,
    )


@bp.post("/my/notices/<uuid:receipt_id>/read")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def read(receipt_id: uuid.UUID) -> ResponseReturnValue:
    """Take the word that it was read."""
    with transaction() as session:
        service.mark_read(
            session, receipt_id, actor=current_actor(), now=clock.now(), by_link=False
        )
        flash(_("「読みました」を園に伝えました。"))
        return see_other(session, url_for(".show", receipt_id=receipt_id))


@bp.get("/n/<token>")
@requires(Permission.OPEN_TO_ALL)
def by_link(token: str) -> ResponseReturnValue:
    """Show the notice of a mail's link; the page names nobody."""
    session = current_session()
    try:
        receipt_id, actor = _opened(session, token)
    except NoResultFound:
        return render_template("notices/ended.html"), 404
    return _page(
        session, receipt_id, actor, url_for(".read_by_link", token=token), is_signed_in=False
    )


@bp.post("/n/<token>/read")
@requires(Permission.OPEN_TO_ALL)
def read_by_link(token: str) -> ResponseReturnValue:
    """Take the word from the link."""
    try:
        with transaction() as session:
            receipt_id, actor = _opened(session, token)
            service.mark_read(session, receipt_id, actor=actor, now=clock.now(), by_link=True)
            flash(_("「読みました」を園に伝えました。"))
            return see_other(session, url_for(".by_link", token=token))
    except NoResultFound:
        return render_template("notices/ended.html"), 404


def _opened(session: Session, token: str) -> tuple[uuid.UUID, Actor]:
    """Return the receipt of a link and act for its family from now on.

    Raises:
        NoResultFound: the link has ended.
    """
    opened = queries.by_token(session, token)
    if opened is None:
        raise NoResultFound
    receipt_id, family_id = opened
    actor = Actor(role=Role.GUARDIAN, family_id=family_id)
    become(actor)
    return receipt_id, actor


def _page(
    session: Session, receipt_id: uuid.UUID, actor: Actor, read_url: str, *, is_signed_in: bool
) -> str:
    receipt = queries.receipt_of(session, receipt_id, actor=actor)
    return render_template(
        "notices/read.html",
        receipt=receipt,
        notice=receipt.notice,
        said=words.said(receipt.notice, clock.today(clock.now())),
        read_url=read_url,
        is_signed_in=is_signed_in,
        form=PortalForm(formdata=None),
        **_words(),
    )


def _words() -> dict[str, object]:
    on = clock.today(clock.now())
    return {
        "kind_words": words.kind_words,
        "days_words": lambda notice: words.days_words(notice, on),
    }

"""A family says what rules ask of its home and its children beside their records."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import NamedTuple

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.bookings.queries.home import tickets_left
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import queries as families
from portal.homes import queries, service
from portal.homes.asked import Asked, asked_by
from portal.homes.forms import PlaceForm, about_child
from portal.homes.rules import SAID_BY_FAMILY, HomeFact, Slot
from portal.homes.view import HomeView, home_view
from portal.homes.words import kind_words
from portal.kernel import clock
from portal.selfservice.bookings import own_family
from portal.selfservice.own_rules import own_rules
from portal.selfservice.reductions import claim_words
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice_homes", __name__, url_prefix="/my/home")


class _Known(NamedTuple):
    """What is asked, by whom, and what is known."""

    asked: Asked
    names: list[str]
    view: HomeView


@bp.get("/")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def index() -> ResponseReturnValue:
    """Show where the family lives, what is known of each child, and what facilities noted."""
    known = _known()
    return render_template(
        "selfservice/homes/index.html",
        asked=known.asked,
        view=known.view,
        facilities=known.names,
        noted=[
            line
            for line in known.view.lines
            if not line.is_by_family and line.fact.kind not in SAID_BY_FAMILY
        ],
        kind_words=kind_words,
        claim=claim_words(known.asked),
        also=request.args.get("facility", type=uuid.UUID),
    )


@bp.route("/place", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def place() -> ResponseReturnValue:
    """Say where the family lives, and why it comes from elsewhere."""
    known, form = _known(), PlaceForm()
    form.offer(known.asked, known.view)
    said = form.said(known.view) if form.validate_on_submit() else None
    if said is not None:
        with form.explaining(sentence), transaction() as session:
            _keep(session, said)
            flash(_("住んでいるところを保存しました。"))
            return see_other(session, url_for(".index"))
    return render_template("selfservice/homes/place.html", form=form), form.status


@bp.route("/children/<uuid:child_id>", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def child(child_id: uuid.UUID) -> ResponseReturnValue:
    """Say where a child goes beside temporary care, and answer what facilities ask of it.

    ``?facility=`` adds the questions of one where no application runs.
    """
    known = _known()
    its = next((each for each in known.view.children if each.child.id == child_id), None)
    if its is None:
        abort(404)
    form = about_child(its)
    if form.validate_on_submit():
        today = clock.today(clock.now())
        with form.explaining(sentence), transaction() as session:
            _keep(session, form.said(its, known.asked, today))
            flash(_("お子さんのことを保存しました。"))
            return see_other(session, url_for(".index"))
    page = render_template(
        "selfservice/homes/child.html", form=form, known=its, facilities=known.names
    )
    return page, form.status


def _known() -> _Known:
    session, actor, now = current_session(), current_actor(), clock.now()
    family_id, on = own_family(actor), clock.today(now)
    also = request.args.get("facility", type=uuid.UUID)
    rules = own_rules(session, on, also=also, actor=actor)
    asked = asked_by(document for _programme, document in rules)
    children = [each for each in families.children(session, family_id, actor=actor) if each.born_on]
    rows = queries.live(session, family_id, actor=actor)
    left = {
        ticket.key: ticket.left
        for provider in {row.organisation_id for row in rows if row.organisation_id}
        for ticket in tickets_left(session, family_id, on, provider=provider, actor=actor)
    }
    view = home_view(rows, children, asked, actor=actor, on=on, left=left)
    asking = [each.facility.name for each, document in rules if asked_by([document]).asks_family]
    names = list(dict.fromkeys(asking))
    return _Known(asked, names, view)


def _keep(session: Session, said: Mapping[Slot, HomeFact | None]) -> None:
    actor = current_actor()
    service.keep(session, own_family(actor), said, actor=actor, now=clock.now())

"""Staff about a family's home: what papers showed, tickets given, answers confirmed (R25)."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.bookings.queries.home import tickets_left
from portal.db.session import current_session

# A trace of reading is no answer to what was sent: it does not use up the form's key.
from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import queries as families
from portal.homes import queries, service
from portal.homes.asked import Asked, asked_by
from portal.homes.forms import NoteForm, PlaceForm
from portal.homes.rules import BY_PAPER, NEED_TO_KNOW, HomeFactKind
from portal.homes.view import PLACE_KINDS, HomeView, home_view
from portal.homes.words import kind_words
from portal.kernel import clock
from portal.office.own_rules import own_rules
from portal.web.access import Permission, current_actor, may, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_homes", __name__, url_prefix="/office/families/<uuid:family_id>/home")

#: What staff note beside where the home lies, in the order of the page.
NOTED = tuple(kind for kind in HomeFactKind if kind not in PLACE_KINDS)


@bp.get("")
@requires(Permission.RUN_THE_DAY)
def show(family_id: uuid.UUID) -> ResponseReturnValue:
    """Show what is known of the home, with a trace of the reading."""
    return _page(family_id)


@bp.route("/place", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def place(family_id: uuid.UUID) -> ResponseReturnValue:
    """Write down where the family lives, as a paper shows or as it says."""
    actor, form = current_actor(), PlaceForm()
    with reading() as session:
        asked, view = _known(session, family_id)
    form.offer(asked, view)
    said = form.said(view) if form.validate_on_submit() else None
    if said is not None:
        with form.explaining(sentence), transaction() as session:
            service.keep(session, family_id, said, actor=actor, now=clock.now())
            flash(_("住んでいるところを保存しました。"))
            return see_other(session, url_for(".show", family_id=family_id))
    page = render_template("office/families/home_place.html", form=form, **_who(family_id))
    return page, form.status


@bp.route("/new/<about>", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def note(family_id: uuid.UUID, about: str) -> ResponseReturnValue:
    """Write one thing down: what it is, from when until when, whether the paper was seen."""
    kind = next((kind for kind in NOTED if kind.value == about), None)
    if kind is None:
        abort(404)
    if kind in NEED_TO_KNOW and not may(Permission.KNOW_SUPPORT):
        abort(403)
    session, actor, now = current_session(), current_actor(), clock.now()
    who = _who(family_id)
    asked = _asked(session)
    if not may(Permission.KNOW_SUPPORT):
        for telling in asked.telling_papers:
            asked.papers.pop(telling, None)
    children = [each for each in families.children(session, family_id, actor=actor) if each.born_on]
    form = NoteForm()
    form.for_kind(kind, asked, children)
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as writing:
            service.say(writing, family_id, form.fact(kind), actor=actor, now=now)
            flash(_("記録しました。"))
            return see_other(writing, url_for(".show", family_id=family_id))
    page = render_template(
        "office/families/home_note.html",
        form=form,
        kind=kind,
        kind_words=kind_words,
        has_choices="code" not in form or bool(form.code.choices),
        **who,
    )
    return page, form.status


@bp.post("/<uuid:fact_id>/end")
@requires(Permission.RUN_THE_DAY)
def end(family_id: uuid.UUID, fact_id: uuid.UUID) -> ResponseReturnValue:
    """End a fact that the provider wrote down."""
    form, actor = PortalForm(), current_actor()
    queries.stored(current_session(), family_id, fact_id, actor=actor)
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            service.end(session, family_id, fact_id, actor=actor, now=clock.now())
            flash(_("終わりにしました。これからの予約では使いません。"))
            return see_other(session, url_for(".show", family_id=family_id))
    return _page(family_id, form)


@bp.post("/<uuid:fact_id>/confirm")
@requires(Permission.RUN_THE_DAY)
def confirm(family_id: uuid.UUID, fact_id: uuid.UUID) -> ResponseReturnValue:
    """Write down that staff have seen what a family answered about a child, or the paper."""
    form, actor = PortalForm(), current_actor()
    fact = queries.stored(current_session(), family_id, fact_id, actor=actor)
    said = _("園で確かめたことを記録しました。")
    if fact.kind in BY_PAPER:
        said = _("書類を見たことを記録しました。")
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            service.confirm(session, family_id, fact_id, actor=actor, now=clock.now())
            flash(said)
            return see_other(session, url_for(".show", family_id=family_id))
    return _page(family_id, form)


def _page(family_id: uuid.UUID, refused: PortalForm | None = None) -> ResponseReturnValue:
    who = _who(family_id)
    with reading() as session:
        asked, view = _known(session, family_id)
        page = render_template(
            "office/families/home.html",
            asked=asked,
            view=view,
            Kind=HomeFactKind,
            by_paper=BY_PAPER,
            kind_words=kind_words,
            names={each.child.id: each.child.name for each in view.children},
            tap=refused or PortalForm(formdata=None),
            **who,
        )
    return page, refused.status if refused else 200


def _known(session: Session, family_id: uuid.UUID) -> tuple[Asked, HomeView]:
    actor, on, asked = current_actor(), clock.today(clock.now()), _asked(session)
    family = families.family(session, family_id, actor=actor)
    children = [each for each in families.children(session, family.id, actor=actor) if each.born_on]
    telling = asked.telling_papers
    rows = queries.shown(session, family.id, actor=actor, telling_papers=telling)
    left: dict[str, int] = {}
    if actor.organisation_id is not None:
        provider = actor.organisation_id
        tickets = tickets_left(session, family.id, on, provider=provider, actor=actor)
        left = {ticket.key: ticket.left for ticket in tickets}
    return asked, home_view(rows, children, asked, actor=actor, on=on, left=left)


def _asked(session: Session) -> Asked:
    rules = own_rules(session, clock.today(clock.now()), actor=current_actor())
    return asked_by(document for _programme, document in rules)


def _who(family_id: uuid.UUID) -> dict[str, Any]:
    session, actor = current_session(), current_actor()
    guardians = families.guardians(session, family_id, actor=actor)
    return {
        "family": families.family(session, family_id, actor=actor),
        "who": guardians[0].name if guardians else "",
    }

"""A guardian's first page, and how she gets one: by registering herself."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.bookings.queries.lists import coming_groups
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import queries
from portal.families import service as families
from portal.families.forms import GuardianForm
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.clock import JST
from portal.kernel.errors import Refusal
from portal.preregistration.queries import of_family
from portal.preregistration.rules import LIVE
from portal.web.access import Permission, current_actor, current_person, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice", __name__, url_prefix="/my")


#: The hour of the day (JST) from which each greeting fits.
_GREETINGS = ((18, "こんばんは"), (11, "こんにちは"), (4, "おはようございます"), (0, "こんばんは"))


@bp.get("/")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def home() -> ResponseReturnValue:
    """Show the next stay, where each application stands, and what is asked of the family."""
    session, actor, now = current_session(), current_actor(), clock.now()
    children = queries.children(session, _family_of(actor), actor=actor)
    confirmed = queries.confirmed_days(session, [child.id for child in children], actor=actor)
    stays = coming_groups(session, actor=actor, now=now)
    applications = of_family(session, actor=actor)
    return render_template(
        "selfservice/home/home.html",
        greeting=_greeting(now),
        children=children,
        unwritten=[child for child in children if child.born_on and child.id not in confirmed],
        born_meanwhile=[
            child
            for child in children
            if child.born_on is None and child.due_on and child.due_on < clock.today(now)
        ],
        next_stay=stays[0] if stays else None,
        more_stays=len(stays) - 1,
        applications=[row for row in applications if row.state in LIVE],
    )


def _greeting(now: datetime) -> str:
    hour = now.astimezone(JST).hour
    return next(words for since, words in _GREETINGS if hour >= since)


def _family_of(actor: Actor) -> uuid.UUID:
    if actor.family_id is None:
        raise RuntimeError("the permission lets only guardians with a family in")
    return actor.family_id


@bp.route("/register", methods=["GET", "POST"])
@requires(Permission.BE_GUARDIAN)
def register() -> ResponseReturnValue:
    """Let a guardian register herself; her children come next."""
    actor, person = current_actor(), current_person()
    if actor.family_id is not None:
        return redirect(url_for("selfservice.home"), 303)
    form = GuardianForm()
    status = 200
    if form.validate_on_submit():
        try:
            with transaction() as session:
                families.register_family(session, form.details(), actor=actor, now=clock.now())
                flash(_("登録しました。次は、お子さんのことを入れてください。"))
                answer = see_other(session, url_for("selfservice_children.new"))
        except Refusal as refusal:
            form.explain(refusal, sentence)
            status = 409
        else:
            return answer
    elif form.is_submitted():
        status = 422
    elif person is not None:
        form.name.data = person.name
    return render_template("selfservice/home/register.html", form=form), status

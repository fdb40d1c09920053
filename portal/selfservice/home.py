"""A guardian's first page, and how she gets one: by registering herself."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import service as families
from portal.families.forms import GuardianForm
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.web.access import Permission, current_actor, current_person, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice", __name__, url_prefix="/my")


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

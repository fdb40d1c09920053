"""Write down for a family that was met how it wishes to be contacted, as it has just said."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.contacts import queries, service
from portal.contacts.forms import WishesForm
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import queries as families
from portal.kernel import clock
from portal.referrals.queries import first_guardians
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("liaison_contact", __name__, url_prefix="/liaison/families")


@bp.route("/<uuid:family_id>/contact", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def wishes(family_id: uuid.UUID) -> ResponseReturnValue:
    """Show and take what a family wishes; it holds for every body from that moment."""
    session, actor, form = current_session(), current_actor(), WishesForm()
    family = families.family(session, family_id, actor=actor)
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as writing:
            service.set_wishes(writing, family.id, form.wishes(), actor=actor, now=clock.now())
            flash(_("ご家庭の希望を書きました。すべての園と窓口に、今から伝わります。"))
            return see_other(writing, url_for(".wishes", family_id=family.id))
    elif not form.is_submitted():
        form.show(queries.wishes(session, family.id))
    guardian = first_guardians(session, [family.id], actor=actor).get(family.id)
    return render_template(
        "liaison/settings/wishes.html",
        form=form,
        name=guardian.name if guardian else None,
        now_wished=queries.wishes(session, family.id),
        policy=queries.policy_of(session, family.id),
    ), form.status

"""How a family wishes to be contacted, and who has contacted it so far."""

from __future__ import annotations

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.contacts import queries, service
from portal.contacts.forms import WishesForm
from portal.contacts.rules import Nature
from portal.contacts.words import about_words, channel_words
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice_contact", __name__, url_prefix="/my/support/contact")


@bp.route("/", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def index() -> ResponseReturnValue:
    """Show and take what the family wishes; it holds for every body from that moment."""
    session, actor, now = current_session(), current_actor(), clock.now()
    family_id = actor.family_id
    if family_id is None:
        raise PermissionError("only with a family of her own")
    form = WishesForm()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as writing:
            service.set_wishes(writing, family_id, form.wishes(), actor=actor, now=now)
            flash(_("連絡のしかたを保存しました。すべての園と窓口に、今から伝わります。"))
            return see_other(writing, url_for(".index"))
    elif not form.is_submitted():
        form.show(queries.wishes(session, family_id))
    contacts = queries.of_family(session, family_id, actor=actor)
    policy = queries.policy_of(session, family_id)
    return render_template(
        "selfservice/support/contact.html",
        form=form,
        now_wished=queries.wishes(session, family_id),
        contacts=contacts,
        bodies=queries.bodies(session, contacts),
        policy=policy,
        Nature=Nature,
        channel_words=channel_words,
        about_words=about_words,
    ), form.status

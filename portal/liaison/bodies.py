"""Which centers, offices and support centres belong to which municipality, and their numbers."""

from __future__ import annotations

import uuid
from typing import TypeVar

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields import SelectChoice

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.liaison.bodies_forms import BodyForm, ContactForm, kind_words
from portal.organisations import queries, service
from portal.organisations.rules import OrganisationKind
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("liaison_bodies", __name__)

_Form = TypeVar("_Form", bound=ContactForm)


@bp.get("/liaison/bodies/")
@requires(Permission.ADVISE_FAMILIES)
def index() -> ResponseReturnValue:
    """Show the bodies of the actor's own municipality with the numbers to call and to fax."""
    session, actor = current_session(), current_actor()
    city = queries.municipality_of(session, actor)
    return render_template(
        "liaison/bodies/index.html",
        city=city,
        bodies=queries.bodies_of(session, city.id) if city else [],
        kind_words=kind_words,
    )


@bp.route("/operator/bodies/", methods=["GET", "POST"])
@requires(Permission.OPERATE_PORTAL)
def every() -> ResponseReturnValue:
    """Show every municipality's bodies, and add one."""
    form = _offering(BodyForm())
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            service.open_body(
                session,
                OrganisationKind(form.kind.data),
                uuid.UUID(form.municipality.data),
                form.contact(),
                actor=current_actor(),
                now=clock.now(),
            )
            flash(_("加えました。次に、「利用者」で職員を招待してください。"))
            return see_other(session, url_for(".every"))
    session = current_session()
    found = queries.supporting_bodies(session)
    cities = queries.municipalities(session, current_actor())
    page = render_template(
        "operator/bodies.html",
        form=form,
        cities=[
            (city, [one for one in found if one.municipality_id == city.id]) for city in cities
        ],
        alone=[one for one in found if one.municipality_id is None],
        kind_words=kind_words,
    )
    return page, form.status


@bp.route("/operator/bodies/<uuid:body_id>", methods=["GET", "POST"])
@requires(Permission.OPERATE_PORTAL)
def change(body_id: uuid.UUID) -> ResponseReturnValue:
    """Change by what a body is reached, and to which municipality it belongs."""
    of = queries.body(current_session(), body_id)
    form = _offering(
        ContactForm(
            name=of.name,
            municipality=str(of.municipality_id or ""),
            phone=of.phone,
            fax=of.fax,
            mail=of.mail,
        )
    )
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            service.change_body(
                session,
                body_id,
                uuid.UUID(form.municipality.data),
                form.contact(),
                actor=current_actor(),
            )
            flash(_("変えました。"))
            return see_other(session, url_for(".every"))
    return render_template("operator/body.html", form=form, body=of), form.status


def _offering(form: _Form) -> _Form:
    cities = queries.municipalities(current_session(), current_actor())
    form.municipality.choices = [
        SelectChoice("", _("えらんでください")),
        *(SelectChoice(str(city.id), city.name) for city in cities),
    ]
    return form

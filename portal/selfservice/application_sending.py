"""The last look at an application, and its sending: application, consents, papers, all or none."""

from __future__ import annotations

import uuid
from datetime import datetime

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.accounts.entering import forget_wanted_page
from portal.consents import service as consents
from portal.consents.rules import ConsentRefusal
from portal.consents.service import Given
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.drafts import service as drafts
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Reason
from portal.preregistration import service
from portal.selfservice import application_papers
from portal.selfservice.application import bp, loaded, page
from portal.selfservice.application_forms import PartForm
from portal.selfservice.application_view import NO, YES, Application, Step, spoken_of, step_names
from portal.uploads import service as uploads
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

__all__ = ["application_papers", "bp"]


@bp.route("/check", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def check(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Show everything with a way back to each part; send it."""
    application, form = loaded(facility_id), PartForm()
    if form.validate_on_submit():
        names = step_names()
        for step in application.missing:
            form.form_errors.append(
                _("「%(part)s」に、まだのところがあります") % {"part": names[step]}
            )
        if application.refused:
            form.form_errors.append(sentence(Reason(ConsentRefusal.NEEDED_TO_APPLY)))
        if not form.form_errors:
            spoken: dict[uuid.UUID | None, str] = {
                each.child.id: spoken_of(each.child) for each in application.found
            }
            with form.explaining(lambda said: sentence(said, child=spoken.get(said.child_id))):
                return _sent(application)
        form.is_refused = True
    return page(application, Step.CHECK, form), form.status


def _sent(application: Application) -> ResponseReturnValue:
    actor, now = current_actor(), clock.now()
    with transaction() as session:
        made = service.apply(
            session,
            application.facility.id,
            [child.id for child in application.chosen],
            actor=actor,
            now=now,
            note=application.note,
        )
        _hand_over(session, application, actor=actor, now=now)
        drafts.discard(session, application.form, actor=actor)
        forget_wanted_page()
        flash(_("申し込みました。園の返事をお待ちください。"))
        one = url_for("selfservice_preregistrations.show", preregistration_id=made[0])
        many = url_for("selfservice_preregistrations.index")
        return see_other(session, one if len(made) == 1 else many)


def _hand_over(session: Session, application: Application, *, actor: Actor, now: datetime) -> None:
    provider_id = application.facility.organisation_id
    if provider_id is None or actor.family_id is None:
        raise RuntimeError("an application was just made: both sides are known")
    for each in application.consents:
        answer = application.answer_to(each.purpose)
        keeps = {YES: consents.give, NO: consents.refuse}.get(answer)
        if keeps is not None:
            given = Given(
                purpose=each.purpose,
                wording=each.wording,
                wording_version=each.version,
                receiver_id=provider_id,
                organisation_id=provider_id,
            )
            keeps(session, actor.family_id, given, actor=actor, now=now)
    wanted = [photo for paper in application.papers for photo in paper.photos]
    uploads.give(session, wanted, provider_id, actor=actor, now=now)

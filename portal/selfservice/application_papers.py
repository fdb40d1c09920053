"""The documents of an application: a page for each, one photo at a time."""

from __future__ import annotations

import uuid

from flask import abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.drafts import service as drafts
from portal.kernel import clock
from portal.selfservice.application import bp, loaded, page
from portal.selfservice.application_forms import PapersForm
from portal.selfservice.application_view import Application, Paper, Step
from portal.uploads import service as uploads
from portal.uploads.rules import UploadPurpose
from portal.web.access import Permission, current_actor, requires
from portal.web.photos import PhotoForm
from portal.web.writes import see_other, transaction


def _wanted(facility_id: uuid.UUID, number: int) -> tuple[Application, Paper]:
    application = loaded(facility_id)
    papers = application.papers
    if not 1 <= number <= len(papers):
        abort(404)
    return application, papers[number - 1]


@bp.route("/documents/<int:number>", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def document(facility_id: uuid.UUID, number: int) -> ResponseReturnValue:
    """Take a photo of one document; what is there already stays."""
    application, paper = _wanted(facility_id, number)
    actor, form = current_actor(), PhotoForm()
    if form.validate_on_submit() and actor.family_id is not None:
        with form.explaining(sentence), transaction() as session:
            uploads.store_image(
                session,
                form.data_of_photo(),
                family_id=actor.family_id,
                child_id=paper.child.id if paper.child else None,
                purpose=UploadPurpose.APPLICATION_DOCUMENT,
                actor=actor,
                now=clock.now(),
                facility_id=facility_id,
                about=paper.name,
            )
            flash(_("写真を受け取りました。"))
            return see_other(session, url_for(".document", facility_id=facility_id, number=number))
    return _page(application, paper, form), form.status


def _page(application: Application, paper: Paper, form: PhotoForm) -> str:
    return render_template(
        "selfservice/application/document.html",
        application=application,
        facility=application.facility,
        paper=paper,
        form=form,
        plain=PapersForm(formdata=None),
        Step=Step,
    )


@bp.post("/documents/<int:number>/later")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def later(facility_id: uuid.UUID, number: int) -> ResponseReturnValue:
    """Note that a document comes on paper, on the day of the interview."""
    application, paper = _wanted(facility_id, number)
    form = PapersForm()
    if not form.validate_on_submit():
        return page(application, Step.DOCUMENTS, form), 422
    noted = set(application.part(Step.DOCUMENTS).fields.get("later", []))
    with form.explaining(sentence), transaction() as session:
        drafts.save(
            session,
            application.form,
            Step.DOCUMENTS.value,
            {"later": sorted(noted | {paper.key})},
            actor=current_actor(),
            now=clock.now(),
        )
        return see_other(session, application.url(Step.DOCUMENTS))
    return page(application, Step.DOCUMENTS, form), form.status


@bp.post("/documents/<int:number>/remove/<uuid:upload_id>")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def remove(facility_id: uuid.UUID, number: int, upload_id: uuid.UUID) -> ResponseReturnValue:
    """Delete a photo that was not sent yet."""
    application, paper = _wanted(facility_id, number)
    if upload_id not in {photo.id for photo in paper.photos}:
        abort(404)
    form = PapersForm()
    if not form.validate_on_submit():
        return page(application, Step.DOCUMENTS, form), 422
    with transaction() as session:
        uploads.remove(session, upload_id, actor=current_actor(), now=clock.now())
        flash(_("写真を消しました。"))
        return see_other(session, url_for(".document", facility_id=facility_id, number=number))

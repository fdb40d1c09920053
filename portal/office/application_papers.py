"""What came with an application: staff see papers and consents, and write down those on paper."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.consents import queries as consents
from portal.consents.rules import holds
from portal.consents.service import Given, withdraw, write_down
from portal.consents.wordings import Asked, ConsentPurpose, asked, title_of
from portal.db.session import current_session
from portal.documents.wording.sentences import sentence
from portal.families.forms import CHANNEL_LABELS
from portal.families.queries import children
from portal.kernel import clock
from portal.kernel.channel import BY_STAFF, Channel
from portal.kernel.errors import Refusal
from portal.organisations.models import Organisation
from portal.preregistration import queries
from portal.preregistration.models import Preregistration
from portal.uploads.queries import documents
from portal.web.access import Permission, current_actor, requires
from portal.web.fields import DateParts
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint(
    "office_application_papers",
    __name__,
    url_prefix="/office/preregistrations/<uuid:preregistration_id>/papers",
)


class OnPaperForm(PortalForm):
    """What a family agreed to on paper, on the phone or at the desk."""

    purposes = SelectMultipleField(
        "同意したこと", [InputRequired("ご家庭が同意したことをえらんでください")]
    )
    channel = RadioField(
        "受け付けた方法",
        [InputRequired("電話・FAX・郵便・窓口のどれかをえらんでください")],
        choices=[SelectChoice(channel.value, CHANNEL_LABELS[channel]) for channel in BY_STAFF],
        default=Channel.COUNTER.value,
    )
    source_on = DateParts("書類の日付", [Optional()])

    def offer(self, wanted: list[Asked]) -> None:
        """Offer what the facility asks."""
        self.purposes.choices = [SelectChoice(each.purpose, each.title) for each in wanted]


@bp.route("/", methods=["GET", "POST"])
@requires(Permission.VIEW_CHILD_RECORDS)
def show(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Show documents and consents; keep consents that were given on paper."""
    actor, now, session = current_actor(), clock.now(), current_session()
    row = queries.preregistration(session, preregistration_id, actor=actor)
    wanted = _wanted(row)
    form = OnPaperForm()
    form.offer(wanted)
    status = 200
    if form.validate_on_submit():
        given = [
            Given(
                purpose=each.purpose,
                wording=each.wording,
                wording_version=each.version,
                receiver_id=row.organisation_id,
                organisation_id=row.organisation_id,
            )
            for each in wanted
            if each.purpose in form.purposes.data
        ]
        try:
            with transaction() as writing:
                write_down(
                    writing,
                    row.family_id,
                    given,
                    channel=Channel(form.channel.data),
                    source_on=form.source_on.data,
                    actor=actor,
                    now=now,
                )
                flash("同意を記録しました。")
                return see_other(writing, url_for(".show", preregistration_id=row.id))
        except Refusal as refusal:
            form.explain(refusal, sentence)
            status = 409
    elif form.is_submitted():
        status = 422
    return _page(preregistration_id, form), status


@bp.post("/<uuid:consent_id>/withdraw")
@requires(Permission.VIEW_CHILD_RECORDS)
def end(preregistration_id: uuid.UUID, consent_id: uuid.UUID) -> ResponseReturnValue:
    """Write down that a family took a consent back, by phone or at the desk."""
    actor, form = current_actor(), PortalForm()
    row = queries.preregistration(current_session(), preregistration_id, actor=actor)
    if not form.validate_on_submit():
        return _page(preregistration_id, OnPaperForm(formdata=None)), 422
    try:
        with transaction() as session:
            withdraw(session, consent_id, actor=actor, now=clock.now(), channel=Channel.PHONE)
            flash("同意の取りやめを記録しました。")
            return see_other(session, url_for(".show", preregistration_id=row.id))
    except Refusal as refusal:
        shown = OnPaperForm(formdata=None)
        shown.explain(refusal, sentence)
        return _page(preregistration_id, shown), 409


def _wanted(row: Preregistration) -> list[Asked]:
    provider = current_session().get_one(Organisation, row.organisation_id)
    return [
        asked(each, facility=row.facility.name, provider=provider.name) for each in ConsentPurpose
    ]


def _page(preregistration_id: uuid.UUID, form: OnPaperForm) -> str:
    actor, session, today = current_actor(), current_session(), clock.today(clock.now())
    row = queries.preregistration(session, preregistration_id, actor=actor)
    form.offer(_wanted(row))
    family = children(session, row.family_id, actor=actor)
    return render_template(
        "office/preregistrations/papers.html",
        row=row,
        photos=documents(session, row.family_id, row.facility_id, actor=actor),
        names={child.id: child.name for child in family},
        consents=consents.of_family(session, row.family_id, actor=actor),
        holds=lambda each: holds(each.withdrawn_at is not None, each.until_on, today),
        title_of=title_of,
        form=form,
        plain=PortalForm(formdata=None),
    )

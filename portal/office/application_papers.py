"""What came with an application: staff see papers and consents, and write down those on paper."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional, Regexp

from portal.consents import queries as consents
from portal.consents.rules import holds
from portal.consents.service import Given, withdraw, write_down
from portal.consents.wordings import Asked, ConsentPurpose, asked, title_of
from portal.db.session import current_session
from portal.documents.wording.sentences import sentence
from portal.families.forms import ReceiptFields
from portal.families.queries import children
from portal.kernel import clock
from portal.organisations.models import Organisation
from portal.preregistration import queries
from portal.preregistration.models import Preregistration
from portal.uploads.queries import documents
from portal.web.access import Permission, current_actor, requires
from portal.web.fields import DateParts
from portal.web.writes import see_other, transaction

bp = Blueprint(
    "office_application_papers",
    __name__,
    url_prefix="/office/preregistrations/<uuid:preregistration_id>/papers",
)


class OnPaperForm(ReceiptFields):
    """What a family agreed to, or did not, on paper, on the phone or at the desk."""

    purposes = SelectMultipleField("同意したこと", [Optional()])
    refused = SelectMultipleField("同意しないと答えたこと", [Optional()])
    source_on = DateParts("書類の日付", [Optional()])
    paper_reference = StringField(
        "書類の番号",
        [
            Optional(),
            Regexp(
                r"^[0-9A-Za-z/-]{1,30}$", message="数字・英字・「-」「/」で、30字まで入れてください"
            ),
        ],
    )

    def offer(self, wanted: list[Asked]) -> None:
        """Offer what the facility asks."""
        self.purposes.choices = [SelectChoice(each.purpose, each.title) for each in wanted]
        self.refused.choices = self.purposes.choices


@bp.route("/", methods=["GET", "POST"])
@requires(Permission.VIEW_CHILD_RECORDS)
def show(preregistration_id: uuid.UUID) -> ResponseReturnValue:
    """Show documents and consents; keep answers that were given on paper."""
    actor, now, session = current_actor(), clock.now(), current_session()
    row = queries.preregistration(session, preregistration_id, actor=actor)
    form = OnPaperForm()
    form.offer(_wanted(row))
    if form.validate_on_submit():
        if form.came_by(now):
            with form.explaining(sentence), transaction() as writing:
                write_down(
                    writing,
                    row.family_id,
                    _given(row, form.purposes.data or ()),
                    refused=_given(row, form.refused.data or ()),
                    told=form.told(),
                    source_on=form.source_on.data,
                    paper_reference=form.paper_reference.data or None,
                    actor=actor,
                    now=now,
                )
                flash("同意についての答えを記録しました。")
                return see_other(writing, url_for(".show", preregistration_id=row.id))
    elif not form.is_submitted():
        form.propose(now)
    return _page(preregistration_id, form), form.status


def _given(row: Preregistration, purposes: Iterable[str]) -> list[Given]:
    return [
        Given(
            purpose=each.purpose,
            wording=each.wording,
            wording_version=each.version,
            receiver_id=row.organisation_id,
            organisation_id=row.organisation_id,
        )
        for each in _wanted(row)
        if each.purpose in purposes
    ]


@bp.route("/<uuid:consent_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.VIEW_CHILD_RECORDS)
def end(preregistration_id: uuid.UUID, consent_id: uuid.UUID) -> ResponseReturnValue:
    """Write down that a family took a consent back, by which way and when it said so."""
    actor, form, now, session = current_actor(), ReceiptFields(), clock.now(), current_session()
    row = queries.preregistration(session, preregistration_id, actor=actor)
    found = consents.consent(session, consent_id, actor=actor)
    if found.family_id != row.family_id:
        abort(404)
    here = url_for(".show", preregistration_id=row.id)
    if found.withdrawn_at is not None and not form.is_submitted():
        return redirect(here, 303)
    if form.validate_on_submit():
        if form.came_by(now):
            with form.explaining(sentence), transaction() as writing:
                withdraw(writing, consent_id, actor=actor, now=now, told=form.told())
                flash("同意の取りやめを記録しました。")
                return see_other(writing, here)
    elif not form.is_submitted():
        form.propose(now)
    page = render_template(
        "office/preregistrations/consent_end.html",
        row=row,
        consent=found,
        title=title_of(found.purpose),
        form=form,
    )
    return page, form.status


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
    )

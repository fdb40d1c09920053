"""Taking consents down: on the tablet that the person holds herself, or from a signed paper."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import cache

from flask import Blueprint, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2 import Environment
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.audit.service import record_read
from portal.consents import queries, service
from portal.consents.models import Consent
from portal.consents.rules import ConsentRefusal, ConsentSource, SharingPurpose, holds
from portal.consents.sharing import follows
from portal.consents.wordings import title_of
from portal.db.session import current_session
from portal.documents import i18n, readings
from portal.documents.i18n import gettext as _
from portal.documents.i18n import use_language
from portal.documents.pdf import PdfUnavailable, pdf_bytes
from portal.documents.templating import environment
from portal.documents.wording.sentences import sentence
from portal.families import invitations
from portal.families import queries as families
from portal.families.models import Guardian
from portal.kernel import clock
from portal.kernel.channel import Channel, Told
from portal.kernel.errors import Refusal
from portal.liaison.consents_forms import HandForm, RecordsForm
from portal.liaison.consents_view import USUAL_CONTACT, USUAL_TERM, Record, fill_choices, records
from portal.organisations.models import Organisation
from portal.referrals import provisions
from portal.referrals.labels import item_label, provision_label
from portal.referrals.withdrawal_form import WithdrawForm
from portal.web.access import Permission, current_actor, current_person, requires
from portal.web.downloads import pdf_answer
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("liaison_consents", __name__, url_prefix="/liaison/families/<uuid:family_id>")

#: What the page that is handed over carries for itself; the rest is the interviewer's form.
_OF_HER_OWN = frozenset({"once", "csrf_token", "agree", "signed_name", "page_of"})


@bp.get("/consents/")
@requires(Permission.REFER_FAMILIES)
def index(family_id: uuid.UUID) -> ResponseReturnValue:
    """Show what a family agreed to through this body, and what was passed on."""
    return _index(family_id, WithdrawForm())


def _index(family_id: uuid.UUID, form: PortalForm, *, open_id: uuid.UUID | None = None) -> str:
    actor, today = current_actor(), clock.today(clock.now())
    with transaction() as session:
        people = families.guardians(session, family_id, actor=actor)
        families.family(session, family_id, actor=actor)
        rows = [
            row
            for row in queries.of_family(session, family_id, actor=actor)
            if row.purpose in set(SharingPurpose)
        ]
        record_read(session, actor, "consents", family_id=family_id, count=len(rows))
        return render_template(
            "liaison/consents/index.html",
            family_id=family_id,
            people=people,
            rows=rows,
            receivers=queries.receivers(session, rows, actor=actor),
            provided=provisions.of_family(session, family_id, actor=actor),
            holds=lambda row: holds(row.withdrawn_at is not None, row.until_on, today),
            title_of=title_of,
            follows=follows,
            item_label=item_label,
            provision_label=provision_label,
            codes=_codes(session, people),
            form=form,
            open_id=open_id,
        )


def _codes(session: Session, people: Sequence[Guardian]) -> dict[uuid.UUID, str]:
    """Return the codes that this worker has made and nobody has used yet."""
    actor, now = current_actor(), clock.now()
    live = [
        (each.id, invitations.live_code(session, each.id, actor=actor, now=now)) for each in people
    ]
    return {id_: invitations.code_for(code.id) for id_, code in live if code is not None}


@bp.route("/consents/new", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def new(family_id: uuid.UUID) -> ResponseReturnValue:
    """Choose what is agreed to: then the person confirms it herself, or her paper is written down.

    Answers a tablet's form with the page to hand over.
    """
    session, actor, today = current_session(), current_actor(), clock.today(clock.now())
    form = RecordsForm(until=today + USUAL_TERM, told_until=today + USUAL_CONTACT)
    fill_choices(form, session, family_id, actor=actor, on=today)
    if not form.validate_on_submit():
        return _form_page(family_id, form), form.status
    own = session.get_one(Organisation, actor.organisation_id)
    if form.source.data == ConsentSource.TABLET.value:
        try:
            return _hand_page(family_id, form, own)
        except Refusal as refusal:
            form.explain(refusal, sentence)
            return _form_page(family_id, form), 409
    try:
        made = records(form, own, today=today)
        with transaction() as writing:
            service.take_down(
                writing,
                family_id,
                [each.given for each in made],
                source=ConsentSource.PAPER_FORM,
                source_on=form.source_on.data,
                paper_reference=form.reference.data or None,
                guardian_id=uuid.UUID(form.guardian.data),
                actor=actor,
                now=clock.now(),
            )
            flash(_("書類のとおりに記録しました。"))
            return see_other(writing, url_for(".index", family_id=family_id))
    except Refusal as refusal:
        form.explain(refusal, sentence)
        return _form_page(family_id, form), 409


def _form_page(family_id: uuid.UUID, form: RecordsForm) -> str:
    return render_template("liaison/consents/new.html", form=form, family_id=family_id)


def _hand_page(
    family_id: uuid.UUID,
    form: RecordsForm,
    own: Organisation,
    *,
    hand: HandForm | None = None,
) -> str:
    """Return the page that is handed over, in her language.

    Raises:
        Refusal: a record says too little.
    """
    with use_language(form.language.data or i18n.SOURCE_LANGUAGE):
        made = records(form, own, today=clock.today(clock.now()))
        carried = [
            (name, value)
            for name in request.form
            if name not in _OF_HER_OWN
            for value in request.form.getlist(name)
        ]
        return _in_her_words(
            "consents/hand.html",
            family_id=family_id,
            records=made,
            carried=carried,
            agreed=request.form.getlist("agree"),
            form=hand or HandForm(formdata=None),
            asks=own.name,
            language_code=form.language.data or None,
        )


@bp.post("/consents/sign")
@requires(Permission.REFER_FAMILIES)
def sign(family_id: uuid.UUID) -> ResponseReturnValue:
    """Keep what she ticked with her own hand, and nothing else."""
    session, actor, now = current_session(), current_actor(), clock.now()
    form = RecordsForm()
    fill_choices(form, session, family_id, actor=actor, on=clock.today(now))
    if not form.validate_on_submit():
        return _form_page(family_id, form), 422
    own = session.get_one(Organisation, actor.organisation_id)
    with use_language(form.language.data or i18n.SOURCE_LANGUAGE):
        hand = HandForm()
        try:
            made = records(form, own, today=clock.today(now))
        except Refusal as refusal:
            form.explain(refusal, sentence)
            return _form_page(family_id, form), 409
        if not hand.validate():
            return _hand_page(family_id, form, own, hand=hand), 422
        try:
            return _keep_ticked(family_id, made, hand, form)
        except Refusal as refusal:
            hand.explain(refusal, sentence)
            return _hand_page(family_id, form, own, hand=hand), 409


def _keep_ticked(
    family_id: uuid.UUID, made: tuple[Record, ...], hand: HandForm, form: RecordsForm
) -> ResponseReturnValue:
    ticked = set(request.form.getlist("agree"))
    given = [each.given for each in made if each.key in ticked]
    if not given:
        raise Refusal([ConsentRefusal.NOT_ANSWERED])
    with transaction() as session:
        service.take_down(
            session,
            family_id,
            given,
            source=ConsentSource.TABLET,
            guardian_id=uuid.UUID(form.guardian.data),
            signed_name=hand.signed_name.data,
            actor=current_actor(),
            now=clock.now(),
        )
        address = url_for(".done", family_id=family_id, language=form.language.data or None)
        return see_other(session, address)


@bp.get("/consents/done")
@requires(Permission.REFER_FAMILIES)
def done(family_id: uuid.UUID) -> ResponseReturnValue:
    """Thank her, and ask for the tablet back: nothing of the family stands on this page."""
    families.family(current_session(), family_id, actor=current_actor())
    with use_language(request.args.get("language", i18n.SOURCE_LANGUAGE)):
        return _in_her_words("consents/done.html", family_id=family_id)


def _in_her_words(template: str, **values: object) -> str:
    """Return a page in the language in use, which is not that of whoever signed in."""
    page = render_template(template, **values)
    return readings.where_shown(page) if i18n.has_readings() else page


@bp.post("/consents/invite/<uuid:guardian_id>")
@requires(Permission.REFER_FAMILIES)
def invite(family_id: uuid.UUID, guardian_id: uuid.UUID) -> ResponseReturnValue:
    """Make the code with which she comes to an account, to see and to take back herself."""
    form, actor, now = PortalForm(), current_actor(), clock.now()
    session = current_session()
    guardian = families.guardian(session, guardian_id, actor=actor)
    if guardian.family_id != family_id:
        raise NoResultFound
    if not form.validate_on_submit():
        return _index(family_id, form), 422
    with form.explaining(sentence), transaction() as writing:
        invitations.invite(writing, guardian_id, actor=actor, now=now)
        flash(_("コードを作りました。ご本人にわたしてください。"))
        return see_other(writing, url_for(".index", family_id=family_id))
    return _index(family_id, form), form.status


@bp.get("/consents/<uuid:consent_id>.pdf")
@requires(Permission.REFER_FAMILIES)
def receipt(family_id: uuid.UUID, consent_id: uuid.UUID) -> ResponseReturnValue:
    """Print what was agreed to for the person to take home."""
    actor, now = current_actor(), clock.now()
    with transaction() as session:
        row = _row(family_id, consent_id)
        people = families.guardians(session, family_id, actor=actor)
        own = session.get_one(Organisation, row.organisation_id)
        receiver = session.get_one(Organisation, row.receiver_id)
        signed = queries.signature(session, row.id, actor=actor)
        record_read(session, actor, "consent", row.id, family_id=family_id)
        person = current_person()
        html = (
            _papers()
            .get_template("consents/receipt.html")
            .render(
                row=row,
                guardian=next((each for each in people if each.id == row.guardian_id), None),
                own=own,
                receiver=receiver,
                signed=signed,
                worker=person.name if person and row.recorded_by == actor.user_id else None,
                title_of=title_of,
                follows=follows,
                now=now,
                today=clock.today(now),
                language=i18n.language,
                is_demo=current_app.config["PORTAL"].is_demo,
            )
        )
    try:
        data = pdf_bytes(html)
    except PdfUnavailable as error:
        form = WithdrawForm(formdata=None)
        form.form_errors.append(str(error))
        return _index(family_id, form), 503
    return pdf_answer(data, _("同意の控え"), "consent")


@bp.post("/consents/<uuid:consent_id>/withdraw")
@requires(Permission.REFER_FAMILIES)
def withdraw(family_id: uuid.UUID, consent_id: uuid.UUID) -> ResponseReturnValue:
    """Write down that she takes one back; contact ends and the data is hidden with the commit."""
    _row(family_id, consent_id)
    form = WithdrawForm()
    if not form.validate_on_submit():
        return _index(family_id, form, open_id=consent_id), 422
    try:
        with transaction() as session:
            service.withdraw(
                session,
                consent_id,
                told=Told(Channel(form.channel.data)),
                actor=current_actor(),
                now=clock.now(),
            )
            flash(_("取りやめを記録しました。相手には、もう見えません。連絡も止まります。"))
            return see_other(session, url_for(".index", family_id=family_id))
    except Refusal as refusal:
        form.explain(refusal, sentence)
        return _index(family_id, form, open_id=consent_id), 409


def _row(family_id: uuid.UUID, consent_id: uuid.UUID) -> Consent:
    session, actor = current_session(), current_actor()
    families.family(session, family_id, actor=actor)
    return session.scalars(
        select(Consent).where(
            Consent.id == consent_id,
            Consent.family_id == family_id,
            Consent.purpose.in_(SharingPurpose),
            queries.visible(actor),
        )
    ).one()


@cache
def _papers() -> Environment:
    return environment()

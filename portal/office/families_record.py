"""A child's record as staff read it: allergies first, what changed, whom to call; as a card too."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask import Response, abort, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.attendance.queries import facilities_of
from portal.bookings.queries.records import record_rules_for
from portal.db.session import current_session
from portal.db.session import transaction as reading
from portal.documents import pdf as press
from portal.documents.i18n import gettext as _
from portal.families import queries, rights
from portal.families import record as records
from portal.families.forms import ReceiptFields
from portal.families.record import OpenRecord
from portal.families.record_card import card_html
from portal.families.record_forms import StaffSectionForm, in_words
from portal.families.record_lines import lines_of
from portal.families.record_rules import ask_again, photo_is_old
from portal.families.record_sections import ALLERGIES, BY_KEY, CONTACTS
from portal.kernel import clock
from portal.kernel.actor import Right
from portal.office.families_people import bp
from portal.preregistration.queries import of_family
from portal.preregistration.rules import LIVE
from portal.web.access import Permission, current_actor, may, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction


@bp.route("/children/<uuid:child_id>/record", methods=["GET", "POST"])
@requires(Permission.VIEW_CHILD_RECORDS)
def record(family_id: uuid.UUID, child_id: uuid.UUID) -> ResponseReturnValue:
    """Show a child's record, and take note of its changes; every showing leaves a trace."""
    _same(family_id, child_id)
    form = PortalForm()
    if form.is_submitted():
        if not form.validate():
            return _page(family_id, child_id), 422
        actor, now = current_actor(), clock.now()
        with transaction() as session:
            until = _moment(request.form.get("until", ""), now)
            records.take_note(session, child_id, actor=actor, until=until, now=now)
            flash(_("変わったところを確認したことを、記録しました。"))
            return see_other(session, url_for(".record", family_id=family_id, child_id=child_id))
    return _page(family_id, child_id)


@bp.route("/children/<uuid:child_id>/record/told", methods=["GET", "POST"])
@requires(Permission.VIEW_CHILD_RECORDS)
def told(family_id: uuid.UUID, child_id: uuid.UUID) -> ResponseReturnValue:
    """Write down that a guardian said: nothing has changed."""
    _same(family_id, child_id)
    form, now = ReceiptFields(), clock.now()
    if form.validate_on_submit():
        with form.explaining(in_words), transaction() as session:
            records.confirm(session, child_id, actor=current_actor(), now=now, told=form.told())
            flash(_("変わりないことを記録しました。"))
            return see_other(session, url_for(".record", family_id=family_id, child_id=child_id))
    elif not form.is_submitted():
        form.propose(now)
    session, actor = current_session(), current_actor()
    page = render_template(
        "office/families/record_told.html",
        form=form,
        child=queries.child(session, child_id, actor=actor),
        family=queries.family(session, family_id, actor=actor),
    )
    return page, form.status


@bp.route("/children/<uuid:child_id>/record/sections/<section>", methods=["GET", "POST"])
@requires(Permission.VIEW_CHILD_RECORDS)
def section(family_id: uuid.UUID, child_id: uuid.UUID, section: str) -> ResponseReturnValue:
    """Write one section as a guardian tells it, with how and when it reached the nursery."""
    _same(family_id, child_id)
    if section not in BY_KEY:
        abort(404)
    if BY_KEY[section].is_closed and not may(Permission.VIEW_SUPPORT_DATA):
        abort(403)
    actor, now = current_actor(), clock.now()
    found = _opened(child_id, section)
    form = StaffSectionForm.of(
        found.parts[section],
        born_on=found.child.born_on,
        today=clock.today(now),
    )
    if form.validate_on_submit():
        with form.explaining(in_words), transaction() as session:
            records.save_section(
                session,
                child_id,
                section,
                form.answers(),
                actor=actor,
                now=now,
                told=form.told(),
                seen=form.seen_at,
                forget=form.forget,
            )
            flash(_("「%(section)s」を保存しました。") % {"section": BY_KEY[section].title})
            to = ".closed" if BY_KEY[section].is_closed else ".record"
            return see_other(session, url_for(to, family_id=family_id, child_id=child_id))
    elif not form.is_submitted():
        form.propose(now)
    if form.is_meanwhile:
        found = _opened(child_id, section)
        form.go_on_from(found.parts[section])
    page = render_template(
        "office/families/record_section.html",
        form=form,
        child=found.child,
        family_id=family_id,
        section=BY_KEY[section],
        part=found.parts[section],
        lines_of=lines_of,
    )
    return page, form.status


@bp.route("/children/<uuid:child_id>/record/closed", methods=["GET", "POST"])
@requires(Permission.VIEW_SUPPORT_DATA)
def closed(family_id: uuid.UUID, child_id: uuid.UUID) -> ResponseReturnValue:
    """Show support needs and insurance; posted on purpose, the numbers in full."""
    _same(family_id, child_id)
    form = PortalForm()
    numbers = form.validate_on_submit()
    with reading() as session:
        found = records.open_closed(session, child_id, actor=current_actor(), numbers=numbers)
    return render_template(
        "office/families/record_closed.html",
        form=form,
        found=found,
        child=found.child,
        family_id=family_id,
        numbers=numbers,
        lines_of=lines_of,
    )


@bp.get("/children/<uuid:child_id>/record/card.pdf")
@requires(Permission.VIEW_CHILD_RECORDS)
def card(family_id: uuid.UUID, child_id: uuid.UUID) -> ResponseReturnValue:
    """Return the record on one A4 paper, readable as a FAX."""
    _same(family_id, child_id)
    actor, now = current_actor(), clock.now()
    with reading() as session:
        found = records.open_parts(session, child_id, actor=actor)
        html = card_html(
            found,
            guardians=[
                each
                for each in queries.guardians(session, family_id, actor=actor)
                if each.id not in _not_handed_over(session, family_id)
            ],
            pickup_persons=queries.pickup_persons(session, family_id, actor=actor),
            number=queries.number_of(session, family_id, actor=actor) or "",
            places=_nurseries(session, family_id, child_id),
            now=now,
            is_demo=current_app.config["PORTAL"].is_demo,
        )
    try:
        content = press.pdf_bytes(html)
    except press.PdfUnavailable as missing:
        flash(str(missing), "warn")
        return _page(family_id, child_id), 503
    return Response(
        content,
        mimetype="application/pdf",
        headers={"Content-Disposition": "inline", "Cache-Control": "no-store"},
    )


def _nurseries(session: Session, family_id: uuid.UUID, child_id: uuid.UUID) -> list[str]:
    """Return the provider's nurseries that know the child, by name; else all that it runs."""
    actor = current_actor()
    rows = of_family(session, actor=actor, family_id=family_id)
    theirs = {row.facility.name for row in rows if row.child_id == child_id and row.state in LIVE}
    return sorted(theirs) or [each.name for each in facilities_of(session, actor)]


def _same(family_id: uuid.UUID, child_id: uuid.UUID) -> None:
    """Answer 404 where an address puts a child into another family."""
    child = queries.child(current_session(), child_id, actor=current_actor())
    if child.family_id != family_id:
        abort(404)


def _not_handed_over(session: Session, family_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """Return the guardians to whom the child is not given; the card does not name them."""
    withheld = rights.withheld_in_families(session, [family_id], actor=current_actor())
    return frozenset(key for key, kinds in withheld.items() if Right.PICKUP in kinds)


def _opened(child_id: uuid.UUID, key: str) -> OpenRecord:
    opens = records.open_closed if BY_KEY[key].is_closed else records.open_parts
    with reading() as session:
        return opens(session, child_id, actor=current_actor())


def _moment(text: str, now: datetime) -> datetime:
    """Return until when changes were on the page; now where that is unreadable."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return now
    return min(found, now) if found.tzinfo else now


def _page(family_id: uuid.UUID, child_id: uuid.UUID) -> str:
    actor, now = current_actor(), clock.now()
    with reading() as session:
        found = records.open_parts(session, child_id, actor=actor)
        seen_until = records.seen_until(session, child_id, actor=actor)
        changed = (
            records.changes_since(session, found, seen_until, actor=actor) if seen_until else []
        )
        family = queries.family(session, family_id, actor=actor)
        guardians = queries.guardians(session, family_id, actor=actor)
        not_handed_over = _not_handed_over(session, family_id)
        pickup_persons = queries.pickup_persons(session, family_id, actor=actor)
        rules = record_rules_for(session, [child_id], on=clock.today(now), actor=actor)
    values: dict[str, Any] = {
        "form": PortalForm(formdata=None),
        "found": found,
        "child": found.child,
        "family": family,
        "guardians": guardians,
        "not_handed_over": not_handed_over,
        "pickup_persons": pickup_persons,
        "allergies": found.parts[ALLERGIES.key],
        # Whom to call stands before the rest.
        "parts": sorted(
            (part for key, part in found.parts.items() if key != ALLERGIES.key),
            key=lambda part: part.section.key != CONTACTS.key,
        ),
        "changed": changed,
        "changed_keys": {change.section.key for change in changed},
        "seen_until": seen_until,
        "until": now.isoformat(),
        "lines_of": lines_of,
        "again": ask_again(found.confirmed_on, rules[child_id], on=clock.today(now)),
        "photo_is_old": photo_is_old,
    }
    return render_template("office/families/record.html", **values)

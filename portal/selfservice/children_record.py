"""A child's record as the family keeps it: allergies first, then one section after another."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.entering import wanted_page
from portal.bookings.queries.records import record_rules_for
from portal.db.session import current_session
from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.families import record as records
from portal.families.record import OpenRecord
from portal.families.record_forms import SectionForm, in_words
from portal.families.record_lines import lines_of
from portal.families.record_rules import AskAgain, ask_again
from portal.families.record_sections import ALLERGIES, BY_KEY, SECTIONS
from portal.kernel import clock
from portal.kernel.actor import Right
from portal.kernel.errors import Refusal
from portal.selfservice.children import bp
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

#: Sent by the button that goes on to the next section.
NEXT = "next"


@bp.route("/<uuid:child_id>/record", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def record(child_id: uuid.UUID) -> ResponseReturnValue:
    """Show a child's record with allergies to fill in at once; every showing leaves a trace."""
    return _section(child_id, ALLERGIES.key, "selfservice/children/record.html")


@bp.route("/<uuid:child_id>/record/<section>", methods=["GET", "POST"])
@requires(Permission.ACT_FOR_OWN_FAMILY)
def section(child_id: uuid.UUID, section: str) -> ResponseReturnValue:
    """Show and write one section; it is saved by itself, so that nothing is lost."""
    if section not in BY_KEY or (section == "contacts" and not current_actor().has(Right.CONTACTS)):
        abort(404)
    return _section(child_id, section, "selfservice/children/section.html")


@bp.post("/<uuid:child_id>/unchanged")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def unchanged(child_id: uuid.UUID) -> ResponseReturnValue:
    """Take one tap for: all of this still holds."""
    try:
        with transaction() as session:
            records.confirm(session, child_id, actor=current_actor(), now=clock.now())
            flash(_("「変わりありません」と、園に伝わります。ありがとうございます。"))
            answer = see_other(session, url_for(".record", child_id=child_id))
    except Refusal as refusal:
        found = _opened(child_id)
        form = _form(found, ALLERGIES.key)
        form.explain(refusal, in_words)
        return _render(found, ALLERGIES.key, "selfservice/children/record.html", form), 409
    return answer


def _section(child_id: uuid.UUID, key: str, template: str) -> ResponseReturnValue:
    found = _opened(child_id)
    form = _form(found, key)
    if form.validate_on_submit():
        with form.explaining(in_words), transaction() as session:
            records.save_section(
                session,
                child_id,
                key,
                form.answers(),
                actor=current_actor(),
                now=clock.now(),
                seen=form.seen_at,
                forget=form.forget,
            )
            flash(_("「%(section)s」を保存しました。") % {"section": BY_KEY[key].title})
            return see_other(session, _after(child_id, key, was_asked=found.is_asked))
    if form.is_meanwhile:
        found = _opened(child_id)
        form.go_on_from(found.parts[key])
    return _render(found, key, template, form), form.status


def _after(child_id: uuid.UUID, key: str, *, was_asked: bool) -> str:
    """Return where to go on: to the next section, or to the list that says what is done."""
    if NEXT in request.form:
        keys = [each.key for each in SECTIONS]
        place = keys.index(key) + 1
        if place < len(keys):
            return url_for(".section", child_id=child_id, section=keys[place])
    if key == ALLERGIES.key and not was_asked:
        return url_for(".index")
    return url_for(".record", child_id=child_id)


def _opened(child_id: uuid.UUID) -> OpenRecord:
    with reading() as session:
        return records.open_parts(session, child_id, actor=current_actor())


def _form(found: OpenRecord, key: str) -> Any:
    today = clock.today(clock.now())
    return SectionForm.of(found.parts[key], born_on=found.child.born_on, today=today)


def _again(found: OpenRecord, today: date) -> AskAgain | None:
    """Return why the record is asked for again, by the rules where the child is known."""
    if found.head is None:
        return AskAgain.NEVER
    session, actor, child_id = current_session(), current_actor(), found.child.id
    rules = record_rules_for(session, [child_id], on=today, actor=actor)
    return ask_again(found.confirmed_on, rules[child_id], on=today)


def _render(found: OpenRecord, key: str, template: str, form: Any) -> str:
    may_see = current_actor().has(Right.CONTACTS)
    parts = [part for part in found.parts.values() if part.section.key != "contacts" or may_see]
    return render_template(
        template,
        form=form,
        tap=PortalForm(formdata=None),
        found=found,
        child=found.child,
        part=found.parts[key],
        section=BY_KEY[key],
        parts=parts,
        lines_of=lines_of,
        again=_again(found, clock.today(clock.now())),
        wanted=wanted_page(),
        is_last=key == SECTIONS[-1].key,
    )

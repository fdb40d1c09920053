"""What a family's booking pages show: fee and deadline before the button, ways out of a refusal."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.bookings.cap_lines import cap_lines
from portal.bookings.extras import options_words
from portal.bookings.forms import ANY
from portal.bookings.known import as_known
from portal.bookings.queries.cases import CaseFile, WishedChild
from portal.bookings.queries.lists import Group
from portal.bookings.queries.quotes import Quote, Way, who_gets_in
from portal.bookings.rules import BookingChangeRefusal
from portal.bookings.service import NotPlaced
from portal.bookings.ticket_words import tickets_at_stake
from portal.bookings.times_forms import TimesForm
from portal.bookings.words import (
    and_all,
    explain,
    fee_groups,
    note_words,
    rules_named,
    with_san,
)
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.entries import HelpLink
from portal.documents.wording.sentences import sentence
from portal.families.record import due_again
from portal.homes.asked import asked_by
from portal.kernel.clock import now, today
from portal.kernel.errors import Reason
from portal.kernel.spans import Span, cell_label
from portal.policies.reasons import BookingRefusal
from portal.preregistration.queries import children_with_registration
from portal.preregistration.rules import PreregistrationState
from portal.selfservice.reductions import claim_words
from portal.web.access import current_actor

_WAITING = {
    PreregistrationState.APPLIED: BookingChangeRefusal.REGISTRATION_WAITS,
    PreregistrationState.ASKED_BACK: BookingChangeRefusal.REGISTRATION_ASKED_BACK,
    PreregistrationState.WAITING: BookingChangeRefusal.REGISTRATION_IN_LINE,
}

#: What needs no saying of a time that has passed.
_SAID_BY_THE_PAST = frozenset(
    {
        BookingRefusal.CLOSED_FOR_BOOKING,
        BookingRefusal.NOTICE_TOO_SHORT,
        BookingRefusal.REGISTRATION_NOT_YET_VALID,
        BookingRefusal.REGISTRATION_TOO_RECENT,
    }
)

#: What is mended on the page of the child's application, where it has one.
_BY_APPLICATION = frozenset(
    {
        BookingRefusal.NOT_REGISTERED,
        BookingRefusal.FAMILY_HAS_NOT_AGREED,
        BookingRefusal.FACILITY_HAS_NOT_AGREED,
        BookingRefusal.STEP_MISSING,
        BookingRefusal.TRIAL_NOT_OFFERED,
        BookingRefusal.TRIAL_OTHER_PART,
    }
)

#: What a form carries besides the wish itself.
_NOT_CARRIED = frozenset({"csrf_token", "once", "agreed_fee", "record_unchanged"})


def carried(
    span: Span | None = None, *, without: Iterable[uuid.UUID] = ()
) -> list[tuple[str, str]]:
    """Return what was typed, as names and values for hidden fields.

    Args:
        span: Replaces the time that was typed.
        without: Children who are not carried along.
    """
    left_out = {str(child_id) for child_id in without}
    pairs = [
        (name, value)
        for name, value in request.form.items(multi=True)
        if name not in _NOT_CARRIED and not (name == "children" and value in left_out)
    ]
    if span is None:
        return pairs
    times = {
        "day-year": str(span.day.year),
        "day-month": str(span.day.month),
        "day-day": str(span.day.day),
        "start": cell_label(span.first_cell),
        "end": cell_label(span.end_cell),
    }
    return [pair for pair in pairs if pair[0] not in times] + list(times.items())


def confirm_page(quoted: Quote, form: object, pickup: str) -> str:
    """Return the page that tells fee and cancel limit before the button that books."""
    file = quoted.file
    names = _names(file)
    left_out = {child.id: with_san(child.name) for child in quoted.left_out}
    return render_template(
        "selfservice/bookings/confirm.html",
        left_out=and_all(list(left_out.values())),
        reasons=explain(
            quoted.reasons_left_out, left_out, today=today(now()), document=file.document
        ),
        taken_along=carried(without=left_out),
        pickup=pickup,
        chosen=options_words(file.document, file.wish.options, children=len(names)),
        form=form,
        file=file,
        span=file.wish.span,
        names=names,
        who=and_all(list(names.values())),
        groups=fee_groups(quoted.decision.fee, names, minutes=file.wish.span.minutes),
        total_yen=quoted.decision.fee.total_yen,
        caps=cap_lines(quoted.decision.caps, names, file.document.purposes),
        cancel_until=quoted.decision.cancel_until,
        is_late=quoted.decision.cancel_until is not None and now() >= quoted.decision.cancel_until,
        late_steps=quoted.late_steps,
        absent_yen=quoted.absent_yen,
        tickets=tickets_at_stake(
            quoted.decision.fee, file.document, quoted.decision.cancel_until, now=now()
        ),
        notes=note_words(quoted.decision.notes, names, today=today(now())),
        texts=file.document.texts,
        claim=claim_words(asked_by([file.document]), quoted.decision.fee),
        carried=carried(),
        alone=request.form.get("together") == ANY and len(names) > 1,
        record_asked=_records_to_confirm(quoted),
    )


def _records_to_confirm(quoted: Quote) -> dict[uuid.UUID, date]:
    """Return the booked children whose record is old by the facility's rules, with its day."""
    going = [child.id for child in quoted.file.children]
    return due_again(
        current_session(),
        dict.fromkeys(going, quoted.file.document.record),
        on=today(now()),
        actor=current_actor(),
    )


def rush_page(file: CaseFile, reasons: Iterable[Reason], form: object) -> ResponseReturnValue:
    """Return a small page, status 409, for the minute in which hundreds ask for the same hours.

    Other times stand behind its button; what was typed travels along.
    """
    names = _names(file)
    on = today(now())
    # Without what every other page is given: this one has no menu.
    page = current_app.jinja_env.get_template("selfservice/bookings/rush.html").render(
        today=on,
        form=form,
        file=file,
        span=file.wish.span,
        who=and_all(list(names.values())),
        reasons=[
            sentence(each, child=names.get(each.child_id) if each.child_id else None, today=on)
            for each in reasons
        ],
        carried=carried(),
    )
    return page, 409


def refused_page(
    file: CaseFile,
    reasons: Iterable[Reason],
    ways: Sequence[Way],
    form: object,
    *,
    again: str,
    other: str,
    moving: Group | None = None,
    alone: Sequence[WishedChild] = (),
) -> ResponseReturnValue:
    """Return all reasons with the quickest way out first, status 409; what was typed stays.

    Args:
        again: Where a way out is posted to: the page that tells the fee.
        other: Where the form is posted to, to be corrected.
        moving: The booking that stays as it is, where another time was asked for it.
        alone: Who of several would get in at this time without the others.
    """
    names = _names(file)
    left_out = {child.id for child in file.children if child not in alone}
    told, applications = _with_applications(reasons, file)
    explained = explain(told, names, today=today(now()), document=file.document)
    page = render_template(
        "selfservice/bookings/refused.html",
        form=form,
        moving=moving,
        applications=applications,
        file=file,
        span=file.wish.span,
        who=and_all(list(names.values())),
        reasons=explained,
        rules=rules_named(explained),
        ways=[{"span": way.span, "left": way.left, "carried": carried(way.span)} for way in ways],
        alone=and_all([names[child.id] for child in alone]),
        carried_alone=carried(without=left_out),
        links=_links(file),
        carried=carried(),
        again=again,
        other=other,
    )
    return page, 409


def _with_applications(
    reasons: Iterable[Reason], file: CaseFile
) -> tuple[list[Reason], dict[uuid.UUID | None, str]]:
    """Return the reasons, those of a child whose application waits said so; where each stands."""
    told = as_known(reasons, file)
    if any(reason.code is BookingRefusal.ALREADY_STARTED for reason in told):
        told = [reason for reason in told if reason.code not in _SAID_BY_THE_PAST]
    addresses: dict[uuid.UUID | None, str] = {}
    if all(reason.code not in _BY_APPLICATION for reason in told):
        return told, {}
    waiting = {}
    for row in children_with_registration(
        current_session(),
        file.facility_id,
        actor=current_actor(),
        family_id=file.wish.family_id,
    ):
        found = row.preregistration
        if found is None:
            continue
        addresses[row.child.id] = url_for(
            "selfservice_preregistrations.show", preregistration_id=found.id
        )
        if found.state in _WAITING:
            waiting[row.child.id] = _WAITING[found.state]
    told = [
        replace(reason, code=waiting[reason.child_id])
        if reason.code is BookingRefusal.NOT_REGISTERED and reason.child_id in waiting
        else reason
        for reason in told
    ]
    return told, addresses


def registration_hints(facility_id: uuid.UUID, day: date) -> dict[str, str]:
    """Return, by id, what a child still lacks to be booked there on a local day."""
    hints = {}
    for row in children_with_registration(current_session(), facility_id, actor=current_actor()):
        if row.may_book(day):
            continue
        found = row.preregistration
        waits = found is not None and found.state in _WAITING
        hints[str(row.child.id)] = (
            _("園の返事を待っています") if waits else _("この園の事前登録が、まだです")
        )
    return hints


def _names(file: CaseFile) -> dict[uuid.UUID, str]:
    return {child.id: with_san(child.name) for child in file.children}


def _links(file: CaseFile) -> dict[HelpLink, Any]:
    """Return where each way out leads; a way that is not here is told in words alone."""
    month = url_for("public.facility", facility_id=file.facility_id)
    return {
        HelpLink.OTHER_DAYS: month,
        HelpLink.OTHER_FACILITIES: url_for("public.facilities"),
        HelpLink.OWN_BOOKINGS: url_for("selfservice_bookings.index"),
        HelpLink.PREREGISTRATION: url_for(
            "selfservice_preregistrations.apply", facility_id=file.facility_id
        ),
        HelpLink.CHILDREN: url_for("selfservice_children.index"),
        HelpLink.HOME_FACTS: url_for("selfservice_homes.index", facility=file.facility_id),
        HelpLink.CHILD_RECORD: url_for("selfservice_children.index"),
    }


def refused(
    form: TimesForm, refusal: NotPlaced, *, moving: Group | None = None
) -> ResponseReturnValue:
    """Return the refusal of a wish, or of a move: all reasons, and the ways out."""
    here = url_for(".change", group_id=moving.id) if moving else None
    alone: Sequence[WishedChild] = ()
    if moving is None:
        session, actor = current_session(), current_actor()
        alone = who_gets_in(session, refusal.file, refusal.reasons, actor=actor, now=now())
    return refused_page(
        refusal.file,
        refusal.reasons,
        refusal.ways,
        form,
        again=here or url_for(".confirm"),
        other=here or url_for(".new"),
        moving=moving,
        alone=alone,
    )

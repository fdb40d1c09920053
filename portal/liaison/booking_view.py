"""Pages of a booking in the interview: times to choose, what goes with one, what it costs."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.bookings.extras import options_words, takes_tickets
from portal.bookings.queries.cases import CaseFile
from portal.bookings.queries.lists import Group, bookable_programme
from portal.bookings.queries.quotes import Quote
from portal.bookings.rules import STATE_LABELS
from portal.bookings.service import NotPlaced
from portal.bookings.use_kinds import UseKind, types_of, words_of
from portal.bookings.words import and_all, fee_groups, note_words, with_san
from portal.db.session import current_session
from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.kernel.errors import Reason, Refusal
from portal.kernel.spans import Span
from portal.liaison.booking_asked import asked_later, notes_besides
from portal.liaison.booking_forms import LookForm, SpotForm
from portal.referrals import on_the_spot
from portal.referrals.models import Referral
from portal.referrals.offers import SAID_LATER, Offer, Wished, offers, usual_wish
from portal.referrals.pages import lines_of, phone_of
from portal.referrals.rules import Side
from portal.referrals.said import child_words, in_full
from portal.web.access import current_actor


@dataclass(frozen=True, slots=True)
class Asked:
    """The time that an address names."""

    programme_id: uuid.UUID
    span: Span
    #: The type of use, without a reason below it.
    kind: UseKind


def look_form(row: Referral, wished: Wished | None = None) -> LookForm:
    """Return the form as it was sent, or with what was wished for, or what is usual."""
    is_sent = wished is None and bool(request.args.get("look"))
    form = LookForm(formdata=request.args if is_sent else None, meta={"csrf": False})
    now = clock.now()
    form.offer_types(types_of(on_the_spot.all_rules(current_session(), row, clock.today(now))))
    if not is_sent:
        form.propose(wished or usual_wish(now))
    return form


def who_is_meant(row: Referral) -> str:
    """Return whose referral it is, as lists say it."""
    with reading() as session:
        on = clock.today(clock.now())
        (line,) = lines_of(session, [row], actor=current_actor(), on=on)
    return line.who


def saying(refusal: Refusal) -> Callable[[Reason], str]:
    """Return how its reasons are said: each with its rule and its child, where they are known."""
    if isinstance(refusal, NotPlaced):
        return _saying_of(refusal.file)
    return in_full


def _saying_of(file: CaseFile) -> Callable[[Reason], str]:
    return lambda reason: in_full(reason, file.document, _names(file))


def _names(file: CaseFile) -> Mapping[uuid.UUID, str]:
    return {child.id: with_san(child.name) for child in file.children}


def places_page(
    row: Referral,
    form: LookForm,
    *,
    moving: Group | None,
    wished: Wished | None = None,
    reasons: Sequence[str] = (),
    title: str | None = None,
    chosen: SpotForm | None = None,
) -> str:
    """Return the times that fit all the children, or why there are none.

    Args:
        wished: What the form says; None where it says nothing, or cannot be read.
        reasons: Why the time that was asked for cannot be had, below ``title``.
        chosen: What was chosen for it; it goes along to the next time.
    """
    session, actor, now = current_session(), current_actor(), clock.now()
    offered = offers(session, row, actor=actor, now=now, wished=wished, moving=moving)
    closest = offered.closest
    return render_template(
        "liaison/booking/places.html",
        form=form,
        row=row,
        who=who_is_meant(row),
        children=[child_words(child, clock.today(now)) for child in offered.children],
        offered=offered,
        offers=[_offer(row, each, moving) for each in offered.rows],
        against=[in_full(reason) for reason in offered.against],
        closest=closest.file if closest else None,
        closest_reasons=_against(closest) if closest else [],
        is_child_unknown={reason.code for reason in offered.against}
        == {on_the_spot.OnTheSpotRefusal.KNOWN_BY_OTHER_RECORD},
        nursery_phone=phone_of(session, row, Side.SENDER),
        reasons=reasons,
        reasons_title=title,
        chosen=chosen,
        moving=moving,
        booked=on_the_spot.bookings_of(session, row, actor=actor),
        states=STATE_LABELS,
    )


def _against(closest: Quote) -> list[str]:
    """Say what stands in the way of a time, without what the family would still say."""
    said = _saying_of(closest.file)
    return [said(reason) for reason in closest.reasons if reason.code not in SAID_LATER]


def _offer(row: Referral, each: Offer, moving: Group | None) -> dict[str, Any]:
    span, file = each.span, each.quote.file
    kind = UseKind(file.wish.use_type or file.wish.purpose.value, file.wish.use_reason)
    values: dict[str, Any] = {
        "programme": file.wish.programme_id,
        "day": span.day.isoformat(),
        "start": span.first_cell,
        "end": span.end_cell,
        "purpose": kind.type,
    }
    if moving is not None:
        values["group"] = moving.id
    rule = file.document.purposes
    is_named = rule is not None and rule.ask and not each.is_open
    return {
        "span": span,
        "facility": each.facility_name,
        "address": each.address,
        "is_kept": each.is_kept,
        "use": words_of(file.document, kind, file.wish.purpose) if is_named else "",
        "fee_yen": None if each.is_open else each.quote.decision.fee.total_yen,
        "cancel_until": each.quote.decision.cancel_until,
        "href": url_for(".book", referral_id=row.id, **values),
    }


def taken_page(
    row: Referral, asked: Asked, form: SpotForm, moving: Group | None, reasons: Sequence[str]
) -> ResponseReturnValue:
    """Say truly why it cannot be had, and show what can, near the time that was wished for."""
    span = asked.span
    first, length = span.first_cell, span.end_cell - span.first_cell
    day = max(span.day, clock.today(clock.now()))
    wished = Wished(day, first, length, form.kind.type or asked.kind.type)
    page = places_page(
        row,
        look_form(row, wished),
        moving=moving,
        wished=wished,
        reasons=reasons,
        title=_("この時間は、予約できませんでした"),
        chosen=form if moving is None and form.asks else None,
    )
    return page, 409


def choose_page(row: Referral, asked: Asked, form: SpotForm) -> str:
    """Return what the facility's rules let a family choose for one time."""
    document = on_the_spot.rules_at(current_session(), row, asked.programme_id, asked.span.day)
    session, actor = current_session(), current_actor()
    programme = bookable_programme(session, programme_id=asked.programme_id, actor=actor)
    return render_template(
        "liaison/booking/choose.html",
        form=form,
        row=row,
        who=who_is_meant(row),
        span=asked.span,
        facility=programme.facility.name,
        takes_tickets=takes_tickets(document),
    )


def sure_page(
    row: Referral, asked: Asked, form: SpotForm, answer: Quote, moving: Group | None
) -> str:
    """Return what it costs and until when it can be cancelled, before the button that books."""
    file, decision = answer.file, answer.decision
    names, wish = _names(file), file.wish
    on = clock.today(clock.now())
    if moving is not None:
        form.seen.process_data(moving.sequence)
    kind = UseKind(wish.use_type or wish.purpose.value, wish.use_reason)
    is_asked = file.document.purposes is None or file.document.purposes.ask
    return render_template(
        "liaison/booking/book.html",
        form=form,
        row=row,
        who=who_is_meant(row),
        quoted=answer,
        names=and_all(list(names.values())),
        count=len(names),
        groups=fee_groups(decision.fee, names, minutes=asked.span.minutes),
        use=words_of(file.document, kind, wish.purpose) if is_asked else "",
        chosen=options_words(file.document, wish.options, children=len(names)),
        notes=note_words(notes_besides(decision), names, today=on),
        asked_later=asked_later(file, decision, names),
        takes_tickets=takes_tickets(file.document) and moving is None,
        # Without what would help: that was said to families who book by themselves.
        set_aside=[
            sentence(
                reason, child=names.get(reason.child_id) if reason.child_id else None, today=on
            )
            for reason in decision.overruled
            if reason not in decision.left_to_facility
        ],
        moving=moving,
    )

"""Booking in the interview: times that fit all the children, the word to book, change, cancel."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.bookings.queries.leaving import cancel_fees
from portal.bookings.queries.lists import Group
from portal.bookings.queries.quotes import Quote
from portal.bookings.rules import PURPOSE_LABELS, STATE_LABELS, UsePurpose
from portal.bookings.service import NotPlaced
from portal.bookings.words import and_all, fee_groups, names_of, stored_fee, with_san
from portal.db.session import current_session
from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import queries as families
from portal.kernel import clock
from portal.kernel.errors import Reason, Refusal
from portal.kernel.spans import CELLS, Span, cell_time, span_on
from portal.liaison.booking_forms import LookForm, SureForm
from portal.referrals import on_the_spot, queries
from portal.referrals.models import Referral
from portal.referrals.offers import Offer, Wished, offers, usual_wish
from portal.referrals.pages import lines_of, phone_of
from portal.referrals.rules import Side
from portal.referrals.said import child_words, in_full
from portal.rulebooks.queries import document_of
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("liaison_booking", __name__, url_prefix="/liaison/referrals/<uuid:referral_id>")


@dataclass(frozen=True, slots=True)
class _Asked:
    """The time that an address names."""

    programme_id: uuid.UUID
    span: Span
    purpose: UsePurpose


@bp.get("/places")
@requires(Permission.REFER_FAMILIES)
def places(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Show times that fit all the children of a referral, places kept for them first."""
    row = _sent(referral_id)
    moving = _moving(row)
    form = _look_form()
    is_right = form.validate() if request.args.get("look") else True
    page = _places_page(row, form, moving=moving, is_right=is_right)
    return page, 200 if is_right else 422


@bp.route("/places/book", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def book(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Show what a time costs and until when it can be cancelled; then book it, or move there."""
    row, asked = _sent(referral_id), _asked()
    if asked is None:
        return redirect(url_for(".places", referral_id=referral_id), 303)
    moving, actor, now = _moving(row), current_actor(), clock.now()
    form = SureForm()
    if not form.is_submitted():
        answer = on_the_spot.quoted(
            current_session(),
            row,
            asked.programme_id,
            asked.span,
            asked.purpose,
            actor=actor,
            now=now,
            moving=moving,
        )
        if not isinstance(answer, Quote) or answer.reasons:
            return _taken_page(row, asked, moving, _said(answer))
        return _sure_page(row, asked, form, answer, moving)
    if not form.validate():
        return _taken_page(row, asked, moving, ())
    try:
        with transaction() as session:
            told = {"agreed_fee_yen": form.agreed_fee.data, "actor": actor, "now": now}
            if moving is None:
                placed = on_the_spot.book(
                    session, row.id, asked.programme_id, asked.span, purpose=asked.purpose, **told
                )
                flash(_booked_words(session, row), "ok")
            else:
                placed = on_the_spot.change(
                    session, row.id, moving.id, asked.span, seen=form.seen.data, **told
                )
                flash(_("予約の日時を変えました。"), "ok")
            to = url_for(".show", referral_id=referral_id, group_id=placed.group_id)
            return see_other(session, to)
    except Refusal as refusal:
        rules = refusal.file.document if isinstance(refusal, NotPlaced) else None
        said = [in_full(reason, rules) for reason in refusal.reasons]
        return _taken_page(_sent(referral_id), asked, _moving(row), said)


@bp.get("/bookings/<uuid:group_id>")
@requires(Permission.REFER_FAMILIES)
def show(referral_id: uuid.UUID, group_id: uuid.UUID) -> ResponseReturnValue:
    """Show a booking made for the referral, with what can be done about it."""
    return _booking_page(_sent(referral_id), group_id, SureForm(formdata=None))


@bp.post("/bookings/<uuid:group_id>/cancel")
@requires(Permission.REFER_FAMILIES)
def cancel(referral_id: uuid.UUID, group_id: uuid.UUID) -> ResponseReturnValue:
    """Cancel it, with the family's word and for the fee that was told."""
    form = SureForm()
    if form.validate():
        found = on_the_spot.booked(
            current_session(), _sent(referral_id), group_id, actor=current_actor()
        )
        with form.explaining(_explaining(found)), transaction() as session:
            on_the_spot.cancel(
                session,
                referral_id,
                group_id,
                agreed_fee_yen=form.agreed_fee.data,
                actor=current_actor(),
                now=clock.now(),
            )
            flash(_("予約を取り消しました。"), "ok")
            to = url_for(".show", referral_id=referral_id, group_id=group_id)
            return see_other(session, to)
    return _booking_page(_sent(referral_id), group_id, form), 409 if form.is_refused else 422


def _booked_words(session: Session, row: Referral) -> str:
    if not _has_no_mail(session, row):
        return _("予約しました。確認のメールを、ご家庭に送ります。")
    return _("予約しました。メールが届かないので、下の紙を印刷して、わたしてください。")


def _has_no_mail(session: Session, row: Referral) -> bool:
    people = families.guardians(session, row.family_id, actor=current_actor())
    return not any(each.mail or each.user_id for each in people)


def _sent(referral_id: uuid.UUID) -> Referral:
    actor = current_actor()
    row = queries.referral(current_session(), referral_id, actor=actor)
    if queries.side_of(row, actor) is not Side.SENDER:
        abort(404)
    return row


def _moving(row: Referral) -> Group | None:
    group_id = request.args.get("group", type=uuid.UUID)
    if group_id is None:
        return None
    found = on_the_spot.booked(current_session(), row, group_id, actor=current_actor())
    if not found.live:
        abort(404)
    return found


def _look_form() -> LookForm:
    wished = usual_wish(clock.now())
    if request.args.get("look"):
        return LookForm(formdata=request.args, meta={"csrf": False})
    form = LookForm(formdata=None, meta={"csrf": False})
    form.propose(wished)
    return form


def _asked() -> _Asked | None:
    """Return the time that the address names, if it names one."""
    programme_id = request.args.get("programme", type=uuid.UUID)
    day = request.args.get("day", type=date.fromisoformat)
    start, end = (request.args.get(name, type=int) for name in ("start", "end"))
    purpose = request.args.get("purpose", type=UsePurpose)
    if programme_id is None or day is None or purpose is None or start is None or end is None:
        return None
    if not 0 <= start < end <= CELLS:
        return None
    return _Asked(programme_id, span_on(day, cell_time(start), cell_time(end)), purpose)


def _said(answer: Quote | tuple[Reason, ...]) -> list[str]:
    """Return why a time cannot be had; each reason that comes from a rule names it."""
    if isinstance(answer, Quote):
        return [in_full(reason, answer.file.document) for reason in answer.reasons]
    return [in_full(reason) for reason in answer]


def _explaining(found: Group) -> Callable[[Reason], str]:
    """Return how reasons against a booking are said: with the rules that it was made under."""
    document = document_of(current_session(), found.first.rulebook_id)
    return lambda reason: in_full(reason, document)


def _who(row: Referral) -> str:
    with reading() as session:
        on = clock.today(clock.now())
        (line,) = lines_of(session, [row], actor=current_actor(), on=on)
    return line.who


def _places_page(
    row: Referral,
    form: LookForm,
    *,
    moving: Group | None,
    is_right: bool,
    reasons: Sequence[str] = (),
    title: str | None = None,
) -> str:
    session, actor, now = current_session(), current_actor(), clock.now()
    wished = form.wished() if is_right else usual_wish(now)
    offered = offers(session, row, actor=actor, now=now, wished=wished, moving=moving)
    return render_template(
        "liaison/booking/places.html",
        form=form,
        row=row,
        who=_who(row),
        children=[child_words(child, clock.today(now)) for child in offered.children],
        offered=offered,
        offers=[_offer(row, each, wished, moving) for each in offered.rows],
        against=[in_full(reason) for reason in (*offered.against, *offered.closest)],
        is_child_unknown={reason.code for reason in offered.against}
        == {on_the_spot.OnTheSpotRefusal.KNOWN_BY_OTHER_RECORD},
        nursery_phone=phone_of(session, row, Side.SENDER),
        reasons=reasons,
        reasons_title=title,
        moving=moving,
        booked=on_the_spot.bookings_of(session, row, actor=actor),
        states=STATE_LABELS,
    )


def _offer(row: Referral, each: Offer, wished: Wished, moving: Group | None) -> dict[str, Any]:
    span = each.span
    values: dict[str, Any] = {
        "programme": each.quote.file.wish.programme_id,
        "day": span.day.isoformat(),
        "start": span.first_cell,
        "end": span.end_cell,
        "purpose": wished.purpose.value,
    }
    if moving is not None:
        values["group"] = moving.id
    return {
        "span": span,
        "facility": each.facility_name,
        "address": each.address,
        "is_kept": each.is_kept,
        "fee_yen": each.quote.decision.fee.total_yen,
        "cancel_until": each.quote.decision.cancel_until,
        "late_fee_yen": each.quote.late_fee_yen,
        "href": url_for(".book", referral_id=row.id, **values),
    }


def _taken_page(
    row: Referral, asked: _Asked, moving: Group | None, reasons: Sequence[str]
) -> ResponseReturnValue:
    """Say truly why it cannot be had, and show what can, near the time that was wished for."""
    form = LookForm(formdata=None, meta={"csrf": False})
    span = asked.span
    today = clock.today(clock.now())
    first, length = span.first_cell, span.end_cell - span.first_cell
    form.propose(Wished(max(span.day, today), first, length, asked.purpose))
    title = _("この時間は、予約できませんでした")
    page = _places_page(row, form, moving=moving, is_right=True, reasons=reasons, title=title)
    return page, 409


def _sure_page(
    row: Referral, asked: _Asked, form: SureForm, answer: Quote, moving: Group | None
) -> str:
    file = answer.file
    names = {child.id: with_san(child.name) for child in file.children}
    if moving is not None:
        form.seen.process_data(moving.sequence)
    return render_template(
        "liaison/booking/book.html",
        form=form,
        row=row,
        who=_who(row),
        quoted=answer,
        names=and_all(list(names.values())),
        count=len(names),
        groups=fee_groups(answer.decision.fee, names, minutes=asked.span.minutes),
        purpose=PURPOSE_LABELS[asked.purpose],
        # Without what would help: that was said to families who book by themselves.
        set_aside=[
            sentence(reason, today=clock.today(clock.now())) for reason in answer.decision.overruled
        ],
        moving=moving,
    )


def _booking_page(row: Referral, group_id: uuid.UUID, form: SureForm) -> str:
    session, actor, now = current_session(), current_actor(), clock.now()
    found = on_the_spot.booked(session, row, group_id, actor=actor)
    fee_yen: int | None = None
    if found.live:
        try:
            fees = cancel_fees(session, found, found.live, actor=actor, now=now)
            fee_yen = sum(fee.amount_yen for fee in fees.values())
        except Refusal as refusal:
            form.explain(refusal, _explaining(found))
    return render_template(
        "liaison/booking/show.html",
        form=form,
        row=row,
        who=_who(row),
        group=found,
        booking=found.first,
        names=and_all(list(names_of(found).values())),
        groups=fee_groups(stored_fee(found), names_of(found), minutes=found.span.minutes),
        purpose=PURPOSE_LABELS[found.first.purpose],
        states=STATE_LABELS,
        cancel_fee_yen=fee_yen,
        can_move=bool(found.live) and now < found.first.starts_at,
        is_elsewhere=found.first.family_id != row.family_id,
        has_no_mail=_has_no_mail(session, row),
    )

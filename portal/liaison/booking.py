"""Booking in the interview: times that fit all the children, the word to book, change, cancel."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.bookings.extras import options_words
from portal.bookings.queries.leaving import cancel_fees
from portal.bookings.queries.lists import Group
from portal.bookings.queries.quotes import Quote
from portal.bookings.rules import STATE_LABELS
from portal.bookings.service import NotPlaced
from portal.bookings.use_kinds import UseKind, read_kind, words_of
from portal.bookings.words import and_all, fee_groups, names_of, stored_fee
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.families import queries as families
from portal.kernel import clock
from portal.kernel.errors import Reason, Refusal
from portal.kernel.spans import CELLS, cell_time, span_on
from portal.liaison.booking_forms import SpotForm, SureForm
from portal.liaison.booking_view import (
    Asked,
    choose_page,
    look_form,
    places_page,
    saying,
    sure_page,
    taken_page,
    who_is_meant,
)
from portal.policies.reasons import BookingRefusal
from portal.referrals import on_the_spot, queries
from portal.referrals.models import Referral
from portal.referrals.rules import Side
from portal.referrals.said import in_full
from portal.rulebooks.queries import document_of
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("liaison_booking", __name__, url_prefix="/liaison/referrals/<uuid:referral_id>")


@bp.get("/places")
@requires(Permission.REFER_FAMILIES)
def places(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Show times that fit all the children of a referral, places kept for them first."""
    row = _sent(referral_id)
    moving = _moving(row)
    form = look_form(row)
    if not request.args.get("look"):
        return places_page(row, form, moving=moving)
    if not form.validate():
        return places_page(row, form, moving=moving), 422
    return places_page(row, form, moving=moving, wished=form.wished())


@bp.route("/places/book", methods=["GET", "POST"])
@requires(Permission.REFER_FAMILIES)
def book(referral_id: uuid.UUID) -> ResponseReturnValue:
    """Ask what the rules let a family choose; show what it costs; then book, or move there."""
    row, asked = _sent(referral_id), _asked()
    if asked is None:
        return redirect(url_for(".places", referral_id=referral_id), 303)
    moving, form = _moving(row), SpotForm()
    rules = on_the_spot.rules_at(current_session(), row, asked.programme_id, asked.span.day)
    if moving is None:
        form.offer_at(rules, asked.kind)
    else:  # it keeps what was chosen for it
        form.purpose.process_data(asked.kind.written)
    chooses = moving is None and form.asks
    if chooses and (not form.is_submitted() or form.again.data):
        return choose_page(row, asked, form)
    if form.is_submitted() and not form.validate():
        if chooses:
            return choose_page(row, asked, form), 422
        return taken_page(row, asked, form, moving, ())
    if not form.is_submitted() or (moving is None and form.agreed_fee.data is None):
        return _told_page(row, asked, form, moving)
    return _placed(row, asked, form, moving)


def _placed(
    row: Referral, asked: Asked, form: SpotForm, moving: Group | None
) -> ResponseReturnValue:
    referral_id = row.id
    try:
        with transaction() as session:
            told = {
                "agreed_fee_yen": form.agreed_fee.data,
                "actor": current_actor(),
                "now": clock.now(),
            }
            if moving is None:
                placed = on_the_spot.book(
                    session,
                    referral_id,
                    asked.programme_id,
                    asked.span,
                    choices=form.choices,
                    **told,
                )
                flash(_booked_words(session, row), "ok")
            else:
                placed = on_the_spot.change(
                    session, referral_id, moving.id, asked.span, seen=form.seen.data, **told
                )
                flash(_("予約の日時を変えました。"), "ok")
            to = url_for(".show", referral_id=referral_id, group_id=placed.group_id)
            return see_other(session, to)
    except Refusal as refusal:
        return _refused(_sent(referral_id), asked, form, refusal)


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


def _asked() -> Asked | None:
    """Return the time that the address names, if it names one."""
    programme_id = request.args.get("programme", type=uuid.UUID)
    day = request.args.get("day", type=date.fromisoformat)
    start, end = (request.args.get(name, type=int) for name in ("start", "end"))
    kind = read_kind(request.args.get("purpose", ""))
    if programme_id is None or day is None or kind is None or start is None or end is None:
        return None
    if not 0 <= start < end <= CELLS:
        return None
    return Asked(programme_id, span_on(day, cell_time(start), cell_time(end)), UseKind(kind.type))


def _explaining(found: Group) -> Callable[[Reason], str]:
    """Return how reasons against a booking are said: with the rules that it was made under."""
    document = document_of(current_session(), found.first.rulebook_id)
    return lambda reason: in_full(reason, document)


def _told_page(
    row: Referral, asked: Asked, form: SpotForm, moving: Group | None
) -> ResponseReturnValue:
    """Show what it costs and until when it can be cancelled, or why it cannot be had."""
    answer = on_the_spot.quoted(
        current_session(),
        row,
        asked.programme_id,
        asked.span,
        form.choices,
        actor=current_actor(),
        now=clock.now(),
        moving=moving,
    )
    if isinstance(answer, Quote) and not answer.reasons:
        return sure_page(row, asked, form, answer, moving)
    if isinstance(answer, Quote):
        return _refused(row, asked, form, NotPlaced(answer.reasons, answer.file))
    return _refused(row, asked, form, Refusal(answer))


def _refused(row: Referral, asked: Asked, form: SpotForm, refusal: Refusal) -> ResponseReturnValue:
    """Say why not: beside the choices where another reason of use helps, else beside times."""
    moving, said = _moving(row), saying(refusal)
    codes = {reason.code for reason in refusal.reasons}
    if moving is None and BookingRefusal.FIRST_USE_OTHER_PURPOSE in codes:
        form.explain(refusal, said)
        return choose_page(row, asked, form), 409
    return taken_page(row, asked, form, moving, [said(reason) for reason in refusal.reasons])


def _booking_page(row: Referral, group_id: uuid.UUID, form: SureForm) -> str:
    session, actor, now = current_session(), current_actor(), clock.now()
    found = on_the_spot.booked(session, row, group_id, actor=actor)
    first, rules = found.first, document_of(session, found.first.rulebook_id)
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
        who=who_is_meant(row),
        group=found,
        booking=found.first,
        names=and_all(list(names_of(found).values())),
        groups=fee_groups(stored_fee(found), names_of(found), minutes=found.span.minutes),
        use=words_of(rules, UseKind(first.use_type, first.use_reason), first.purpose),
        chosen=options_words(rules, first.options, children=len(found.shown)),
        states=STATE_LABELS,
        cancel_fee_yen=fee_yen,
        can_move=bool(found.live) and now < found.first.starts_at,
        is_elsewhere=found.first.family_id != row.family_id,
        has_no_mail=_has_no_mail(session, row),
    )

"""Staff tell families: choose, see exactly what they get, send, and see who has read it."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, abort, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.attendance.queries import facilities_of
from portal.db.session import current_session
from portal.db.session import transaction as reading
from portal.documents.i18n import gettext as _
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.messages.letters import Letter, Wanted
from portal.notices import mail, queries, service, words
from portal.notices.calls import open_calls
from portal.notices.forms import NoticeForm, WordsForm
from portal.notices.rules import NoticeKind, NoticeRefusal, NoticeWish, Reached, reasons_against
from portal.slots.queries import own_facility
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.why import in_full
from portal.web.writes import see_other, transaction

bp = Blueprint("office_notices", __name__, url_prefix="/office/notices")

#: What is only known once the words are written does not stand against looking at the rest.
_ABOUT_WORDS = frozenset({NoticeRefusal.TITLE_MISSING, NoticeRefusal.BODY_MISSING})


@bp.get("/")
@requires(Permission.RUN_THE_DAY)
def index() -> ResponseReturnValue:
    """List the notices with how far each has come."""
    session, actor = current_session(), current_actor()
    found = [
        (each, queries.progress(session, each, actor=actor))
        for each in queries.notices_of(session, actor=actor)
    ]
    return render_template("notices/index.html", found=found, **_words())


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def new() -> ResponseReturnValue:
    """Choose what to tell, look at it as families get it, then send."""
    session, actor, now = current_session(), current_actor(), clock.now()
    form = NoticeForm()
    facilities = facilities_of(session, actor)
    form.offer_facilities(facilities)
    if not form.is_submitted():
        asked = request.args.get("facility", type=uuid.UUID)
        form.facility.data = str(asked) if asked else form.facility.data
        form.from_day.process_data(request.args.get("day", type=clock.written_day))
        return _form_page(form)
    if not form.validate_on_submit():
        return _form_page(form), form.status
    wish = form.wish()
    if "send" in request.form:
        with form.explaining(in_full), transaction() as writing:
            sent = service.send_notice(writing, form.facility_id, wish, actor=actor, now=now)
            flash(
                _("%(families)s家庭に知らせました。取り消した予約は %(groups)s件です。")
                % {"families": sent.families, "groups": sent.cancelled}
            )
            return see_other(writing, url_for(".show", notice_id=sent.notice_id))
        return _form_page(form, wish), form.status
    reasons = [
        reason
        for reason in reasons_against(wish, today=clock.today(now))
        if reason.code not in _ABOUT_WORDS
    ]
    if reasons:
        with form.explaining(in_full):
            raise Refusal(reasons)
        return _form_page(form), form.status
    title, body = words.proposed(wish, clock.today(now))
    form.title.data, form.body.data = form.title.data or title, form.body.data or body
    return _form_page(form, form.wish())


def _form_page(form: NoticeForm, wish: NoticeWish | None = None) -> str:
    session, actor, now = current_session(), current_actor(), clock.now()
    shown: dict[str, Any] = {"reach": None, "letter": None}
    if wish is not None:
        facility = own_facility(session, form.facility_id, actor)
        reach = queries.reach_of(session, facility.id, wish, actor=actor, now=now)
        cancels = wish.cancels_bookings and bool(reach.groups)
        letter = _preview(wish, facility, cancels=cancels)
        shown = {"reach": reach, "letter": letter, "cancels": cancels}
    return render_template("notices/new.html", form=form, wish=wish, **shown)


def _preview(wish: NoticeWish, facility: Any, *, cancels: bool) -> Letter:
    """Return the mail as it would go to a family with such a booking."""
    settings = current_app.config["PORTAL"]
    nobody = uuid.UUID(int=0)
    wanted = Wanted(
        id=nobody,
        kind="notices/sent",
        subject_ids=(),
        context={},
        organisation_id=None,
        family_id=None,
        to_user_id=None,
        to_mail="",
        to_name=_("（保護者のお名前）"),
        base_url=settings.base_url,
        is_demo=settings.is_demo,
        now=clock.now(),
    )
    example = (_("・（そのご家庭の予約の日時、人数、受付番号）"),) if cancels else ()
    cancelled = mail.CancelledThere(lines=example)
    return mail.letter(wanted, wish, facility, cancelled=cancelled, url=wanted.url("/n/…"))


@bp.get("/<uuid:notice_id>")
@requires(Permission.RUN_THE_DAY)
def show(notice_id: uuid.UUID) -> ResponseReturnValue:
    """Show who has read it, who was told, and whom to call."""
    return _page(notice_id)


@bp.get("/<uuid:notice_id>/calls")
@requires(Permission.RUN_THE_DAY)
def calls(notice_id: uuid.UUID) -> ResponseReturnValue:
    """Show the families to call as one paper."""
    with reading() as session:
        calls = open_calls(session, notice_id, actor=current_actor())
    return render_template(
        "notices/calls.html",
        notice=calls.notice,
        calls=calls,
        days=words.days_words(calls.notice, clock.today(clock.now())),
        progress=calls.progress,
        now=clock.now(),
        on_screen=True,
    )


@bp.post("/<uuid:notice_id>/remind")
@requires(Permission.MANAGE_PLACES)
def remind(notice_id: uuid.UUID) -> ResponseReturnValue:
    """Write once more to those who have not read it."""
    form = PortalForm()
    with form.explaining(in_full), transaction() as session:
        count = service.remind_unread(session, notice_id, actor=current_actor(), now=clock.now())
        flash(_("まだ読んでいない %(count)s家庭に、もう一度送りました。") % {"count": count})
        return see_other(session, url_for(".show", notice_id=notice_id))
    return _page(notice_id, form), form.status


@bp.post("/families/<uuid:receipt_id>/told")
@requires(Permission.RUN_THE_DAY)
def told(receipt_id: uuid.UUID) -> ResponseReturnValue:
    """Record that a family was told by phone."""
    with transaction() as session:
        found = service.mark_told(session, receipt_id, actor=current_actor(), now=clock.now())
        flash(_("電話で伝えたと記録しました。"))
        return see_other(session, url_for(".show", notice_id=found.id) + "#families")


@bp.route("/<uuid:notice_id>/correct", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def correct(notice_id: uuid.UUID) -> ResponseReturnValue:
    """Send other words to the same families."""
    return _follow(notice_id, NoticeKind.CORRECTION)


@bp.route("/<uuid:notice_id>/reopen", methods=["GET", "POST"])
@requires(Permission.MANAGE_PLACES)
def reopen(notice_id: uuid.UUID) -> ResponseReturnValue:
    """Take the closure back and tell the same families."""
    return _follow(notice_id, NoticeKind.REOPENING)


def _follow(notice_id: uuid.UUID, kind: NoticeKind) -> ResponseReturnValue:
    session, actor, now = current_session(), current_actor(), clock.now()
    found = queries.notice(session, notice_id, actor=actor)
    if kind is NoticeKind.REOPENING and found.kind is not NoticeKind.CLOSURE:
        abort(404)
    form = WordsForm()
    if form.validate_on_submit():
        do = service.correct if kind is NoticeKind.CORRECTION else service.reopen
        with form.explaining(in_full), transaction() as writing:
            sent = do(writing, notice_id, form.title.data, form.body.data, actor=actor, now=now)
            flash(_("%(families)s家庭に知らせました。") % {"families": sent.families})
            return see_other(writing, url_for(".show", notice_id=sent.notice_id))
    elif not form.is_submitted():
        form.title.data, form.body.data = (
            words.proposed_reopening(found, clock.today(now))
            if kind is NoticeKind.REOPENING
            else (found.title, found.body)
        )
    page = render_template(
        "notices/follow.html",
        form=form,
        notice=found,
        kind=kind,
        families=len(queries.progress(current_session(), found, actor=actor).lines),
        **_words(),
    )
    return page, form.status


def _page(notice_id: uuid.UUID, form: PortalForm | None = None) -> str:
    with reading() as session:
        calls = open_calls(session, notice_id, actor=current_actor())
    return render_template(
        "notices/show.html",
        notice=calls.notice,
        calls=calls,
        progress=calls.progress,
        form=form,
        tap=PortalForm(formdata=None),
        Reached=Reached,
        **_words(),
    )


def _words() -> dict[str, Any]:
    on = clock.today(clock.now())
    return {
        "kind_words": words.kind_words,
        "days_words": lambda notice: words.days_words(notice, on),
        "NoticeKind": NoticeKind,
    }

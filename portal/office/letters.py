"""Letters in place of mails: what waits, print one or all, say how they came to the family."""

from __future__ import annotations

import uuid
from datetime import timedelta

from flask import Blueprint, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.db.session import current_session
from portal.db.session import transaction as leaving_a_trace
from portal.documents.i18n import gettext as _
from portal.documents.pdf import PdfUnavailable
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.letters import queries, service
from portal.letters.paper import MOST_AT_ONCE, letters_pdf
from portal.letters.rules import LetterRefusal, Way
from portal.office.letters_forms import WAYS, ChosenForm, PassOnForm
from portal.office.letters_words import kind_words
from portal.web.access import Permission, current_actor, requires
from portal.web.downloads import pdf_answer
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("office_letters", __name__, url_prefix="/office/letters")

#: How long a mark can be taken back from the list.
_SHOWN_FOR = timedelta(days=30)


def _where() -> service.Surroundings:
    settings = current_app.config["PORTAL"]
    return service.Surroundings(settings.base_url, settings.is_demo)


@bp.get("/")
@requires(Permission.RUN_THE_DAY)
def index() -> ResponseReturnValue:
    """List what waits, family by family, and what was passed on in the last thirty days."""
    form = PassOnForm(formdata=None)
    form.propose(clock.today(clock.now()))
    with leaving_a_trace() as session:
        service.close_overtaken(session, actor=current_actor(), now=clock.now(), where=_where())
    return _page(form)


def _page(form: PassOnForm) -> str:
    session, actor, now = current_session(), current_actor(), clock.now()
    waiting = queries.waiting(session, actor=actor)
    form.offer(line.id for line in waiting)
    return render_template(
        "office/letters/index.html",
        waiting=waiting,
        closed=queries.passed_on(session, now - _SHOWN_FOR, actor=actor),
        form=form,
        tap=PortalForm(formdata=None),
        kind_words=kind_words,
        ways={**WAYS, Way.NOT_NEEDED: _("いらなくなった")},
        most=MOST_AT_ONCE,
    )


@bp.post("/print")
@requires(Permission.RUN_THE_DAY)
def write() -> ResponseReturnValue:
    """Write the ticked letters, or all that were not printed yet, and lead to their PDF."""
    actor, now = current_actor(), clock.now()
    chosen = ChosenForm()
    if chosen.validate_on_submit():
        with chosen.explaining(sentence), transaction() as session:
            wanted = _wanted(session, chosen)
            written = service.write(
                session, wanted[:MOST_AT_ONCE], actor=actor, now=now, where=_where()
            )
            _tell(written, left=len(wanted) - MOST_AT_ONCE)
            target = url_for(".index")
            if written.letters:
                target = url_for(".pdf", id=[str(each) for each in written.letters])
            return see_other(session, target)
    return _refused(chosen), chosen.status


def _wanted(session: Session, chosen: ChosenForm) -> list[uuid.UUID]:
    """Return what to print: the ticked letters, or all that were not printed yet, else all."""
    wanted = chosen.chosen
    if request.form.get("all"):
        lines = queries.waiting(session, actor=current_actor())
        fresh = [line.id for line in lines if line.made is None]
        wanted = fresh or [line.id for line in lines]
    if not wanted:
        raise Refusal([LetterRefusal.NOTHING_CHOSEN])
    return wanted


def _refused(sent: ChosenForm) -> str:
    form = PassOnForm(formdata=None)
    form.propose(clock.today(clock.now()))
    form.letters.data = sent.chosen
    form.form_errors = list(sent.form_errors)
    return _page(form)


def _tell(written: service.Written, *, left: int) -> None:
    if written.not_needed:
        flash(
            _("%(count)s通は、予約などが変わっていらなくなったので、印刷していません。")
            % {"count": written.not_needed}
        )
    if written.unwritable:
        flash(
            _("%(count)s通は、文を作れませんでした。電話で伝えてください。")
            % {"count": written.unwritable}
        )
    if left > 0:
        flash(
            _("%(count)s通ずつ印刷します。のこり%(left)s通は、もう一度押すと印刷できます。")
            % {"count": MOST_AT_ONCE, "left": left}
        )


@bp.get("/print.pdf")
@requires(Permission.RUN_THE_DAY)
def pdf() -> ResponseReturnValue:
    """Hand out letters that were written, in one PDF. They wait on until they are passed on."""
    wanted = request.args.getlist("id", type=uuid.UUID)[:MOST_AT_ONCE]
    with leaving_a_trace() as session:
        sheets = service.open_sheets(session, wanted, actor=current_actor())
        is_demo = _where().is_demo
        try:
            data = letters_pdf(sheets, is_demo=is_demo)
        except PdfUnavailable as unavailable:
            page = render_template(
                "office/letters/on_screen.html", sheets=sheets, why=str(unavailable)
            )
            return page, 503
    return pdf_answer(data, f"おたより_{clock.today(clock.now()).isoformat()}", "letters")


@bp.post("/passed-on")
@requires(Permission.RUN_THE_DAY)
def passed_on() -> ResponseReturnValue:
    """Mark the ticked letters as handed over, posted, faxed or told."""
    form, actor, now = PassOnForm(), current_actor(), clock.now()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            count = service.pass_on(
                session,
                form.chosen,
                Way(form.way.data),
                form.day,
                actor=actor,
                now=now,
                where=_where(),
            )
            flash(_("%(count)s通に印をつけました。") % {"count": count})
            return see_other(session, url_for(".index"))
    return _page(form), form.status


@bp.post("/<uuid:letter_id>/undo")
@requires(Permission.RUN_THE_DAY)
def undo(letter_id: uuid.UUID) -> ResponseReturnValue:
    """Take a mark back: the letter waits again."""
    with transaction() as session:
        service.reopen(session, letter_id, actor=current_actor())
        flash(_("印をとりました。もう一度、わたすおたよりに入っています。"))
        return see_other(session, url_for(".index"))

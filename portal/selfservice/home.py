"""A guardian's first page, and how she gets one: by registering herself."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.accounts.entering import forget_wanted_page, wanted_page
from portal.bookings.queries.leaving import late_fee_now
from portal.bookings.queries.lists import Group, coming_groups
from portal.bookings.queries.records import record_rules_for
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.families import expected, queries
from portal.families import service as families
from portal.families.forms import GuardianForm
from portal.families.models import Child
from portal.families.record import due_again
from portal.kernel import clock
from portal.kernel.actor import Actor, Right
from portal.kernel.clock import JST
from portal.notices.queries import received
from portal.notices.words import days_words, said
from portal.preregistration.line import Stage
from portal.preregistration.models import Preregistration
from portal.preregistration.queries import of_family
from portal.preregistration.rules import LIVE, PreregistrationState, has_ended
from portal.selfservice.drafts import unfinished
from portal.selfservice.preregistrations_view import (
    Standing,
    calendar_url,
    first_days,
    standings_of,
)
from portal.visits.queries import family_visits
from portal.visits.words import kind_words, place_words
from portal.web.access import Permission, current_actor, current_person, requires
from portal.web.forms import PortalForm
from portal.web.rights import may_open
from portal.web.writes import see_other, transaction

bp = Blueprint("selfservice", __name__, url_prefix="/my")


#: Stages of an acceptance in which nothing can be booked yet and something is hers to do.
_FIRST_TO_DO = frozenset({Stage.CONDITIONS, Stage.AGREE, Stage.STEP})
_NOT_ACCEPTED = frozenset({Stage.WAIT, Stage.WAIT_FOR_FREE, Stage.ANSWER, Stage.ENDED})
#: The hour of the day (JST) from which each greeting fits.
_GREETINGS = ((18, "こんばんは"), (11, "こんにちは"), (4, "おはようございます"), (0, "こんばんは"))


@bp.get("/")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def home() -> ResponseReturnValue:
    """Show the next stay, where each application stands, and what is asked of the family."""
    session, actor, now = current_session(), current_actor(), clock.now()
    if not actor.has(Right.BOOKINGS):
        return redirect(url_for("selfservice_family.index"), 303)
    children = queries.children(session, _family_of(actor), actor=actor)
    confirmed = queries.confirmed_days(session, [child.id for child in children], actor=actor)
    stays = coming_groups(session, actor=actor, now=now)
    coming, _past = family_visits(session, actor=actor, now=now)
    live = [row for row in of_family(session, actor=actor) if row.state in LIVE]
    unwritten = [child for child in children if child.born_on and child.id not in confirmed]
    if not actor.has(Right.CHILDREN):
        unwritten = []
    today = clock.today(now)
    is_quiet = not children and expected.keeps_quiet(session, actor=actor)
    first = first_days(session, live, on=today)
    standings = standings_of(session, live, actor=actor, now=now)
    can_book = {Stage.BOOK, Stage.RENEWAL_ASKED}
    accepted = [
        row
        for row in live
        if standings[row.id].line.stage in can_book
        and not has_ended(row.state, row.accepted_until, today)
    ]
    if stays:
        forget_wanted_page()
    return render_template(
        "selfservice/home/home.html",
        greeting=_greeting(now),
        coming_visits=coming,
        kind_words=kind_words,
        place_of=place_words,
        children=children,
        unfinished=unfinished(session, actor=actor),
        plain=PortalForm(formdata=None),
        unwritten=unwritten,
        unread=[
            receipt
            for receipt in received(session, actor=actor, now=now)
            if receipt.read_at is None and receipt.notice.withdrawn_at is None
        ],
        days_words=lambda notice: days_words(notice, clock.today(now)),
        said_in=lambda notice: said(notice, clock.today(now)),
        step=None
        if stays or is_quiet or not actor.sees_whole_family
        else _next_step(children, unwritten, live, standings, today=today),
        wanted=wanted_page(),
        calendar_url=calendar_url,
        first_days=first,
        ready=_ready(accepted, {each: one.line.text for each, one in standings.items()}, first),
        running=[row for row in live if row not in accepted],
        standings=standings,
        born_meanwhile=[
            child
            for child in children
            if actor.has(Right.CHILDREN)
            and child.born_on is None
            and child.due_on
            and child.due_on < today
        ],
        next_stay=stays[0] if stays else None,
        late_yen=late_fee_now(session, stays[0], actor=actor, now=now) if stays else None,
        more_stays=len(stays) - 1,
        has_born=any(child.born_on for child in children),
        record_asked=_records_asked(session, children if stays or accepted else (), stays, today),
        tap=PortalForm(formdata=None),
        is_quiet=is_quiet,
        applied={row.child_id for row in live},
        may_children=actor.has(Right.CHILDREN),
        may_homes=may_open("selfservice_homes.index", actor, is_sending=False),
        may_support=may_open("selfservice_support.index", actor, is_sending=False),
    )


def _records_asked(
    session: Session, children: Sequence[Child], stays: Sequence[Group], today: date
) -> dict[uuid.UUID, date]:
    """Return whose record is asked for again, with its day; before a stay on the next day too."""
    actor, tomorrow = current_actor(), today + timedelta(days=1)
    if not actor.has(Right.CHILDREN):
        return {}
    on = tomorrow if any(stay.first.day == tomorrow for stay in stays) else today
    rules = record_rules_for(session, [child.id for child in children], on=on, actor=actor)
    return due_again(session, rules, on=on, actor=actor)


class _Ready(NamedTuple):
    """A facility that has accepted children of the family."""

    name: str
    rows: list[Preregistration]
    #: Whether the same line holds for all of them.
    is_alike: bool
    #: The one whose class the calendar opens at; none where all are too young until the end.
    opens: Preregistration | None


def _ready(
    rows: Sequence[Preregistration],
    said: Mapping[uuid.UUID, str],
    first: Mapping[uuid.UUID, date | None],
) -> list[_Ready]:
    """Put those of one facility together, in the order of the first."""
    found: dict[uuid.UUID, list[Preregistration]] = {}
    for row in rows:
        found.setdefault(row.facility_id, []).append(row)
    return [
        _Ready(
            here[0].facility.name,
            here,
            len({said[row.id] for row in here}) == 1,
            next((row for row in here if _opens(row, first[row.id])), None),
        )
        for here in found.values()
    ]


def _opens(row: Preregistration, first: date | None) -> bool:
    return first is None or row.accepted_until is None or first <= row.accepted_until


class _Step(NamedTuple):
    """What brings the family nearer to its first booking."""

    label: str
    href: str
    words: str


def _next_step(
    children: Sequence[Child],
    unwritten: Sequence[Child],
    applications: Sequence[Preregistration],
    standings: Mapping[uuid.UUID, Standing],
    *,
    today: date,
) -> _Step | None:
    """Return the one next thing to do, or ``None`` where the family can book already."""
    states = {
        row.state for row in applications if not has_ended(row.state, row.accepted_until, today)
    }
    if PreregistrationState.ACCEPTED in states:
        return _before_use(applications, standings)
    if not children:
        url = url_for("selfservice_children.new")
        return _Step(
            _("お子さんを登録する"), url, _("お子さんを登録してください。2分ほどで終わります。")
        )
    all_url = url_for("selfservice_preregistrations.index")
    if PreregistrationState.ASKED_BACK in states:
        return _Step(_("質問を読んで答える"), all_url, _("園から質問があります。"))
    if unwritten:
        url = url_for("selfservice_children.record", child_id=unwritten[0].id)
        if unwritten[0].id in {row.child_id for row in applications}:
            words = _("申し込んだ園が、お子さんを預かるために読みます。3分ほどで終わります。")
        else:
            words = _("お子さんの体のことを書きます。園に申し込むときに要ります。3分ほどです。")
        return _Step(_("体のことを書く"), url, words)
    if PreregistrationState.APPLIED in states:
        lines = [standings[row.id].line for row in applications if row.id in standings]
        step = next((line.text for line in lines if line.stage is Stage.STEP), None)
        return _Step(
            _("申し込みのようすを見る"),
            all_url,
            step or _("園の返事を待っています。返事のあと、予約できます。"),
        )
    if any(child.born_on for child in children):
        words = _("使いたい園に、事前登録を申し込みます。返事のあと、予約できます。")
    else:
        words = _("生まれる前から、園に申し込めます。園の返事は、生まれてからです。")
    return _Step(_("園をさがす"), url_for("public.facilities"), words)


def _before_use(
    applications: Sequence[Preregistration], standings: Mapping[uuid.UUID, Standing]
) -> _Step | None:
    """Return what an accepted family must do first; ``None`` where one child can be booked."""
    lines = {row.id: standings[row.id].line for row in applications}
    if any(line.stage not in _FIRST_TO_DO | _NOT_ACCEPTED for line in lines.values()):
        return None
    for row_id, line in lines.items():
        if line.stage in _FIRST_TO_DO:
            url = url_for("selfservice_preregistrations.show", preregistration_id=row_id)
            return _Step(_("次にすることを見る"), url, line.text)
    return None


def _greeting(now: datetime) -> str:
    hour = now.astimezone(JST).hour
    return next(_(words) for since, words in _GREETINGS if hour >= since)


def _family_of(actor: Actor) -> uuid.UUID:
    if actor.family_id is None:
        raise RuntimeError("the permission lets only guardians with a family in")
    return actor.family_id


@bp.route("/register", methods=["GET", "POST"])
@requires(Permission.BE_GUARDIAN)
def register() -> ResponseReturnValue:
    """Let a guardian register herself; her children come next."""
    actor, person = current_actor(), current_person()
    if actor.family_id is not None:
        return redirect(url_for("selfservice.home"), 303)
    form = GuardianForm()
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as session:
            families.register_family(session, form.details(), actor=actor, now=clock.now())
            flash(_("登録しました。次は、お子さんのことを入れてください。"))
            return see_other(session, url_for("selfservice_children.new"))
    elif not form.is_submitted() and person is not None:
        form.name.data = person.name
    return render_template("selfservice/home/register.html", form=form), form.status

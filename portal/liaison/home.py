"""The home page of municipality, family center and consultation offices: what is to do today."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.db.session import current_session
from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.facilities.claims import claims_to_decide
from portal.facilities.queries import recent_imports
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.kernel.clock import local_date
from portal.liaison.cases_to_do import cases_to_do
from portal.liaison.interviews_view import UNFINISHED_FOR
from portal.liaison.places import free_places, sign_words
from portal.referrals import queries
from portal.referrals.ground_todo import grounds_to_do
from portal.referrals.todo import received_to_do, sent_to_do
from portal.reports.queries import reported_facilities
from portal.reports.rules import Month
from portal.slots.classes import CLASSES, ClassChoice
from portal.web.access import Permission, current_actor, may, requires
from portal.web.todo import ToDo

bp = Blueprint("liaison_home", __name__, url_prefix="/liaison")

#: The class most asked for, until somebody chooses.
_USUAL_CLASS = 1
#: Until this day of a month the report of the month before stands among what is to do.
_REPORT_UNTIL = 15


@bp.get("/")
@requires(Permission.ADVISE_FAMILIES)
def index() -> ResponseReturnValue:
    """Show what waits, and where families could go in the coming days. Public data and counts."""
    session, actor, now = current_session(), current_actor(), clock.now()
    age = request.args.get("class", _USUAL_CLASS, type=int)
    if age not in CLASSES:
        abort(404)
    choices = [ClassChoice(each, each) for each in CLASSES]
    class_links = [
        {
            "label": choice.label,
            "href": f"{url_for('.index')}?class={choice.youngest}#places-h",
            "current": choice.youngest == age,
        }
        for choice in choices
    ]
    is_city = actor.role is Role.LIAISON
    return render_template(
        "liaison/home/index.html",
        items=[
            *cases_to_do(session, actor=actor, now=now),
            *grounds_to_do(session, actor=actor, now=now),
            *sent_to_do(session, actor=actor, now=now),
            *_to_go_on(session, actor, now),
            *(() if is_city else received_to_do(session, actor=actor, now=now)),
            *(_to_do(session, actor, now) if is_city else ()),
        ],
        is_city=is_city,
        found=free_places(session, age, actor=actor, now=now),
        born=choices[age].born_between(clock.today(now)),
        class_links=class_links,
        sign_words=sign_words,
        now=now,
    )


def _to_go_on(session: Session, actor: Actor, now: datetime) -> Iterator[ToDo]:
    """Yield the interviews that were begun and not sent, where the actor's body refers."""
    if not may(Permission.REFER_FAMILIES):
        return
    since = clock.today(now) - UNFINISHED_FOR
    begun = [row for row, _guardian in queries.unfinished(session, actor=actor, since=since)]
    if begun:
        yield ToDo(
            _("まだ送っていない面談（続きを書いて送ります）"),
            _("%(count)s件") % {"count": len(begun)},
            f"{url_for('liaison_referrals.index')}#unfinished-h",
            _("いちばん前は %(day)s の面談です")
            % {"day": jdate(min(row.held_on for row in begun), clock.today(now))},
        )


def _to_do(session: Session, actor: Actor, now: datetime) -> Iterator[ToDo]:
    """Return what waits for a municipality's staff."""
    on = clock.today(now)
    claims = claims_to_decide(session, actor=actor)
    if claims:
        yield ToDo(
            _("園長がえらんだ園の確認"),
            _("%(count)s件") % {"count": len(claims)},
            url_for("liaison_providers.index"),
            _("%(day)s から") % {"day": jdate(local_date(claims[0].asked_at), on)},
        )
    imports = [row[0] for row in recent_imports(session)]
    untaken = [one for one in imports if one.applied_at is None]
    if untaken:
        oldest = min(local_date(one.created_at) for one in untaken)
        yield ToDo(
            _("見ただけで、まだ取り込んでいない施設の一覧"),
            _("%(count)s件") % {"count": len(untaken)},
            url_for("liaison_imports.preview", import_id=untaken[0].id),
            _("%(day)s から") % {"day": jdate(oldest, on)},
        )
    elif not imports:
        yield ToDo(
            _("施設の一覧が、まだありません"),
            _("取り込みます"),
            url_for("liaison_imports.index"),
            _("公開している一覧（CSV）を、そのまま使えます"),
        )
    facilities = reported_facilities(session, actor=actor)
    if facilities and on.day <= _REPORT_UNTIL:
        last = Month.of(on).previous
        yield ToDo(
            _("%(month)s月の実施状況がそろいました") % {"month": last.number},
            _("%(count)s施設") % {"count": len(facilities)},
            url_for("reports.month", month=str(last)),
            _("%(day)s から見られます") % {"day": jdate(last.next.first_day, on)},
        )

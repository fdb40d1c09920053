"""The way from referral to first use in counts: charts with their tables, CSV and XLSX."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date
from typing import cast

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.db.session import current_session
from portal.documents.csv_files import Encoding, csv_bytes
from portal.documents.i18n import gettext as _
from portal.documents.xlsx_files import Kind, xlsx_bytes
from portal.facilities.models import Facility
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.clock import local_date
from portal.organisations.models import Organisation
from portal.referrals import figures, queries
from portal.referrals.figures import Figures, Sent
from portal.referrals.models import Referral
from portal.referrals.rules import WAY, ReferralState
from portal.web.access import Permission, current_actor, requires
from portal.web.downloads import csv_answer, xlsx_answer
from portal.web.writes import transaction

bp = Blueprint("liaison_figures", __name__, url_prefix="/liaison/figures")

#: How many months are shown, this one among them.
_MONTHS = 12
_S = ReferralState


def step_words(step: ReferralState) -> str:
    """Return a step of the way, as tables and charts name it."""
    return {
        _S.SENT: _("紹介した"),
        _S.RECEIVED: _("園が受け取った"),
        _S.IN_CONTACT: _("園が連絡した"),
        _S.VISITED: _("見学・面談に来た"),
        _S.REGISTERED: _("登録した"),
        _S.USED: _("はじめて使った"),
    }[step]


@bp.get("/")
@requires(Permission.REFER_FAMILIES)
def index() -> ResponseReturnValue:
    """Show how far the families came whom this body referred in the last twelve months."""
    session, actor = current_session(), current_actor()
    since, sent = _sent(session, actor)
    places = figures.by_place(sent)
    names = _names(session, places)
    return render_template(
        "liaison/figures/index.html",
        since=since,
        now=clock.now(),
        total=figures.figures(figures.ways(sent)),
        places=sorted(
            ((names.get(place, ""), found) for place, found in places.items()),
            key=lambda one: (-one[1].families, one[0]),
        ),
        months=list(figures.by_month(sent).items()),
        step_words=step_words,
        steps=WAY,
    )


@bp.get("/figures.<any(csv, xlsx):ending>")
@requires(Permission.REFER_FAMILIES)
def file(ending: str) -> ResponseReturnValue:
    """Hand out the counts by place and month; CSV as UTF-8 with BOM or CP932."""
    encoding = request.args.get("encoding", "utf-8-sig")
    if encoding not in {"utf-8-sig", "cp932"}:
        abort(404)
    actor = current_actor()
    with transaction() as session:
        _since, sent = _sent(session, actor)
        found = figures.by_place_and_month(sent)
        names = _names(session, [place for place, _month in found])
        record(session, actor, f"referrals.figures_{ending}", rows=len(found))
    rows = sorted(_row(names.get(place, ""), month, each) for (place, month), each in found.items())
    head = [
        _("園・窓口"),
        _("月"),
        *(step_words(step) for step in WAY),
        _("途中"),
        _("使わずに終わった"),
        _("使うまでの日数（中央値）"),
    ]
    name, plain = _("紹介から利用まで"), "referral-figures"
    if ending == "xlsx":
        kinds = [Kind.TEXT, Kind.TEXT, *[Kind.NUMBER] * (len(head) - 2)]
        return xlsx_answer(xlsx_bytes(name, head, rows, kinds), name, plain)
    return csv_answer(csv_bytes(head, rows, cast("Encoding", encoding)), name, plain)


def _row(name: str, month: date, of: Figures) -> tuple[str, ...]:
    return (
        name,
        f"{month:%Y-%m}",
        *(str(count) for _step, count in of.reached),
        str(sum(count for _step, count in of.waiting)),
        str(sum(count for _step, count in of.ended)),
        "" if of.median_days is None else f"{of.median_days:g}",
    )


def _sent(session: Session, actor: Actor) -> tuple[date, list[Sent]]:
    """Return what this body sent since the first day of the earliest month shown."""
    since = clock.today(clock.now()).replace(day=1)
    for _number in range(_MONTHS - 1):
        since = since.replace(
            year=since.year - (since.month == 1), month=(since.month - 2) % 12 + 1
        )
    every = (_counted(row) for row in queries.sent_by_us(session, actor=actor))
    return since, [one for one in every if one.reached[_S.SENT] >= since]


def _counted(row: Referral) -> Sent:
    moments = {
        _S.SENT: row.sent_at,
        _S.RECEIVED: row.received_at,
        _S.IN_CONTACT: row.contacted_at,
        _S.VISITED: row.visited_at,
        _S.REGISTERED: row.registered_at,
        _S.USED: row.used_at,
    }
    return Sent(
        row.family_id,
        row.facility_id or row.receiver_id,
        {step: local_date(at) for step, at in moments.items() if at is not None},
        is_open=queries.is_standing(row),
    )


def _names(
    session: Session, places: Sequence[uuid.UUID] | dict[uuid.UUID, Figures]
) -> dict[uuid.UUID, str]:
    wanted = set(places)
    found = {
        row.id: row.name
        for row in session.scalars(select(Organisation).where(Organisation.id.in_(wanted)))
    }
    found.update(
        {
            row.id: row.name
            for row in session.scalars(select(Facility).where(Facility.id.in_(wanted)))
        }
    )
    return found

"""The operator's home page: how the machine is, in counts; nothing of families."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, current_app, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from portal.db.session import current_session
from portal.documents import pdf
from portal.documents.dates import jdatetime
from portal.documents.i18n import gettext as _
from portal.facilities.models import Facility
from portal.facilities.queries import facilities_run_by
from portal.kernel import clock
from portal.organisations.models import Organisation
from portal.organisations.rules import OrganisationKind
from portal.web.access import Permission, requires
from portal.web.todo import ToDo

bp = Blueprint("operator_home", __name__, url_prefix="/operator")

#: A mail or a job that waits for longer than this is late.
LATE = timedelta(minutes=15)
#: A worker that was silent for so long counts as away.
SILENT = timedelta(minutes=2)
#: Below this share of free space the disk is told to be full.
LEAST_FREE = 0.1
#: Where the entry point leaves what ``portal doctor`` would say: label and sentence of what lacks.
DOCTOR = "DOCTOR"

_FIGURES = text("SELECT * FROM operator_figures()")
_MAILS_FAILED = text("SELECT * FROM operator_mails_failed()")
_JOBS = text("""
    SELECT count(*) FILTER (WHERE status = 'todo' AND scheduled_at < :late) AS late,
           min(scheduled_at) FILTER (WHERE status = 'todo' AND scheduled_at < :late) AS late_since,
           count(*) FILTER (WHERE status = 'failed') AS failed,
           (SELECT max(last_heartbeat) FROM jobs.procrastinate_workers) AS heartbeat
      FROM jobs.procrastinate_jobs""")


@bp.get("/")
@requires(Permission.OPERATE_PORTAL)
def index() -> ResponseReturnValue:
    """Show what the machine lacks, what is late, and who uses the portal."""
    session, now = current_session(), clock.now()
    figures = session.execute(_FIGURES).one()
    jobs = session.execute(_JOBS, {"late": now - LATE}).one()
    disk = shutil.disk_usage(current_app.root_path)
    items = [*_of_mail(figures, now), *_of_jobs(jobs, now), *_of_machine(disk.free / disk.total)]
    return render_template(
        "operator/index.html",
        items=items,
        figures=figures,
        failed=_failed_by_body(session) if figures.mails_failed else [],
        bodies=_bodies(session),
        facilities=session.scalar(
            select(func.count()).select_from(Facility).where(Facility.published_at.is_not(None))
        ),
        disk_free=_gigabytes(disk.free),
        disk_total=_gigabytes(disk.total),
        heartbeat=jobs.heartbeat,
    )


def _of_mail(figures: Row[tuple[object, ...]], now: datetime) -> Iterator[ToDo]:
    today = clock.today(now)
    if figures.mails_waiting_since and now - figures.mails_waiting_since > LATE:
        yield ToDo(
            _("送れずに待っているメール"),
            _("%(count)s通") % {"count": figures.mails_waiting},
            url_for("operator_home.index") + "#mail-h",
            _("%(at)s から。メールのサーバーとワーカーをたしかめます")
            % {"at": jdatetime(figures.mails_waiting_since, today)},
            is_urgent=True,
        )
    if figures.mails_failed:
        yield ToDo(
            _("届かなかったメール（園が電話で伝えます）"),
            _("%(count)s通") % {"count": figures.mails_failed},
            url_for("operator_home.index") + "#mail-h",
            _("%(at)s から") % {"at": jdatetime(figures.mails_failed_since, today)},
        )


def _of_jobs(jobs: Row[tuple[object, ...]], now: datetime) -> Iterator[ToDo]:
    here = url_for("operator_home.index") + "#machine-h"
    today = clock.today(now)
    if jobs.heartbeat is None or now - jobs.heartbeat > SILENT:
        last = jdatetime(jobs.heartbeat, today) if jobs.heartbeat else _("まだ一度もありません")
        yield ToDo(
            _("ワーカーが動いていません"),
            _("portal worker を起動します"),
            here,
            _("最後の合図：%(at)s") % {"at": last},
            is_urgent=True,
        )
    if jobs.late:
        yield ToDo(
            _("おくれている仕事"),
            _("%(count)s件") % {"count": jobs.late},
            here,
            _("%(at)s から") % {"at": jdatetime(jobs.late_since, today)},
            is_urgent=True,
        )
    if jobs.failed:
        yield ToDo(
            _("失敗した仕事"),
            _("%(count)s件") % {"count": jobs.failed},
            here,
            _("記録（ログ）に理由があります"),
        )


def _of_machine(free_share: float) -> Iterator[ToDo]:
    here = url_for("operator_home.index") + "#machine-h"
    if free_share < LEAST_FREE:
        yield ToDo(
            _("ディスクの空きが少なくなっています"),
            _("残り %(percent)s%%") % {"percent": int(free_share * 100)},
            here,
            is_urgent=True,
        )
    if not pdf.is_available():
        yield ToDo(_("PDFを作れません"), _("Pango を入れます"), here, "portal doctor")
    doctor: Callable[[], Sequence[tuple[str, str]]] | None = current_app.config.get(DOCTOR)
    for label, words in doctor() if doctor is not None else ():
        yield ToDo(label, words, here, "portal doctor")


@dataclass(frozen=True, slots=True)
class _Failed:
    """Mails of one body that did not arrive and that nobody there has seen to."""

    #: None for mails of no body, such as those of signing up.
    body: Organisation | None
    facilities: Sequence[Facility]
    mails: int
    since: datetime


def _failed_by_body(session: Session) -> list[_Failed]:
    """Return who has to be reminded, the longest wait first."""
    rows = session.execute(_MAILS_FAILED).all()
    ids = [row.organisation_id for row in rows if row.organisation_id is not None]
    bodies = {
        one.id: one for one in session.scalars(select(Organisation).where(Organisation.id.in_(ids)))
    }
    run_by = facilities_run_by(session, ids)
    found = [
        _Failed(
            bodies.get(row.organisation_id),
            run_by.get(row.organisation_id, ()),
            row.mails,
            row.since,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: one.since)


def _bodies(session: Session) -> dict[OrganisationKind, int]:
    found = session.execute(select(Organisation.kind, func.count()).group_by(Organisation.kind))
    return {row[0]: row[1] for row in found}


def _gigabytes(count: int) -> int:
    return count // 1024**3

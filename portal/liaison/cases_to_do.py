"""What of cases waits today at a body that was told; counts and limits, never names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from portal.documents.i18n import gettext as _
from portal.kernel.actor import Actor
from portal.noshow.queries import Waiting, inbox, is_overdue
from portal.noshow.words import until_words
from portal.referrals.rules import Urgency
from portal.web.todo import ToDo


def cases_to_do(session: Session, *, actor: Actor, now: datetime) -> Iterator[ToDo]:
    """Yield what waits, each kind once; nothing of what was told is read for it."""
    found = inbox(session, actor, now)
    if found.new:
        first = min(each.latest.due_at for each in found.new)
        yield _todo(
            _("園から届いた来園なし・心配（受け取ります）"),
            found.new,
            until_words(first, now),
            is_urgent=any(
                each.case.urgency is Urgency.URGENT or is_overdue(each, now) for each in found.new
            ),
        )
    undecided = [
        each
        for each in found.waiting_for_step
        if any(report.done_at is None for report in each.reports)
    ]
    if undecided:
        yield _todo(_("受け取った件の、次の支援を決めます"), undecided, is_urgent=True)
    late = [each for each in found.under_way if is_overdue(each, now)]
    if late:
        yield _todo(_("次の支援の期限をすぎた件"), late, is_urgent=True, show="watched")


def _todo(
    what: str,
    waiting: Sequence[Waiting],
    since: str = "",
    *,
    is_urgent: bool,
    show: str | None = None,
) -> ToDo:
    return ToDo(
        what,
        _("%(count)s件") % {"count": len(waiting)},
        url_for("liaison_cases.index", show=show),
        since,
        is_urgent=is_urgent,
    )

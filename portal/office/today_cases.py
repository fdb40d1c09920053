"""What of cases waits for staff: calls to make, others to tell, answers that do not come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from flask import url_for
from sqlalchemy.orm import Session

from portal.documents.i18n import gettext as _
from portal.kernel.actor import Actor
from portal.noshow import queries
from portal.noshow.models import CareCase
from portal.noshow.rules import CaseKind, CaseState
from portal.noshow.words import until_words
from portal.web.access import Permission, may
from portal.web.todo import ToDo


def cases_to_do(session: Session, *, actor: Actor, now: datetime) -> Iterator[ToDo]:
    """Yield what waits, each kind once: numbers and limits, never names."""
    if not may(Permission.HANDLE_CASES):
        return
    open_ones = queries.open_cases(session, actor=actor)
    if not may(Permission.KNOW_SUPPORT):
        open_ones = [of for of in open_ones if of.is_to_be_checked]
    to_check = [of for of in open_ones if of.state is CaseState.SUSPECTED]
    if to_check:
        first = min(of.due_at for of in to_check)
        yield _todo(
            _("来なかったお子さんのご家庭に、電話します"),
            to_check,
            until_words(first, now),
            is_urgent=True,
        )
    if not may(Permission.KNOW_SUPPORT):
        return
    to_tell = [
        of
        for of in open_ones
        if of.state is CaseState.CHECKED
        and (of.referral_id is not None or of.kind is CaseKind.WORRY)
    ]
    if to_tell:
        yield _todo(_("紹介したところなどに、知らせます"), to_tell, is_urgent=True)
    unanswered = queries.without_answer(session, actor=actor, now=now)
    if unanswered:
        yield _todo(_("知らせたのに、返事がおくれている件"), unanswered, is_urgent=True)
    to_close = [
        of
        for of in open_ones
        if of.state is CaseState.EXCUSED or (of.state is CaseState.CHECKED and of not in to_tell)
    ]
    if to_close:
        yield _todo(_("来園なしで、閉じられる件"), to_close)


def _todo(
    what: str, cases: Sequence[CareCase], since: str = "", *, is_urgent: bool = False
) -> ToDo:
    href = (
        url_for("office_cases.show", case_id=cases[0].id)
        if len(cases) == 1
        else url_for("office_cases.index")
    )
    return ToDo(what, _("%(count)s件") % {"count": len(cases)}, href, since, is_urgent=is_urgent)

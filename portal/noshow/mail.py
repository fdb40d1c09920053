"""Mails about cases, to staff and to those who were told: a number and a link, never a name."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from portal.db.session import current_actor
from portal.documents.i18n import gettext as _
from portal.messages.letters import Letter, MailMaker, Wanted, write
from portal.noshow import queries
from portal.noshow.models import CareCase, CaseReport
from portal.noshow.rules import CaseState

_PROVIDER_PAGE = "/office/cases/{id}"
_RECEIVER_PAGE = "/liaison/cases/{id}"


def _find(session: Session, wanted: Wanted) -> tuple[CareCase, list[CaseReport]] | None:
    """Return the case, and what this receiver's body was told of it; nothing once it is closed."""
    actor = current_actor()
    try:
        of = queries.case(session, wanted.subject_ids[0], actor=actor)
    except NoResultFound:
        return None
    if of.state is CaseState.CLOSED:
        return None
    told = queries.reports(session, of.id, actor=actor)
    return of, [each for each in told if each.receiver_id == actor.organisation_id]


def _letter(wanted: Wanted, of: CareCase, subject: str) -> Letter:
    is_own = of.organisation_id == current_actor().organisation_id
    page = (_PROVIDER_PAGE if is_own else _RECEIVER_PAGE).format(id=of.id)
    return write(
        wanted,
        subject % {"number": of.number},
        case=of,
        is_own=is_own,
        page_url=wanted.url(page),
    )


def _to_provider(
    subject: str, is_wanted: Callable[[CareCase], bool] = lambda _of: True
) -> MailMaker:
    def make(session: Session, wanted: Wanted) -> Letter | None:
        found = _find(session, wanted)
        if found is None or not is_wanted(found[0]):
            return None
        return _letter(wanted, found[0], _(subject))

    return make


def _to_receiver(subject: str, is_wanted: Callable[[CaseReport], bool]) -> MailMaker:
    def make(session: Session, wanted: Wanted) -> Letter | None:
        found = _find(session, wanted)
        if found is None or not any(is_wanted(each) for each in found[1]):
            return None
        return _letter(wanted, found[0], _(subject))

    return make


def _is_unread(report: CaseReport) -> bool:
    return report.acknowledged_at is None


def _has_open_step(report: CaseReport) -> bool:
    return report.next_step_on is not None and report.done_at is None


MAILS: dict[str, MailMaker] = {
    "noshow/alert": _to_receiver("【来園なし】紹介されたご家庭（番号 %(number)s）", _is_unread),
    "noshow/reported": _to_receiver(
        "【受け取りのお願い】園からの連絡（番号 %(number)s）", _is_unread
    ),
    "noshow/overdue_answer": _to_receiver(
        "【受け取りがまだです】園からの連絡（番号 %(number)s）", _is_unread
    ),
    "noshow/step_overdue": _to_receiver(
        "【期限をすぎました】次の支援（番号 %(number)s）", _has_open_step
    ),
    "noshow/overdue_check": _to_provider(
        "【確かめてください】来園なし（番号 %(number)s）",
        lambda of: of.state is CaseState.SUSPECTED,
    ),
    "noshow/no_answer": _to_provider("【返事がありません】知らせた件（番号 %(number)s）"),
    "noshow/answered": _to_provider("【返事がありました】知らせた件（番号 %(number)s）"),
}

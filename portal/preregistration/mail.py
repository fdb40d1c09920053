"""What the mails of a pre-registration say: where it stands, what comes next; no child's name."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portal.db.session import current_actor
from portal.documents.i18n import gettext as _
from portal.documents.wording.step_names import STEP_NAMES
from portal.families.mail import names_on_paper
from portal.families.queries import confirmed_days
from portal.families.rules import EndedKind
from portal.kernel.age import fiscal_year
from portal.kernel.clock import today
from portal.messages.letters import Letter, MailMaker, Wanted, write
from portal.policies.registration import NO_END
from portal.preregistration.elsewhere import Elsewhere, elsewhere
from portal.preregistration.line import family_agrees_first, free_words
from portal.preregistration.models import Preregistration, PreregistrationMessage
from portal.preregistration.places import ahead_of_family
from portal.preregistration.rules import LIVE, WITH_WORDS, PreregistrationState, has_ended
from portal.preregistration.steps import rule_of
from portal.preregistration.terms import terms_of
from portal.preregistration.where import where_she_stands

_PAGES = "/my/preregistrations"
_S = PreregistrationState


def _find(session: Session, ids: tuple[uuid.UUID, ...]) -> list[Preregistration]:
    return list(
        session.scalars(
            select(Preregistration)
            .options(joinedload(Preregistration.facility), joinedload(Preregistration.child))
            .where(Preregistration.id.in_(ids))
            .order_by(Preregistration.applied_at, Preregistration.id)
        )
    )


def _letter(
    session: Session,
    wanted: Wanted,
    subject: str,
    *states: PreregistrationState,
    still: Callable[[Preregistration], bool] = lambda _row: True,
) -> Letter | None:
    """Return the letter while the application still stands where the mail says, else ``None``."""
    rows = [row for row in _find(session, wanted.subject_ids) if row.state in states and still(row)]
    if not rows:
        return None
    facility = rows[0].facility
    rule = terms_of(session, facility.id, today(wanted.now)).rule
    page = f"{_PAGES}/{rows[0].id}" if len(rows) == 1 else f"{_PAGES}/"
    return write(
        wanted,
        subject % {"facility": facility.name},
        contact_line=" ".join(filter(None, (facility.name, facility.phone))),
        facility_id=facility.id,
        children_names=names_on_paper(wanted, (row.child for row in rows)),
        facility_words=_said_on_paper(session, wanted, rows[0]),
        elsewhere=_elsewhere_on_paper(session, wanted, rows[0]),
        told_of=len(rows),
        has_others=_has_others(session, rows),
        facility_name=facility.name,
        facility_phone=facility.phone,
        until=_until(rows[0]),
        answer_by=rows[0].answer_by,
        is_expected=all(row.child.born_on is None for row in rows),
        has_conditions=any(row.has_conditions for row in rows),
        agrees_first=any(family_agrees_first(row, rule) for row in rows),
        applied_at=rows[0].applied_at,
        waits=_waits(session, rows[0]),
        step=_step_before_use(session, rows, today(wanted.now)),
        page_url=wanted.url(page),
        booking_url=wanted.url(f"/facilities/{facility.id}"),
        record_url=wanted.url("/my/"),
    )


def _waits(session: Session, row: Preregistration) -> str:
    """Return where she stands among those who wait, in words; empty where she does not wait."""
    if row.state is not _S.WAITING:
        return ""
    ahead = ahead_of_family(session, [row.id]).get(row.id)
    return "" if ahead is None else free_words(ahead)


def _step_before_use(session: Session, rows: list[Preregistration], on: date) -> str:
    """Return what all children told of still do before they can be booked; empty: nothing."""
    rule = rule_of(session, rows[0].facility_id, on, actor=current_actor())
    following = [where_she_stands(row, rule).step for row in rows if row.state is _S.ACCEPTED]
    return _(STEP_NAMES[following[0].value]) if following and following[0] else ""


def _said_on_paper(session: Session, wanted: Wanted, row: Preregistration) -> str:
    """Return what the facility wrote last: a mail leads to it, a letter has to say it."""
    if not wanted.is_paper:
        return ""
    message = PreregistrationMessage
    last = session.scalars(
        select(message)
        .where(message.preregistration_id == row.id, message.is_from_family.is_(False))
        .order_by(message.written_at.desc(), message.id)
        .limit(1)
    ).first()
    return (last.text or "") if last is not None else ""


def _elsewhere_on_paper(session: Session, wanted: Wanted, row: Preregistration) -> Elsewhere | None:
    """Return what else there is for a child that was declined: the page says it to the others."""
    if not wanted.is_paper or row.state is not _S.DECLINED:
        return None
    return elsewhere(session, row, today(wanted.now))


def _has_others(session: Session, rows: list[Preregistration]) -> bool:
    """Say whether the family hears of other children at the facility by mails of their own."""
    row = rows[0]
    just_now = (row.decided_at or row.applied_at) - timedelta(days=1)
    other = select(Preregistration.id).where(
        Preregistration.family_id == row.family_id,
        Preregistration.facility_id == row.facility_id,
        Preregistration.id.not_in([each.id for each in rows]),
        Preregistration.state.in_(LIVE),
        or_(
            Preregistration.state != PreregistrationState.ACCEPTED,
            Preregistration.decided_at > just_now,
        ),
    )
    return session.scalar(other.limit(1)) is not None


def _until(row: Preregistration) -> date | None:
    """Return the last day to tell; ``None`` where there is none."""
    return None if row.accepted_until in {None, NO_END} else row.accepted_until


def received(session: Session, wanted: Wanted) -> Letter | None:
    """Say that the application has arrived, and by when the facility answers."""
    subject = _("%(facility)sへの事前登録を受け付けました")
    return _letter(session, wanted, subject, _S.APPLIED)


def asked_back(session: Session, wanted: Wanted) -> Letter | None:
    """Say that the facility has a question, not which: that stands behind the sign-in."""
    subject = _("%(facility)sから質問があります")
    return _letter(session, wanted, subject, _S.ASKED_BACK)


def waiting(session: Session, wanted: Wanted) -> Letter | None:
    """Say that all registrations are taken, and that the line is kept."""
    subject = _("%(facility)sの事前登録の空きを待っています")
    return _letter(session, wanted, subject, _S.WAITING)


def accepted(session: Session, wanted: Wanted) -> Letter | None:
    """Say that booking is possible, or what is still to be read first, and until when."""
    rows = _find(session, wanted.subject_ids)
    subject = _("%(facility)sの事前登録がすみました")
    if any(row.has_conditions for row in rows):
        subject = _("%(facility)sの事前登録がすみました（園からの条件があります）")
    return _letter(session, wanted, subject, _S.ACCEPTED)


def declined(session: Session, wanted: Wanted) -> Letter | None:
    """Say that the facility cannot accept; why stands behind the sign-in."""
    subject = _("%(facility)sの事前登録について")
    return _letter(session, wanted, subject, _S.DECLINED)


def withdrawn(session: Session, wanted: Wanted) -> Letter | None:
    """Confirm that the application, or the registration, has ended as the family wished."""
    subject = _("%(facility)sの事前登録の取り下げを受け付けました")

    def goes_on(row: Preregistration) -> bool:
        # Of a child that was closed since, nothing is said any more; one registered twice is there.
        return row.child.ended_kind in {None, EndedKind.ENTERED_TWICE}

    return _letter(session, wanted, subject, _S.WITHDRAWN, still=goes_on)


def word(session: Session, wanted: Wanted) -> Letter | None:
    """Say that the facility wrote something, not what."""
    subject = _("%(facility)sからことばが届いています")
    return _letter(session, wanted, subject, *WITH_WORDS)


def renew(session: Session, wanted: Wanted) -> Letter | None:
    """Say until when the registration holds, and how it goes on."""
    subject = _("%(facility)sの事前登録を続けますか")
    on = today(wanted.now)

    def may_go_on(row: Preregistration) -> bool:
        return row.renewal_asked_at is None and not has_ended(row.state, row.accepted_until, on)

    return _letter(session, wanted, subject, _S.ACCEPTED, still=may_go_on)


def extended(session: Session, wanted: Wanted) -> Letter | None:
    """Say that the registration goes on, and until when."""
    subject = _("%(facility)sの事前登録が続きます")
    return _letter(session, wanted, subject, _S.ACCEPTED)


def record_asked(session: Session, wanted: Wanted) -> Letter | None:
    """Ask once a year whether what is known of a child still holds; not where that was said."""
    subject = _("%(facility)sから、年に1回のお願い")
    on = today(wanted.now)
    rows = _find(session, wanted.subject_ids)
    confirmed = confirmed_days(session, [row.child_id for row in rows], actor=current_actor())

    def is_open(row: Preregistration) -> bool:
        before = confirmed.get(row.child_id)
        is_earlier = before is not None and fiscal_year(before) < fiscal_year(on)
        return is_earlier and not has_ended(row.state, row.accepted_until, on)

    return _letter(session, wanted, subject, _S.ACCEPTED, still=is_open)


MAILS: dict[str, MailMaker] = {
    "preregistration/received": received,
    "preregistration/asked_back": asked_back,
    "preregistration/waiting": waiting,
    "preregistration/accepted": accepted,
    "preregistration/declined": declined,
    "preregistration/withdrawn": withdrawn,
    "preregistration/word": word,
    "preregistration/renew": renew,
    "preregistration/extended": extended,
    "preregistration/record": record_asked,
}

"""Write letters, open them for printing, mark them as passed on. Nothing is lost on the way.

A letter waits until somebody says how it came to the family: printing changes nothing about that.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.orm import Session

from portal.audit.service import record, record_read
from portal.db.session import become
from portal.documents.i18n import use_language
from portal.facilities.models import Facility
from portal.kernel.actor import Actor
from portal.kernel.clock import local_date, today
from portal.kernel.errors import Refusal
from portal.letters import queries
from portal.letters.models import Letter
from portal.letters.queries import PaperReceiver, WaitingLetter
from portal.letters.rules import LetterRefusal, Way, is_said_anew, reasons_against_day
from portal.messages import letters as mails
from portal.messages import queries as message_queries
from portal.messages.outbox import LANGUAGE
from portal.messages.progress import PROGRESS

_log = logging.getLogger(__name__)
#: Nothing is sent there; what writes calendar files asks for an address.
_NO_MAIL = "paper@portal.invalid"
#: Of how many letters a list finds out whether they still hold.
MOST_LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a mail knows of the portal it comes from."""

    base_url: str
    is_demo: bool


@dataclass(frozen=True, slots=True)
class Written:
    """What came of writing: letters to print; how many were not needed any more, or failed."""

    letters: tuple[uuid.UUID, ...]
    not_needed: int = 0
    unwritable: int = 0


@dataclass(frozen=True, slots=True)
class LetterSheet:
    """A letter as it is printed."""

    letter: Letter
    receiver: PaperReceiver
    facility: Facility | None


@cache
def _makers() -> Mapping[str, mails.MailMaker]:
    return mails.collect()


def write(
    session: Session,
    wanted: Sequence[uuid.UUID],
    *,
    actor: Actor,
    now: datetime,
    where: Surroundings,
) -> Written:
    """Write letters that wait, each once, in the words of the mail as it would leave now.

    One whose mail would not be sent any more is closed as not needed. One that cannot be written
    keeps waiting, and does not stop the others.

    Args:
        wanted: Ids of letters; ids that do not wait at the actor's body are passed over.
    """
    waiting = {line.id: line for line in queries.waiting(session, actor=actor)}
    made: list[uuid.UUID] = []
    not_needed = unwritable = 0
    for line in (waiting[each] for each in dict.fromkeys(wanted) if each in waiting):
        if line.made is not None:
            made.append(line.id)
            continue
        try:
            said = _said(session, line, actor=actor, now=now, where=where)
        except Exception as error:  # noqa: BLE001 - one broken mail must not stop the others
            # Messages of errors may hold names: they are not kept.
            _log.error(
                "letter %s (%s) cannot be written: %s",
                *(line.id, line.message.kind, type(error).__name__),
            )
            unwritable += 1
            continue
        _keep(session, line, said, actor=actor, now=now)
        if said is None:
            not_needed += 1
        else:
            made.append(line.id)
    return Written(tuple(made), not_needed, unwritable)


def close_overtaken(session: Session, *, actor: Actor, now: datetime, where: Surroundings) -> None:
    """Close as not needed what waits and has changed since, printed or not.

    Looked at are so many as are printed at once; whatever cannot be written keeps waiting.
    """
    lines = queries.waiting(session, actor=actor)
    latest = {_about(line): line for line in sorted(lines, key=lambda line: line.since)}
    for line in lines[:MOST_LOOKED_AT]:
        is_over = is_said_anew(line.message.kind) and latest[_about(line)] is not line
        try:
            is_over = is_over or _said(session, line, actor=actor, now=now, where=where) is None
        except Exception:  # noqa: BLE001, S112 - said when somebody prints it
            continue
        if is_over and line.made is None:
            _keep(session, line, None, actor=actor, now=now)
        elif is_over and line.made is not None:
            _close(session, line.made, Way.NOT_NEEDED, today(now), actor=actor, now=now)


def _about(line: WaitingLetter) -> tuple[object, ...]:
    return line.receiver.guardian_id, line.message.kind, tuple(line.message.subject_ids)


def _said(
    session: Session, line: WaitingLetter, *, actor: Actor, now: datetime, where: Surroundings
) -> mails.Letter | None:
    """Ask the feature, acting as the receiver: a letter tells her what she may see."""
    message = line.message
    wanted = mails.Wanted(
        id=message.id,
        kind=message.kind,
        subject_ids=tuple(message.subject_ids),
        context={
            name: message.context[name]
            for name in message.context
            if name not in {PROGRESS, LANGUAGE}
        },
        organisation_id=message.organisation_id,
        family_id=message.family_id,
        to_user_id=line.receiver.user_id,
        to_mail=_NO_MAIL,
        to_name=line.receiver.name,
        base_url=where.base_url,
        is_demo=where.is_demo,
        now=now,
        is_paper=True,
    )
    maker = _makers()[message.kind]
    session.flush()
    try:
        # In a savepoint: a maker's broken query must not take the others down with it.
        with session.begin_nested(), use_language(line.receiver.language):
            become(line.receiver.actor)
            return maker(session, wanted)
    finally:
        become(actor)


def _keep(
    session: Session,
    line: WaitingLetter,
    said: mails.Letter | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    made = Letter(
        id=line.id,
        message_id=line.message.id,
        organisation_id=actor.organisation_id,
        family_id=line.receiver.family_id,
        guardian_id=line.receiver.guardian_id,
        facility_id=said.facility_id if said else None,
        kind=line.message.kind,
        made_at=now,
        made_by=actor.user_id,
    )
    made.text = f"{said.subject}\n\n{said.text}" if said else ""
    try:
        with session.begin_nested():
            session.add(made)
            session.flush()
    except IntegrityError:
        return  # a colleague printed it at the same moment: hers is the letter
    if said is None:
        _close(session, made, Way.NOT_NEEDED, today(now), actor=actor, now=now)
    record(session, actor, "letter.made", made.id, family_id=made.family_id, kind=made.kind)


def open_sheets(
    session: Session, wanted: Sequence[uuid.UUID], *, actor: Actor
) -> list[LetterSheet]:
    """Return letters to print, in the order asked for; each leaves its trace.

    Left out is what may not be printed now: its guardian is kept from the family's mails meanwhile.

    Raises:
        NoResultFound: none of them is to be printed by this actor.
    """
    letters = queries.printable(session, wanted, actor=actor)
    of = queries.receivers(session, [each.family_id for each in letters], actor=actor)
    by_guardian = {each.guardian_id: each for family in of.values() for each in family}
    sheets = [
        LetterSheet(
            letter,
            by_guardian[letter.guardian_id],
            queries.sender(session, letter.facility_id, actor=actor),
        )
        for letter in letters
        if letter.guardian_id in by_guardian and letter.body.strip()
    ]
    if not sheets:
        raise NoResultFound
    for sheet in sheets:
        record_read(session, actor, "letter", sheet.letter.id, family_id=sheet.letter.family_id)
    return sheets


def pass_on(
    session: Session,
    wanted: Sequence[uuid.UUID],
    way: Way,
    on: date,
    *,
    actor: Actor,
    now: datetime,
    where: Surroundings,
) -> int:
    """Mark letters as come to the family, and return how many.

    One that was never printed is written first, so that it is known what the family was told; the
    failed mail it stands for is off the list of failed mails.

    Args:
        on: The local day; today or before, and not before the mail would have left.

    Raises:
        Refusal: nothing chosen, the day cannot be, or a colleague has marked one already.
    """
    waiting = {line.id: line for line in queries.waiting(session, actor=actor)}
    chosen = list(dict.fromkeys(wanted))
    reasons = []
    if not chosen:
        raise Refusal([LetterRefusal.NOTHING_CHOSEN])
    if any(each not in waiting for each in chosen):
        reasons.append(LetterRefusal.CLOSED_ALREADY)
    since = [local_date(waiting[each].since) for each in chosen if each in waiting]
    against = reasons_against_day(on, since=max(since, default=on), today=today(now))
    if reasons or against:
        raise Refusal([*reasons, *against])
    write(session, chosen, actor=actor, now=now, where=where)
    count = 0
    for each in chosen:
        try:
            made = queries.letter(session, each, actor=actor, lock=True)
        except NoResultFound:
            made = _unwritten(session, waiting[each], actor=actor, now=now)
        session.refresh(made)
        if made.way is None:
            _close(session, made, way, on, actor=actor, now=now)
            count += 1
        elif made.way is not Way.NOT_NEEDED:
            raise Refusal([LetterRefusal.CLOSED_ALREADY])
        _see(session, made, now, actor=actor)
    return count


def _unwritten(session: Session, line: WaitingLetter, *, actor: Actor, now: datetime) -> Letter:
    """Keep a letter without words: staff said by themselves what no mail could be written of."""
    _keep(session, line, mails.Letter("", ""), actor=actor, now=now)
    return queries.letter(session, line.id, actor=actor, lock=True)


def _close(
    session: Session, made: Letter, way: Way, on: date, *, actor: Actor, now: datetime
) -> None:
    made.way, made.passed_on = way, on
    made.closed_at, made.closed_by = now, actor.user_id
    record(
        session,
        actor,
        "letter.closed",
        made.id,
        family_id=made.family_id,
        way=way.value,
        on=on.isoformat(),
    )


def _see(session: Session, made: Letter, now: datetime | None, *, actor: Actor) -> None:
    """Take the failed mail off its list, or put it back; one that reached nobody is on none."""
    try:
        message = message_queries.failed_message(session, made.message_id, actor=actor)
    except NoResultFound:
        return
    message.seen_at = now


def reopen(session: Session, letter_id: uuid.UUID, *, actor: Actor) -> Letter:
    """Take a mark back: the letter waits again. One that waits, or was not needed, stays as it is.

    Raises:
        NoResultFound: not a letter of the actor's body.
    """
    made = queries.letter(session, letter_id, actor=actor, lock=True)
    if made.way not in {None, Way.NOT_NEEDED}:
        was = made.way
        made.way = made.passed_on = made.closed_at = made.closed_by = None
        _see(session, made, None, actor=actor)
        record(session, actor, "letter.reopened", made.id, family_id=made.family_id, was=str(was))
    return made

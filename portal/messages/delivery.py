"""Empty the outbox: each mail once, in order, whatever is killed meanwhile.

One transaction per mail and receiver: claim the row (``FOR UPDATE SKIP LOCKED``), ask the feature
whether it is still wanted, hand it to SMTP, note it, commit. A kill before the commit leaves the
row as it was, so the mail leaves again with the same Message-ID: never lost, doubled at most once
for each worker in flight.
"""

from __future__ import annotations

import logging
import threading
import traceback
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from email.message import EmailMessage

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.db.session import acting_as, become, transaction
from portal.documents import mail_message
from portal.documents.i18n import use_language
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS
from portal.messages.gate import OPEN, Gate
from portal.messages.languages import language_of
from portal.messages.letters import Letter, MailMaker, Wanted
from portal.messages.models import OutboxMessage
from portal.messages.outbox import LANGUAGE, RESTS_ON
from portal.messages.progress import PROGRESS, Progress
from portal.messages.receivers import Receiver, note_mail, receivers_of
from portal.messages.rules import GIVE_UP_AFTER, POISON_TRIES, wait_after
from portal.messages.smtp import Later, Post, Refused, Unreachable

_log = logging.getLogger(__name__)
#: What the context holds for the delivery itself.
_OWN_USE = frozenset({PROGRESS, LANGUAGE, RESTS_ON})
_HOLDS = text("SELECT consent_holds(:consent)")


class Delivery:
    """The delivery of one worker. ``drain`` may be called from any thread; one at a time works."""

    def __init__(
        self,
        makers: Mapping[str, MailMaker],
        post: Post,
        *,
        base_url: str,
        is_demo: bool = False,
        gate: Gate = OPEN,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._makers = makers
        self._gate = gate
        self._post = post
        self._base_url = base_url
        self._is_demo = is_demo
        self._now = now
        self._wanted = threading.Event()
        self._busy = threading.Lock()

    def drain(self, stop: threading.Event | None = None) -> None:
        """Deliver whatever is due, and return; at once if another thread is already at it."""
        self._wanted.set()
        # Whoever finds the lock taken leaves: the holder looks at the flag again after it let go.
        while self._wanted.is_set() and self._busy.acquire(blocking=False):
            try:
                self._wanted.clear()
                self._deliver_due(stop)
            finally:
                self._busy.release()

    def _deliver_due(self, stop: threading.Event | None) -> None:
        try:
            while not (stop is not None and stop.is_set()):
                if not self.deliver_next():
                    return
        except Unreachable as reason:
            _log.warning("the mail server takes nothing now: %s", reason)
        finally:
            self._post.close()

    def deliver_next(self) -> bool:
        """Take the next mail one step: to one receiver, or out of the queue.

        Returns:
            False when nothing is due, or the server fell silent: then it is given a rest.

        Raises:
            Unreachable: the server takes nothing now; no mail is the worse for it.
        """
        with acting_as(ANONYMOUS), transaction() as session:
            now = self._now()
            row = _claim(session, now)
            if row is None:
                return False
            return self._step(session, row, now)

    def _step(self, session: Session, row: OutboxMessage, now: datetime) -> bool:
        progress = Progress.of(row)
        receivers = receivers_of(session, row)
        receiver = progress.next_of(receivers)
        if receiver is None:
            _finish(row, progress, now, has_receivers=bool(receivers))
            return True
        if receiver.has_failed and row.family_id is not None:
            progress.refused.append(receiver.key)
            progress.code = "address"
            progress.keep(row)
            return True
        family_id = row.family_id or receiver.actor.family_id
        try:
            if family_id is not None and not self._may_leave(session, row, family_id, now):
                row.sent_at = now if row.dropped_at and progress.done else None
                return True
            message = self._write(session, row, receiver, progress, now)
        except Exception as error:  # noqa: BLE001 - whatever a mail does must not stop the others
            _park_or_retry(row, error, now)
            return True
        if message is None:
            if progress.done:
                row.sent_at = now
            else:
                row.dropped_at = now
            return True
        is_answered = self._hand_over(session, receiver, progress, message)
        if family_id is not None and progress.done:
            self._gate.passed(session, row, family_id, now)
        if progress.next_of(receivers) is None:
            _finish(row, progress, self._now(), has_receivers=True)
        else:
            progress.keep(row)
        return is_answered

    def _may_leave(
        self, session: Session, row: OutboxMessage, family_id: uuid.UUID, now: datetime
    ) -> bool:
        """Ask the gate; put a mail back that is held, close one that the family does not want."""
        # In a savepoint: a family whose lock somebody holds too long must not stop the others.
        with session.begin_nested():
            opens_at = self._gate.opens_at(session, row, family_id, now)
        if opens_at is None:
            row.dropped_at = now
            row.last_error = "not_wished"
            return False
        if opens_at > now:
            row.not_before = opens_at
            return False
        return True

    def _write(
        self,
        session: Session,
        row: OutboxMessage,
        receiver: Receiver,
        progress: Progress,
        now: datetime,
    ) -> EmailMessage | None:
        letter = self._letter(session, row, receiver, now)
        if letter is None:
            return None
        progress.subject = letter.subject
        settings = self._post.settings
        return mail_message.build(
            message_id=row.message_id,
            sender=(settings.sender_name, settings.sender),
            to_addr=receiver.mail,
            to_name=receiver.name,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            invitation=letter.invitation,
            reply_to=letter.reply_to,
            more_invitations=letter.more_invitations,
            date=row.created_at,
        )

    def _letter(
        self, session: Session, row: OutboxMessage, receiver: Receiver, now: datetime
    ) -> Letter | None:
        maker = self._makers[row.kind]
        basis = row.context.get(RESTS_ON)
        if basis is not None and not session.scalar(_HOLDS, {"consent": basis}):
            return None
        wanted = Wanted(
            id=row.id,
            kind=row.kind,
            subject_ids=tuple(row.subject_ids),
            context={name: row.context[name] for name in row.context if name not in _OWN_USE},
            organisation_id=row.organisation_id,
            family_id=row.family_id,
            to_user_id=receiver.user_id,
            to_mail=receiver.mail,
            to_name=receiver.name,
            base_url=self._base_url,
            is_demo=self._is_demo,
            now=now,
            sender_mail=self._post.settings.sender,
        )
        # In a savepoint: a maker's broken query must not take the claim down with it.
        with session.begin_nested():
            become(receiver.actor)
            with use_language(language_of(session, row, receiver)):
                letter = maker(session, wanted)
        become(ANONYMOUS)
        return letter

    def _hand_over(
        self,
        session: Session,
        receiver: Receiver,
        progress: Progress,
        message: EmailMessage,
    ) -> bool:
        """Send, and note what came of it; return whether the server answered at all."""
        is_answered = True
        try:
            self._post.send(message, receiver.mail)
            progress.done.append(receiver.key)
            if receiver.has_failed:
                note_mail(session, receiver, failed=False)
        except Refused as refused:
            progress.refused.append(receiver.key)
            progress.code = "address" if refused.is_address else f"smtp {refused.code}"
            if refused.is_address:
                note_mail(session, receiver, failed=True)
        except Later as later:
            progress.later.append(receiver.key)
            progress.code = f"smtp {later.code}"
            is_answered = later.code != 0
        return is_answered


def _claim(session: Session, now: datetime) -> OutboxMessage | None:
    """Lock the next due mail that no other worker holds."""
    row = OutboxMessage
    return session.scalars(
        select(row)
        .where(row.sent_at.is_(None), row.dropped_at.is_(None), row.failed_at.is_(None))
        # The rows' own times are the database's, which may be a little ahead of this machine.
        .where(row.not_before <= func.greatest(now, func.now()))
        .order_by(row.not_before, row.created_at, row.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()


def _finish(row: OutboxMessage, progress: Progress, now: datetime, *, has_receivers: bool) -> None:
    """Close the row, or put it back for those who did not take it yet."""
    if progress.later:
        row.attempts += 1
        since = datetime.fromisoformat(progress.since) if progress.since else now
        if now - since < GIVE_UP_AFTER:
            progress.since = since.isoformat()
            progress.later = []
            row.not_before = now + wait_after(row.attempts)
            progress.keep(row)
            return
    progress.keep(row)
    if progress.done:
        row.sent_at = now
    elif has_receivers:
        _fail(row, progress.code or "address", now)
    else:
        row.dropped_at = now
        row.last_error = "nobody"


def _fail(row: OutboxMessage, code: str, now: datetime) -> None:
    row.failed_at = now
    row.last_error = code
    _log.error("mail %s (%s) is given up: %s", row.id, row.kind, code)


def _park_or_retry(row: OutboxMessage, error: Exception, now: datetime) -> None:
    """Count a mail that cannot be written. Messages of errors may hold names: they are not kept."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    _log.error(
        "mail %s (%s) cannot be written: %s at %s:%s",
        *(row.id, row.kind, type(error).__name__, where.filename, where.lineno),
    )
    row.attempts += 1
    if row.attempts >= POISON_TRIES:
        _fail(row, "unwritable", now)
    else:
        row.not_before = now + wait_after(row.attempts)

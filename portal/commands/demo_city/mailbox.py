"""A real SMTP server on loopback that keeps what the portal sends, for reading in the browser."""

from __future__ import annotations

import email
import threading
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.utils import parsedate_to_datetime
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail as it arrived. ``number`` rises by one; ``sent_at`` is aware."""

    number: int
    message_id: str
    to: str
    subject: str
    sent_at: datetime
    text: str
    has_invitation: bool


class Mailbox:
    """Keeps mails as files in a directory, so that they outlive a restart of the demo."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        directory.mkdir(parents=True, exist_ok=True)
        numbers = [int(file.stem) for file in directory.glob("*.eml")]
        self._next = max(numbers, default=0) + 1

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep one message; it is on disk before the server says 250."""
        content = envelope.content or b""
        raw = content.encode() if isinstance(content, str) else content
        with self._lock:
            file = self._directory / f"{self._next}.eml"
            self._next += 1
            partial = file.with_suffix(".partial")
            partial.write_bytes(raw)
            partial.replace(file)
        return "250 kept"

    def newest(self, count: int = 100) -> list[KeptMail]:
        """Return the last mails, newest first."""
        numbers = sorted((int(f.stem) for f in self._directory.glob("*.eml")), reverse=True)
        return [mail for number in numbers[:count] if (mail := self.read(number)) is not None]

    def read(self, number: int) -> KeptMail | None:
        """Return one mail, or ``None`` when there is none of that number."""
        file = self._directory / f"{number}.eml"
        if not file.exists():
            return None
        message = email.message_from_bytes(file.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))
        return KeptMail(
            number=number,
            message_id=str(message["Message-ID"] or ""),
            to=str(message["To"] or ""),
            subject=str(message["Subject"] or ""),
            sent_at=parsedate_to_datetime(str(message["Date"])),
            text=body.get_content() if body is not None else "",
            has_invitation=any(
                part.get_content_type() == "text/calendar" for part in message.walk()
            ),
        )

    def raw(self, number: int) -> bytes | None:
        """Return one mail byte for byte, for a mail program."""
        file = self._directory / f"{number}.eml"
        return file.read_bytes() if file.exists() else None


def start_mail_server(mailbox: Mailbox, port: int) -> Controller:
    """Start the SMTP server on loopback in a thread of its own; ``stop()`` ends it."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, decode_data=False)
    controller.start()
    return controller

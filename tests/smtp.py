"""A real SMTP server on loopback that keeps what it took and misbehaves when told to."""

from __future__ import annotations

import asyncio
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.config import MailSettings


@dataclass(frozen=True)
class Taken:
    """A mail the server answered for: lost from here on is the sender's fault no more."""

    to: str
    message: EmailMessage

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())


@dataclass
class MailServer:
    """``answers`` by address (or ``*``): what RCPT is told instead of 250; ``silent``: nothing."""

    port: int = 0
    taken: list[Taken] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    after_data: str = "250 taken"
    silent: bool = False
    #: Called with the sender's address at MAIL, and when a mail has just been taken.
    on_mail: Callable[[], None] = lambda: None
    on_taken: Callable[[], None] = lambda: None
    _controller: Controller | None = None

    @property
    def settings(self) -> MailSettings:
        return MailSettings(host="127.0.0.1", port=self.port)

    @property
    def copies(self) -> Counter[tuple[str, str]]:
        """How often each mail was taken, by Message-ID and address."""
        return Counter((one.message_id, one.to) for one in list(self.taken))

    def start(self) -> None:
        if not self.port:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.port = probe.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop(no_assert=True)
            self._controller = None

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        self.on_mail()
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        refusal = self.answers.get(address) or self.answers.get("*")
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        if self.silent:
            await asyncio.sleep(60)
        if self.after_data.startswith("250"):
            assert isinstance(envelope.original_content, bytes)
            content = message_from_bytes(envelope.original_content, policy=policy.default)
            assert isinstance(content, EmailMessage)
            self.taken.extend(Taken(to, content) for to in envelope.rcpt_tos)
            self.on_taken()
        return self.after_data


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


def wait_until(answers: Callable[[], bool], *, seconds: float = 10) -> bool:
    """Say whether ``answers`` became true in time."""
    until = time.monotonic() + seconds
    while not answers():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True

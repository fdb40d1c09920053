"""Hand mails to an SMTP server, and say in three words what became of one."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from email.message import EmailMessage

from portal.config import MailSettings

#: Longest wait for one answer of the server, in seconds.
PATIENCE = 20.0

_TEMPORARY = 400
_PERMANENT = 500
_TOO_BIG = 552


class Unreachable(Exception):  # noqa: N818 - a state of the server, not of the mail
    """The server takes no mail of ours now: no connection, no TLS, no sign-in, sender refused."""


class Later(Exception):  # noqa: N818 - an answer
    """This mail was not taken now. ``code`` is the server's, 0 when it fell silent."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Refused(Exception):  # noqa: N818 - an answer
    """This mail will never be taken; ``is_address``: because nobody lives at its address."""

    def __init__(self, code: int, *, is_address: bool) -> None:
        super().__init__(code)
        self.code = code
        self.is_address = is_address


class Post:
    """One connection to the SMTP server, opened when first needed. For one thread at a time."""

    def __init__(self, settings: MailSettings, *, patience: float = PATIENCE) -> None:
        self.settings = settings
        self._patience = patience
        self._server: smtplib.SMTP | None = None

    def send(self, message: EmailMessage, to: str) -> None:
        """Hand over one mail; it has been taken when this returns.

        Raises:
            Unreachable, Later, Refused: it has not. After ``Later(0)`` it may have been taken
                nevertheless: the server fell silent before it answered.
        """
        server = self._connected()
        try:
            server.sendmail(self.settings.sender, [to], message.as_bytes())
        except smtplib.SMTPRecipientsRefused as refused:
            code = refused.recipients[to][0]
            if code >= _PERMANENT:
                raise Refused(code, is_address=True) from None
            raise Later(code) from None
        except smtplib.SMTPResponseException as answer:
            code = answer.smtp_code
            if isinstance(answer, smtplib.SMTPSenderRefused) and code != _TOO_BIG:
                self.close()
                raise Unreachable(f"sender refused: {code}") from None
            if code >= _PERMANENT:
                raise Refused(code, is_address=False) from None
            raise Later(code) from None
        except (OSError, smtplib.SMTPException):
            self._drop()
            raise Later(0) from None

    def close(self) -> None:
        """Say goodbye, if there is a connection."""
        server, self._server = self._server, None
        if server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                server.quit()
            server.close()

    def _drop(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        if self._server is not None:
            # Servers close idle connections; that is nobody's failure.
            with contextlib.suppress(OSError, smtplib.SMTPException):
                if self._server.noop()[0] < _TEMPORARY:
                    return self._server
            self._drop()
        try:
            self._server = self._open()
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(type(error).__name__) from error
        return self._server

    def _open(self) -> smtplib.SMTP:
        settings = self.settings
        # Named after the sender: the machine's own name would cost a look-up in DNS.
        own_name = settings.sender.rpartition("@")[2]
        server = smtplib.SMTP(
            settings.host, settings.port, local_hostname=own_name, timeout=self._patience
        )
        try:
            if settings.starttls:
                server.starttls(context=ssl.create_default_context())
            if settings.user:
                server.login(settings.user, settings.password)
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

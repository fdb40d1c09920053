"""One mail as it goes to SMTP: text that carries everything, HTML beside it, a calendar entry."""

from __future__ import annotations

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_MESSAGE_ID: Final = re.compile(r"<[!-;=?A-~]+@[A-Za-z0-9.-]+>")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_ENCODED: Final = "=?"
_METHOD: Final = re.compile(rb"^METHOD:(REQUEST|CANCEL)\r$", re.MULTILINE)


def build(
    *,
    message_id: str,
    sender: tuple[str, str],
    to_addr: str,
    to_name: str | None = None,
    subject: str,
    text: str,
    html: str | None = None,
    invitation: bytes | None = None,
    reply_to: str | None = None,
    more_invitations: tuple[bytes, ...] = (),
    date: datetime,
) -> EmailMessage:
    """Return a message of pure ASCII on the wire, ready for any SMTP server.

    Args:
        message_id: ``<…@host>``, kept with the outbox row: a second sending of the same row is
            then seen to be the same mail.
        sender: Display name and address.
        text: Carries everything; some phones show nothing else.
        invitation: A calendar file of ``documents.ics.invitation``, as a third alternative.
        more_invitations: Files of further entries, beside the text: one file may hold one entry
            only (RFC 5546 3.2), and an alternative is one thing said in several ways.
        date: When the mail was written, aware; not when it is sent again.

    Raises:
        ValueError: a line break or control character in a header, an address that no mail
            server would take, a date without zone, an invitation without METHOD.
    """
    if date.tzinfo is None:
        raise ValueError("a mail's date needs a time zone")
    if not _MESSAGE_ID.fullmatch(message_id):
        raise ValueError(f"not a message id: {message_id!r}")
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = message_id
    message["Date"] = date
    message["From"] = _address(*sender)
    message["To"] = _address(to_name or "", to_addr)
    if reply_to is not None:
        message["Reply-To"] = _address("", reply_to)
    message["Subject"] = _one_line(subject)
    message["Auto-Submitted"] = "auto-generated"
    # Base64 throughout: carriers' old relays break 8-bit lines and long ones.
    message.set_content(text, cte="base64")
    if html is not None:
        message.add_alternative(html, subtype="html", cte="base64")
    if invitation is not None:
        _attach(message, invitation)
    for number, further in enumerate(more_invitations, start=2):
        message.add_attachment(
            further.decode(),
            subtype="calendar",
            cte="base64",
            params={"method": _method_of(further)},
            filename=f"calendar-{number}.ics",
        )
    return message


def _attach(message: EmailMessage, invitation: bytes) -> None:
    """Add the entry as an alternative only: attached as well, some programs show it twice."""
    method = _method_of(invitation)
    message.add_alternative(
        invitation.decode(), subtype="calendar", cte="base64", params={"method": method}
    )


def _method_of(invitation: bytes) -> str:
    found = _METHOD.search(invitation)
    if found is None:
        raise ValueError("an invitation needs METHOD:REQUEST or METHOD:CANCEL")
    return found[1].decode()


def _address(name: str, address: str) -> Address:
    # Address(addr_spec=...) refuses the dots of old carrier addresses (a..b@, ab.@); they exist.
    if not _ADDRESS.fullmatch(address) or _ENCODED in address:
        raise ValueError(f"not a mail address: {address!r}")
    user, _, domain = address.rpartition("@")
    return Address(_one_line(name), user, domain)


def _one_line(value: str) -> str:
    if _CONTROLS.search(value):
        raise ValueError("a line break or control character in a mail header")
    # The library decodes an encoded word that somebody typed, and with it a line break.
    return value.replace(_ENCODED, "= ?")

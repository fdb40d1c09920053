"""Secret tokens in addresses, for the table of rights: each one's own, by endpoint."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from portal.accounts import links
from portal.accounts.addresses import AddressKind, make_address, token_for
from portal.accounts.gate import mail_link_token
from portal.accounts.rules import MailTokenKind
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor, Role
from tests.factories import (
    people,
    places,
)

Values = Mapping[str, object]


def secrets_of(
    site: places.Site, director: Actor, guardian: Actor, own: Values
) -> Mapping[str, str]:
    booking_id = uuid.UUID(str(own["booking_id"]))
    with acting_as(guardian), transaction() as session:
        word = make_address(session, guardian, AddressKind.BOOKING_WORD, booking_id=booking_id)
        feed = make_address(session, guardian, AddressKind.FAMILY_FEED)
        issued = {
            "accounts_links.change_mail": links.issue_mail_change(
                session, "changed@example.test", now=clock.now()
            )
        }
    with acting_as(director), transaction() as session:
        issued["accounts_links.invitation"] = links.invite(
            session,
            "invited@example.test",
            "招待 された",
            Role.STAFF,
            site.organisation_id,
            actor=director,
            now=clock.now(),
        )
    for endpoint, kind in (
        ("accounts_links.finish_sign_up", MailTokenKind.SIGN_UP),
        ("accounts_links.reset_password", MailTokenKind.PASSWORD_RESET),
    ):
        issued[endpoint] = _open_link(kind)
    notices = ("selfservice_notices.by_link", "selfservice_notices.read_by_link")
    words = ("words.by_link", "words.by_link_late", "words.by_link_absent")
    return {
        **{endpoint: mail_link_token(token_id) for endpoint, token_id in issued.items()},
        **dict.fromkeys(words, word),
        **dict.fromkeys(notices, token_for(uuid.UUID(str(own["receipt_id"])))),
        "calendars.feed": feed,
    }


def _open_link(kind: MailTokenKind) -> uuid.UUID:
    """Issue a link as the page does; for a lost password it needs an account."""
    mail = f"{kind}@example.test"
    if kind is MailTokenKind.PASSWORD_RESET:
        people.make_account("わすれた 人", mail=mail)
    with acting_as(ANONYMOUS), transaction() as session:
        return links.ask(session, kind, mail, actor=ANONYMOUS, now=clock.now())

"""What a body reads when a family takes a consent back: that it is so, and nobody's name."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.documents.i18n import gettext as _
from portal.messages.letters import Letter, MailMaker, Wanted, write


def withdrawn(_session: Session, wanted: Wanted) -> Letter | None:
    """Tell the receiver to stop; which family it is stands behind the sign-in."""
    return write(
        wanted,
        _("同意の取りやめがありました"),
        page_url=wanted.url("/provisions/withdrawn/"),
    )


MAILS: dict[str, MailMaker] = {"consents/withdrawn": withdrawn}

"""What a mail about an unfinished form says: that it ends, and where to go on."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.documents.i18n import gettext as _
from portal.drafts.models import Draft
from portal.messages.letters import Letter, MailMaker, Wanted, write


def ending(session: Session, wanted: Wanted) -> Letter | None:
    """Say until when it can be gone on with; ``None`` once it was sent or thrown away."""
    last_day = session.scalar(select(Draft.expires_on).where(Draft.id.in_(wanted.subject_ids)))
    if last_day is None:
        return None
    return write(
        wanted, _("書きかけの申し込みがあります"), last_day=last_day, link=wanted.url("/my/")
    )


MAILS: dict[str, MailMaker] = {"drafts/ending": ending}

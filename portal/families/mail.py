"""What a guardian is told of her account and family, never why: others may read it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.documents.i18n import gettext as _
from portal.messages.letters import Letter, MailMaker, Wanted, write


def signed_out(session: Session, wanted: Wanted) -> Letter | None:
    """Tell a guardian that a facility ended her sign-ins; not that she is protected now."""
    del session
    return write(
        wanted, _("もう一度ログインしてください"), sign_in_url=wanted.url("/sign-in?next=/my/")
    )


def joined(session: Session, wanted: Wanted) -> Letter | None:
    """Tell a family's guardians that another account sees it now; not the one who just came."""
    del session
    if wanted.to_user_id is not None and wanted.to_user_id in wanted.subject_ids:
        return None
    return write(
        wanted, _("保護者のアカウントがつながりました"), page_url=wanted.url("/my/family/")
    )


MAILS: dict[str, MailMaker] = {"families/signed_out": signed_out, "families/joined": joined}

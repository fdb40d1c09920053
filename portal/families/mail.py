"""What a guardian is told of her account and family, never why: others may read it."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.orm import Session

from portal.documents.i18n import gettext as _
from portal.families.models import Child, Guardian
from portal.messages.letters import Letter, MailMaker, Wanted, write


def names_on_paper(wanted: Wanted, children: Iterable[Child]) -> tuple[str, ...]:
    """Return whom a letter speaks of, for the paper in an envelope; a mail names no child."""
    if not wanted.is_paper:
        return ()
    return tuple(
        _("%(name)sさん") % {"name": child.name} if child.name else _("これから生まれるお子さん")
        for child in children
    )


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


def guardian_entered(session: Session, wanted: Wanted) -> Letter | None:
    """Tell a family that staff added a guardian for it, not whom."""
    if session.get(Guardian, wanted.subject_ids[0]) is None:
        return None
    return _entered(wanted, "/my/family/")


def birth_entered(session: Session, wanted: Wanted) -> Letter | None:
    """Tell a family that staff entered a birth for it; nothing where that was taken back."""
    child = session.get(Child, wanted.subject_ids[0])
    if child is None or child.born_on is None or child.ended_at is not None:
        return None
    return _entered(wanted, "/my/children/")


def _entered(wanted: Wanted, page: str) -> Letter:
    return write(
        wanted,
        _("園が、ご家庭の登録を新しくしました"),
        page_url=wanted.url(page),
    )


MAILS: dict[str, MailMaker] = {
    "families/signed_out": signed_out,
    "families/joined": joined,
    "families/guardian_entered": guardian_entered,
    "families/birth_entered": birth_entered,
}

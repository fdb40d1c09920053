"""What mails about accounts say. Their links are made here, from ids; no token is stored."""

from __future__ import annotations

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from portal.accounts.gate import mail_link_token
from portal.documents.i18n import gettext as _
from portal.messages.letters import Letter, MailMaker, Wanted, write


def _open_token(session: Session, wanted: Wanted) -> Row[tuple[object, ...]] | None:
    row = session.execute(
        text("SELECT * FROM mail_token_for_mail(:id)"), {"id": wanted.subject_ids[0]}
    ).one_or_none()
    return row if row is not None and row.is_open else None


def _link(wanted: Wanted, path: str) -> str:
    return wanted.url(f"{path}/{mail_link_token(wanted.subject_ids[0])}")


def sign_up(session: Session, wanted: Wanted) -> Letter | None:
    """Give the link to go on with; an address that has an account is told so instead."""
    token = _open_token(session, wanted)
    if token is None:
        return None
    if token.has_account:
        return write(
            wanted,
            _("もう登録がすんでいます"),
            has_account=True,
            link=wanted.url("/sign-in"),
            reset_link=wanted.url("/password-reset"),
        )
    return write(
        wanted, _("登録をつづけてください"), has_account=False, link=_link(wanted, "/sign-up")
    )


def invitation(session: Session, wanted: Wanted) -> Letter | None:
    """Give an invited person the link to join."""
    token = _open_token(session, wanted)
    if token is None:
        return None
    return write(
        wanted,
        _("%(body)sからの招待") % {"body": token.organisation_name},
        body=token.organisation_name,
        link=_link(wanted, "/invitations"),
    )


def password_reset(session: Session, wanted: Wanted) -> Letter | None:
    """Give the link to a new password; an address without an account is told so."""
    token = _open_token(session, wanted)
    if token is None:
        return None
    return write(
        wanted,
        _("パスワードの決め直し"),
        has_account=token.has_account,
        link=_link(wanted, "/password-reset"),
        sign_up_link=wanted.url("/sign-up"),
    )


def mail_change(session: Session, wanted: Wanted) -> Letter | None:
    """Give the link that confirms a new address; one in use already is told so."""
    token = _open_token(session, wanted)
    if token is None:
        return None
    return write(
        wanted,
        _("新しいメールアドレスの確認"),
        has_account=token.has_account,
        by_another=token.by_another,
        link=_link(wanted, "/mail-change"),
    )


def told_of_change(session: Session, wanted: Wanted) -> Letter | None:
    """Tell somebody that her account has changed, so that she notices if it was not she."""
    del session
    return write(
        wanted,
        _("アカウントが変わりました"),
        what=wanted.context["what"],
        left=wanted.context.get("left"),
        reset_link=wanted.url("/password-reset"),
    )


MAILS: dict[str, MailMaker] = {
    "accounts/sign_up": sign_up,
    "accounts/invitation": invitation,
    "accounts/password_reset": password_reset,
    "accounts/mail_change": mail_change,
    "accounts/told_of_change": told_of_change,
}

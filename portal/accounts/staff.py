"""What directors do with their members, and staff for a guardian who lost her address."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.accounts.addresses import token_hash
from portal.accounts.gate import mail_link_token
from portal.accounts.models import Membership
from portal.accounts.queries import GuardianAccount, Member
from portal.accounts.rules import (
    VALID_FOR,
    AccountRefusal,
    MailTokenKind,
    reasons_against_last,
    reasons_against_leaving,
)
from portal.audit.service import record
from portal.kernel.actor import Actor, Role
from portal.kernel.errors import Reason, Refusal
from portal.messages.outbox import enqueue


def reasons_against_ending(session: Session, member: Member, *, actor: Actor) -> list[Reason]:
    """Return why ``actor`` may not end this membership; none when she may."""
    return reasons_against_leaving(
        member.role,
        is_oneself=member.user_id == actor.user_id,
        others=_others_of_role(session, member),
    )


def end_membership(session: Session, member: Member, *, actor: Actor) -> None:
    """End a membership; its sessions and the invitations she has sent end with it.

    Raises:
        Refusal: it is the actor's own, or nobody would be left who has the role in the body.
    """
    if reasons := reasons_against_ending(session, member, actor=actor):
        raise Refusal(reasons)
    done = session.execute(
        text("SELECT end_membership(:membership)"), {"membership": member.membership_id}
    )
    _refuse_the_last(session, member, is_done=done.scalar_one())
    record(session, actor, "account.membership_ended", member.user_id, member.membership_id)


def change_role(session: Session, member: Member, role: Role, *, actor: Actor) -> None:
    """Make a member director or staff; her sessions end, since they stood for the other role.

    Raises:
        Refusal: nobody would be left as director.
        DBAPIError: not one of these two roles; shown as 404.
    """
    done = session.execute(
        text("SELECT change_membership_role(:membership, :role)"),
        {"membership": member.membership_id, "role": role.value},
    )
    if role is not member.role:
        _refuse_the_last(session, member, is_done=done.scalar_one())
    record(
        session,
        actor,
        "account.role_changed",
        member.user_id,
        member.membership_id,
        role=role.value,
    )
    _tell(session, member, "role")


def let_know(session: Session, member: Member, *, knows: bool, actor: Actor) -> None:
    """Say whether a member of staff may know why families are supported; from her next page on.

    Raises:
        DBAPIError: not staff of the actor's body; shown as 404.
    """
    session.execute(
        text("SELECT set_support_knowledge(:membership, :knows)"),
        {"membership": member.membership_id, "knows": knows},
    )
    record(
        session,
        actor,
        "account.support_knowledge_set",
        member.user_id,
        member.membership_id,
        knows=knows,
    )


def reset_second_factor(session: Session, member: Member, *, actor: Actor) -> None:
    """Take a member's second factor away; her sessions end and the next sign-in enrols anew.

    Raises:
        Refusal: she works elsewhere too; only the operator may.
    """
    done = session.execute(
        text("SELECT reset_second_factor(:membership)"), {"membership": member.membership_id}
    )
    if not done.scalar_one():
        raise Refusal([AccountRefusal.WORKS_ELSEWHERE])
    record(session, actor, "account.second_factor_reset", member.user_id, member.membership_id)
    _tell(session, member, "second_factor_reset")


def issue_guardian_mail_change(
    session: Session,
    guardian_id: uuid.UUID,
    account: GuardianAccount,
    mail: str,
    how: str,
    *,
    actor: Actor,
    now: datetime,
) -> uuid.UUID:
    """Send a guardian who lost her address a link to a new one; return the link's id.

    The old address is told at once, and again when the link is used; the link also sets a new
    password and ends every session.

    Args:
        how: Code of the way in which staff made sure who she is; kept in the audit log.
    """
    token_id = uuid.uuid4()
    kind = MailTokenKind.MAIL_CHANGE
    session.execute(
        text("SELECT issue_guardian_mail_change(:id, :hash, :guardian, :mail, :expires)"),
        {
            "id": token_id,
            "hash": token_hash(mail_link_token(token_id)),
            "guardian": guardian_id,
            "mail": mail.strip(),
            "expires": now + VALID_FOR[kind],
        },
    )
    record(
        session,
        actor,
        "account.guardian_mail_change_issued",
        account.user_id,
        token_id,
        family_id=account.family_id,
        how=how,
    )
    enqueue(
        session,
        f"accounts/{kind}",
        about=[token_id],
        to_mail=mail,
        organisation_id=actor.organisation_id,
    )
    enqueue(
        session,
        "accounts/told_of_change",
        to_mail=account.mail,
        context={"what": "mail_change_by_staff"},
    )
    return token_id


def _others_of_role(session: Session, member: Member) -> int:
    counted = session.scalar(
        select(func.count())
        .select_from(Membership)
        .where(
            Membership.organisation_id == member.organisation_id,
            Membership.role == member.role,
            Membership.ended_at.is_(None),
            Membership.id != member.membership_id,
        )
    )
    return counted or 0


def _refuse_the_last(session: Session, member: Member, *, is_done: bool) -> None:
    """Count once more: the database's function has made two who end each other take turns."""
    reasons = reasons_against_last(member.role, others=_others_of_role(session, member))
    if reasons or not is_done:
        raise Refusal(reasons or [AccountRefusal.LAST_DIRECTOR])


def _tell(session: Session, member: Member, what: str) -> None:
    enqueue(session, "accounts/told_of_change", to_user=member.user_id, context={"what": what})

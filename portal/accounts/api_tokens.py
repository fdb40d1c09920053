"""Tokens with which other programs speak for a body: issued, shown once, revoked, looked up.

Only the hash of a token is stored; whoever loses it gets a new one.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.accounts.addresses import token_hash
from portal.audit.service import record
from portal.db.base import Base
from portal.db.statements import Statement
from portal.kernel.actor import Actor, Role

#: Stands before each token, so that one in a wrong place is recognised.
PREFIX: Final = "azk_"
#: For how long a token may be issued, in days, with what is chosen unless somebody says otherwise.
TERMS: Final = (30, 90, 180, 365)
USUAL_TERM: Final = 180
#: Requests of one token within a minute.
USES_A_MINUTE: Final = 60


class Scope(StrEnum):
    """What a token may do."""

    WRITE = "referrals:write"
    READ = "referrals:read"


class ApiToken(Base):
    """A token as stored. Acts for whoever issued it, as long as she works for the body."""

    __tablename__ = "api_tokens"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    issued_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    #: What it is for, in the words of whoever issued it.
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text))
    issued_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    window_at: Mapped[datetime | None]
    window_uses: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))

    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 60", name="name"),
        CheckConstraint("length(token_hash) = 32", name="token_hash"),
        CheckConstraint(
            "cardinality(scopes) > 0 AND scopes <@ ARRAY['referrals:read', 'referrals:write']",
            name="scopes",
        ),
        CheckConstraint("expires_at > issued_at", name="term"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
        UniqueConstraint("token_hash", name="uq_api_tokens_token_hash"),
        Index("ix_api_tokens_organisation_id", "organisation_id"),
    )


class ApiAnswer(Base):
    """What a request with an idempotency key was answered; holds ids and states, no names."""

    __tablename__ = "api_answers"

    token_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("api_tokens.id"), primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    key_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    body_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int | None]
    answer: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))

    __table_args__ = (Index("ix_api_answers_created_at", "created_at"),)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token lets in, and how often it has asked in this minute."""

    token_id: uuid.UUID
    actor: Actor
    scopes: frozenset[Scope]
    uses: int
    #: Seconds until it may ask again, once it has asked too often.
    wait_seconds: int


_USE = Statement("SELECT * FROM use_api_token(%(hash)s)")


def use_token(session: Session, token: str) -> Bearer | None:
    """Return whom a token lets in and count the use; ``None`` for one that opens nothing.

    Ended, revoked, unknown, or its issuer no longer works there: all alike. The caller commits.
    """
    hashed = token_hash(token.encode("utf-8", "replace").decode())
    for token_id, user_id, body, role, scopes, uses, wait in _USE.rows(session, {"hash": hashed}):
        return Bearer(
            token_id,
            Actor(role=Role(role), user_id=user_id, organisation_id=body),
            frozenset(map(Scope, scopes)),
            uses,
            wait,
        )
    return None


def issue_token(
    session: Session,
    name: str,
    scopes: Collection[Scope],
    days: int,
    *,
    actor: Actor,
    now: datetime,
) -> str:
    """Issue a token for the actor's body and return it: the only time that anybody sees it."""
    if actor.user_id is None or actor.organisation_id is None:
        raise PermissionError("a token is issued by somebody of a body")
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        id=uuid.uuid4(),
        organisation_id=actor.organisation_id,
        issued_by=actor.user_id,
        name=name,
        token_hash=token_hash(token),
        scopes=sorted(scope.value for scope in scopes),
        issued_at=now,
        expires_at=now + timedelta(days=days),
        window_uses=0,
    )
    session.add(row)
    session.flush()
    record(session, actor, "api_token.issued", row.id, scopes=row.scopes, days=days)
    return token


def tokens_of(session: Session, *, actor: Actor) -> Sequence[ApiToken]:
    """Return the tokens of the actor's body, the newest first."""
    return (
        session.query(ApiToken)
        .where(ApiToken.organisation_id == actor.organisation_id)
        .order_by(ApiToken.issued_at.desc(), ApiToken.id)
        .all()
    )


def revoke_token(session: Session, token_id: uuid.UUID, *, actor: Actor, now: datetime) -> None:
    """End a token of the actor's body with the commit; one that has ended stays as it is.

    Raises:
        sqlalchemy.exc.NoResultFound: none of this body. Shown as a 404.
    """
    row = (
        session.query(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.organisation_id == actor.organisation_id)
        .one()
    )
    if row.revoked_at is not None:
        return
    row.revoked_at, row.revoked_by = now, actor.user_id
    record(session, actor, "api_token.revoked", row.id)

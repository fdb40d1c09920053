"""Secret addresses: links that open one thing without sign-in until they are ended or renewed.

Only the hash of a token is stored; the token is HMAC(link key, id), so that a page can show the
address again and a stolen database opens nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.db.base import Base
from portal.db.session import in_use
from portal.kernel.actor import Actor


class AddressKind(StrEnum):
    """What a secret address opens."""

    FACILITY_FEED = "facility_feed"
    FAMILY_FEED = "family_feed"
    BOOKING_WORD = "booking_word"  # 「おくれます・休みます」 from the reminder mail


class SecretAddress(Base):
    """An address as stored; it belongs to a family or to an organisation."""

    __tablename__ = "secret_addresses"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    kind: Mapped[AddressKind]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    organisation_id: Mapped[uuid.UUID | None]
    facility_id: Mapped[uuid.UUID | None]
    family_id: Mapped[uuid.UUID | None]
    booking_id: Mapped[uuid.UUID | None]
    made_by: Mapped[uuid.UUID | None]
    made_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    expires_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("token_hash", name="uq_secret_addresses_token_hash"),
        CheckConstraint("(organisation_id IS NULL) <> (family_id IS NULL)", name="one_owner"),
        Index("ix_secret_addresses_family_id", "family_id"),
        Index("ix_secret_addresses_organisation_id", "organisation_id"),
        Index(
            "ix_secret_addresses_booking_id",
            "booking_id",
            postgresql_where=text("booking_id IS NOT NULL"),
        ),
        Index("ix_secret_addresses_booking_id", "booking_id"),
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """What a valid token opens."""

    id: uuid.UUID
    kind: AddressKind
    organisation_id: uuid.UUID | None
    facility_id: uuid.UUID | None
    family_id: uuid.UUID | None
    booking_id: uuid.UUID | None


def token_for(address_id: uuid.UUID) -> str:
    """Return the token of an address: 43 characters that are safe in URLs and name nobody."""
    digest = hmac.new(in_use().secrets.link_key, address_id.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def token_hash(token: str) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).digest()


def make_address(
    session: Session,
    actor: Actor,
    kind: AddressKind,
    *,
    facility_id: uuid.UUID | None = None,
    booking_id: uuid.UUID | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Make a new address of the actor's family or organisation and return its token."""
    address_id = uuid.uuid4()
    token = token_for(address_id)
    session.add(
        SecretAddress(
            id=address_id,
            kind=kind,
            token_hash=token_hash(token),
            organisation_id=actor.organisation_id,
            facility_id=facility_id,
            family_id=actor.family_id,
            booking_id=booking_id,
            made_by=actor.user_id,
            expires_at=expires_at,
        )
    )
    session.flush()  # a breach must show here, not at some later query
    return token


def open_address(session: Session, token: str, kind: AddressKind) -> Opened | None:
    """Return what ``token`` opens, or ``None`` when it is unknown, ended or of another kind."""
    row = session.execute(
        text("SELECT * FROM secret_address(:hash)"), {"hash": token_hash(token)}
    ).one_or_none()
    if row is None or row.kind != kind:
        return None
    return Opened(row.id, kind, row.organisation_id, row.facility_id, row.family_id, row.booking_id)

"""第三者提供の記録: every passing on is a row, kept three years; see docs/consents.md."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.db.errors import breached_constraint
from portal.db.session import acting_as, transaction
from portal.kernel.actor import ANONYMOUS, Actor
from portal.kernel.clock import today
from portal.kernel.errors import Refusal
from portal.referrals import provision_queries
from portal.referrals.models import Provision
from portal.referrals.provision_queries import Provided
from portal.referrals.rules import ProvisionKind, ReferralRefusal

#: *Source:* 個人情報保護法 29条、同施行規則 21条; the same for public bodies here.
KEPT_YEARS: Final = 3
#: What the database says of items that neither consent nor ground lets through.
_NOT_ALLOWED = frozenset({"ck_provisions_allowed", "ck_provisions_items"})


def kept_until(on: date) -> date:
    """Return the last day on which a provision of ``on`` is kept."""
    try:
        return on.replace(year=on.year + KEPT_YEARS)
    except ValueError:  # 29 February
        return date(on.year + KEPT_YEARS, 3, 1)


def provide(
    session: Session,
    *,
    family_id: uuid.UUID,
    receiver_id: uuid.UUID,
    kind: ProvisionKind | str,
    subject_id: uuid.UUID,
    items: Sequence[str],
    consent_id: uuid.UUID | None = None,
    ground_id: uuid.UUID | None = None,
    actor: Actor,
    now: datetime,
) -> Provision:
    """Write down that the actor's body passes ``items`` on, in the transaction that does it.

    Args:
        subject_id: The referral or report by which they go.
        consent_id: On what it rests; or ``ground_id``: one of the two.

    Raises:
        Refusal: the consent or the ground does not name all of it, or does not hold now.
    """
    if actor.organisation_id is None or actor.user_id is None:
        raise PermissionError("only somebody who works for a body passes something on")
    row = Provision(
        id=uuid.uuid4(),
        family_id=family_id,
        provider_id=actor.organisation_id,
        receiver_id=receiver_id,
        kind=str(kind),
        subject_id=subject_id,
        items=sorted({str(item) for item in items}),
        consent_id=consent_id,
        ground_id=ground_id,
        provided_by=actor.user_id,
        provided_at=now,
        keep_until=kept_until(today(now)),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        if breached_constraint(error) in _NOT_ALLOWED:
            raise Refusal([ReferralRefusal.ITEM_NOT_CONSENTED]) from None
        raise
    record(
        session,
        actor,
        "provision.made",
        row.id,
        subject_id,
        family_id=family_id if consent_id else None,  # see decision 15
        kind=str(kind),
        receiver=str(receiver_id),
        items=row.items,
        basis="consent" if consent_id else "ground",
    )
    return row


def of_family(session: Session, family_id: uuid.UUID, *, actor: Actor) -> Sequence[Provided]:
    """Return what was passed on of a family, the newest first, as far as the actor may know."""
    return provision_queries.of_family(session, family_id, actor=actor)


def clear_out(now: datetime) -> None:
    """Delete what was kept long enough. A job of the clock; harmless twice."""
    with acting_as(ANONYMOUS), transaction() as session:
        session.execute(text("SELECT clear_provisions(:on)"), {"on": today(now)})

"""What families agreed to with their applications, what they refused, and what they took back."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, text

from portal.commands.demo_city import stories
from portal.commands.demo_city.record import City
from portal.commands.demo_city.rows import Rows, ident, is_derived
from portal.consents.rules import ConsentSource
from portal.consents.wordings import ConsentPurpose, asked
from portal.kernel.channel import Channel
from portal.kernel.clock import local_date

#: Shares of families that agree to what may be refused, and that take it back later.
_AGREES: Final = {ConsentPurpose.EMERGENCY_CARE: 0.9, ConsentPurpose.PHOTOGRAPHS: 0.65}
_TAKES_BACK: Final = 0.06
#: Who agreed to photographs and took it back, and who said no, whatever the dice say.
TOOK_BACK, SAID_NO = stories.RENEWS, stories.MAY_RENEW
#: Of a provider, a family says it once: with its first application there.
_FIRST_APPLICATIONS = text("""
    SELECT DISTINCT ON (p.family_id, p.organisation_id)
           p.family_id, p.organisation_id, p.facility_id, p.channel, p.received_at, p.created_by,
           g.id AS guardian_id, g.user_id, g.name, f.name AS facility, o.name AS provider,
           r.document->'application' AS asks
      FROM preregistrations p
      JOIN guardians g ON g.family_id = p.family_id AND g.is_primary
      JOIN facilities f ON f.id = p.facility_id
      JOIN organisations o ON o.id = p.organisation_id
      JOIN rulebooks r ON r.facility_id = p.facility_id
     -- Whoever was registered before the portal came agreed elsewhere.
     WHERE p.facility_id = ANY (:facilities) AND p.received_at > (
           SELECT f.created_at FROM families f WHERE f.id = p.family_id)
     ORDER BY p.family_id, p.organisation_id, p.received_at, p.id""")


def happen(connection: Connection, city: City, now: datetime) -> None:
    """Write the consents of all applications by ``now``, each on its own."""
    rows = Rows()
    values = {"facilities": [site.facility_id for site in city.sites]}
    staff = {site.organisation_id: site.staff_id for site in city.sites}
    for row in connection.execute(_FIRST_APPLICATIONS, values).all():
        if is_derived(row.family_id):
            by = row.created_by or staff[row.organisation_id]
            for purpose, ended_at in _said(row, city.seed, now):
                _add(rows, row, purpose, ended_at, by)
    rows.write(connection)


def _said(row: Any, seed: str, now: datetime) -> Iterator[tuple[ConsentPurpose, datetime | None]]:
    """Yield what was asked, and when a yes was taken back; a no ends as it is said."""
    yield ConsentPurpose.CARE_INFORMATION, None
    asks = row.asks or {"emergency_care": False}
    for purpose, share in _AGREES.items():
        dice = random.Random(f"{seed}|agrees|{row.family_id}|{row.facility_id}|{purpose}")  # noqa: S311 - invented lives
        if not asks.get(purpose.value, purpose is ConsentPurpose.EMERGENCY_CARE):
            continue
        agrees, takes_back = dice.random() < share, dice.random() < _TAKES_BACK
        if purpose is ConsentPurpose.PHOTOGRAPHS and row.name in {TOOK_BACK, SAID_NO}:
            agrees, takes_back = row.name == TOOK_BACK, True
        later = row.received_at + (now - row.received_at) * dice.uniform(0.5, 0.95)
        yield purpose, (later if takes_back else None) if agrees else row.received_at


def _add(
    rows: Rows, row: Any, purpose: ConsentPurpose, ended_at: datetime | None, by: uuid.UUID
) -> None:
    channel = Channel(row.channel)
    source = {Channel.WEB: ConsentSource.PORTAL, Channel.PHONE: ConsentSource.SPOKEN}.get(
        channel, ConsentSource.PAPER_FORM
    )
    put = asked(purpose, facility=row.facility, provider=row.provider)
    consent_id = ident("consent", row.family_id, row.organisation_id, purpose)
    is_theirs = source is ConsentSource.PORTAL
    is_paper = source is ConsentSource.PAPER_FORM
    is_refusal = ended_at == row.received_at
    rows.add(
        "consents",
        id=consent_id,
        family_id=row.family_id,
        purpose=put.purpose,
        items=[],
        wording=put.wording,
        wording_version=put.version,
        receiver_id=row.organisation_id,
        organisation_id=row.organisation_id,
        guardian_id=row.guardian_id if is_theirs else None,
        recorded_by=by,
        channel=channel.value,
        source=source.value,
        # Signed at home, on the day before it came.
        source_on=local_date(row.received_at - timedelta(days=1)) if is_paper else None,
        given_at=row.received_at,
        until_on=None,
        withdrawn_at=ended_at,
        withdrawn_by=None if ended_at is None else by,
        withdrawn_channel=None if ended_at is None else channel.value,
        is_refusal=is_refusal,
    )
    said = "consent.refused" if is_refusal else "consent.given"
    _trace(rows, row, consent_id, said, row.received_at, purpose, by, source=source.value)
    if ended_at is not None and not is_refusal:
        _trace(rows, row, consent_id, "consent.withdrawn", ended_at, purpose, by)


def _trace(
    rows: Rows,
    row: Any,
    consent_id: uuid.UUID,
    action: str,
    at: datetime,
    purpose: ConsentPurpose,
    by: uuid.UUID,
    **detail: str,
) -> None:
    is_theirs = row.channel == Channel.WEB.value
    rows.add(
        "audit_log",
        id=ident("audit", action, consent_id),
        at=at,
        user_id=by,
        organisation_id=None if is_theirs else row.organisation_id,
        family_id=row.family_id,
        role="guardian" if is_theirs else "staff",
        action=action,
        subjects=[consent_id],
        detail={
            "purpose": purpose.value,
            "receiver": str(row.organisation_id),
            "channel": row.channel,
            **detail,
        },
    )

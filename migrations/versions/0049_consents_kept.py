"""What a consent lets through, who signed it, who may take it back, and how long provisions stay.

Nothing becomes an item of a referral, and nothing is written down as passed on, that the consent or
the ground it rests on does not name and hold at that moment: asked by triggers, whatever a service
believes. A nursery may see the consents it has to ask before it reports, and whoever received data
may write down that the family takes the consent back. Safe while the app runs.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from migrations.functions import rewrite, write_back
from migrations.row_security import (
    FAMILY,
    IS_PROVIDER,
    ORGANISATION,
    ROLE,
    USER,
    definer,
    policy,
    protect,
)

revision = "0049"
down_revision = "0047"

_SQL = Path(__file__).with_suffix("")
_WORKS = f"({ROLE} IN ('liaison', 'center_worker', 'office_worker') OR {IS_PROVIDER})"
_SHARING = "purpose IN ('referral_sharing', 'contact_told', 'booking_on_the_spot')"
_INVITING = "invite_guardian(uuid, uuid, bytea, timestamptz)"
_OF_STAFF = "IF NOT FOUND OR (public.family_open_to_staff(target.family_id)"
_OF_SUPPORT = (
    _OF_STAFF
    + """
        OR who[4] IN ('liaison', 'center_worker', 'office_worker') AND EXISTS (
            SELECT 1 FROM public.support_access s
             WHERE s.family_id = target.family_id AND s.organisation_id = who[2]::uuid
               AND now() >= s.from_at AND (s.until_at IS NULL OR now() < s.until_at))"""
)
_TRIGGERS = (
    ("erase_signatures", "families"),
    ("guard_provision", "provisions"),
    ("guard_referral_items", "referrals"),
    ("guard_referral_item", "referral_items"),
)


def upgrade() -> None:
    """Add the table of signatures, the guards, and the job's function."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    _signatures()
    op.execute((_SQL / "guards.sql").read_text(encoding="utf-8"))
    for signature, to in (
        ("records_known(uuid)", "portal_app, portal_worker"),
        ("consent_concerns_me(uuid)", "portal_app, portal_worker"),
        ("clear_provisions(date)", "portal_app, portal_worker"),
    ):
        definer(signature, "portal_gate", to=to)
    # Who met a family lets its guardian in, to see what was passed on and take it back herself.
    rewrite("portal_gate", _INVITING, (_OF_STAFF, _OF_SUPPORT))
    # Said at the nursery's door it counts as well: who received something writes it down.
    policy(
        "consents",
        "UPDATE",
        f"{_WORKS} AND receiver_id = {ORGANISATION} AND {_SHARING} AND withdrawn_at IS NULL",
        check=f"receiver_id = {ORGANISATION} AND withdrawn_by = {USER}",
        name="receiver_update",
    )
    policy(
        "consents",
        "SELECT",
        f"{_WORKS} AND purpose = 'referral_sharing' AND consent_concerns_me(consents.id)",
        name="reporter_select",
    )


def _signatures() -> None:
    op.execute("""
        CREATE TABLE consent_signatures (
            id uuid CONSTRAINT pk_consent_signatures PRIMARY KEY,
            consent_id uuid NOT NULL
                CONSTRAINT fk_consent_signatures_consent_id REFERENCES consents,
            family_id uuid NOT NULL
                CONSTRAINT fk_consent_signatures_family_id REFERENCES families,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_consent_signatures_organisation_id REFERENCES organisations,
            name_sealed bytea NOT NULL,
            signed_at timestamptz NOT NULL,
            CONSTRAINT uq_consent_signatures_consent_id UNIQUE (consent_id)
        )""")
    op.execute("CREATE INDEX ix_consent_signatures_family_id ON consent_signatures (family_id)")
    protect("consent_signatures")
    taken = (
        f"organisation_id = {ORGANISATION} AND EXISTS (SELECT 1 FROM consents c"
        " WHERE c.id = consent_id AND c.family_id = consent_signatures.family_id"
        f" AND c.organisation_id = {ORGANISATION}"
    )
    policy("consent_signatures", "SELECT", f"{_WORKS} AND {taken})")
    policy("consent_signatures", "SELECT", f"family_id = {FAMILY}", name="own_family")
    policy(
        "consent_signatures",
        "INSERT",
        check=f"{_WORKS} AND {taken} AND c.source = 'tablet' AND c.recorded_by = {USER})",
    )
    policy("consent_signatures", "ALL", "true", check="true", to="portal_gate")
    op.execute("GRANT SELECT, INSERT ON consent_signatures TO portal_app")
    op.execute("GRANT SELECT, DELETE ON consent_signatures TO portal_gate")


def downgrade() -> None:
    """Take it all away."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    write_back("portal_gate", _INVITING, (_OF_STAFF, _OF_SUPPORT))
    op.execute("DROP POLICY reporter_select ON consents")
    op.execute("DROP POLICY receiver_update ON consents")
    for name, table in _TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute(f"DROP FUNCTION {name}()")
    for signature in (
        "records_known(uuid)",
        "consent_concerns_me(uuid)",
        "clear_provisions(date)",
        "is_allowed(uuid, uuid, uuid, uuid, text[])",
    ):
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP TABLE consent_signatures")

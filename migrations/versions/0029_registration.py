"""Registrations that both sides agree to: waiting in order, conditions, agreement, renewal.

What a family may write of its own rows grows (agreeing, asking to renew, a word), so a trigger
holds what stays the provider's: nobody accepts herself, lengthens her own registration or drops a
condition. Safe while the app runs: new columns, empty or with a constant.
"""

from __future__ import annotations

from alembic import op

from migrations.functions import rewrite, write_back
from migrations.row_security import FAMILY, IS_PROVIDER, ORGANISATION

revision = "0029"
down_revision = "0028"

THEIRS = f"organisation_id = {ORGANISATION} AND {IS_PROVIDER}"
BY_RIGHT = "preregistrations.family_id = (SELECT family_with('book'))"
WRITTEN = "'applied', 'withdrawn', 'accepted', 'waiting'"
WRITTEN_BEFORE = "'applied', 'withdrawn'"
STATES = "'applied', 'asked_back', 'waiting', 'accepted', 'declined', 'withdrawn'"
STATES_BEFORE = "'applied', 'asked_back', 'accepted', 'declined', 'withdrawn'"
LIVE = "'applied', 'asked_back', 'waiting', 'accepted'"
LIVE_BEFORE = "'applied', 'asked_back', 'accepted'"
#: Which states an erasure ends.
_ERASES = (f"state IN ({LIVE_BEFORE})", f"state IN ({LIVE})")
CHANNELS = "'web', 'phone', 'fax', 'post', 'counter'"
NEW = {
    "application_id": "uuid",
    "answer_by": "date",
    "has_conditions": "boolean NOT NULL DEFAULT false",
    "family_agreed_at": "timestamptz",
    "family_agreed_by": "uuid",
    "family_agreed_channel": "text CONSTRAINT ck_preregistrations_family_agreed_channel"
    f" CHECK (family_agreed_channel IN ({CHANNELS}))",
    "family_agreed_rulebook_id": "uuid",
    "facility_agreed_at": "timestamptz",
    "facility_agreed_by": "uuid",
    "word_waits_for": "text CONSTRAINT ck_preregistrations_word_waits_for"
    " CHECK (word_waits_for IN ('family', 'facility'))",
    "renewal_asked_at": "timestamptz",
    "renewal_asked_by": "uuid",
    "renewal_channel": "text CONSTRAINT ck_preregistrations_renewal_channel"
    f" CHECK (renewal_channel IN ({CHANNELS}))",
    "renewal_told_for": "date",
}
#: What the worker writes: it moves the next one up, and tells that the renewal season is open.
BY_WORKER = "state, decided_at, accepted_until, answer_by, renewal_told_for"


def upgrade() -> None:
    """Add the columns, the state of waiting, and what keeps a family from deciding."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    for name, kind in NEW.items():
        op.execute(f"ALTER TABLE preregistrations ADD COLUMN {name} {kind}")
    op.execute("""
        ALTER TABLE preregistration_messages ADD COLUMN kind text NOT NULL DEFAULT 'word'
            CONSTRAINT ck_preregistration_messages_kind
            CHECK (kind IN ('word', 'reason', 'conditions'))""")
    _states(STATES, LIVE, WRITTEN)
    op.execute(
        f"GRANT UPDATE ({', '.join(NEW)}, received_at, channel) ON preregistrations TO portal_app"
    )
    op.execute(f"GRANT UPDATE ({BY_WORKER}) ON preregistrations TO portal_worker")
    op.execute("""
        CREATE FUNCTION guard_preregistration() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, public, pg_temp AS $$
        BEGIN
            IF (public.actor())[3] IS NULL THEN
                RETURN NEW;
            END IF;
            IF NEW.state IN ('accepted', 'waiting') AND NEW.state <> OLD.state
               OR NEW.accepted_until <> coalesce(OLD.accepted_until, '-infinity')
               OR NEW.decided_at <> coalesce(OLD.decided_at, '-infinity')
               OR NEW.decided_by IS NOT NULL AND NEW.decided_by IS DISTINCT FROM OLD.decided_by
               OR NEW.facility_agreed_at <> coalesce(OLD.facility_agreed_at, '-infinity')
               OR NEW.has_conditions <> OLD.has_conditions AND NEW.state = 'accepted' THEN
                RAISE insufficient_privilege USING MESSAGE = 'only the provider decides';
            END IF;
            RETURN NEW;
        END $$""")
    op.execute(
        "CREATE TRIGGER guard_preregistration BEFORE UPDATE ON preregistrations"
        " FOR EACH ROW EXECUTE FUNCTION guard_preregistration()"
    )
    rewrite("portal_gate", "erase_family(uuid, uuid)", _ERASES)


def _states(states: str, live: str, written: str) -> None:
    op.execute("ALTER TABLE preregistrations DROP CONSTRAINT ck_preregistrations_state")
    op.execute(
        "ALTER TABLE preregistrations ADD CONSTRAINT ck_preregistrations_state"
        f" CHECK (state IN ({states}))"
    )
    op.execute("DROP INDEX uq_preregistrations_live")
    op.execute(
        "CREATE UNIQUE INDEX uq_preregistrations_live ON preregistrations (child_id, facility_id)"
        f" WHERE state IN ({live})"
    )
    op.execute(
        "ALTER POLICY public_update ON preregistrations"
        f" WITH CHECK (({THEIRS}) OR family_id = {FAMILY} AND state IN ({written}))"
    )
    op.execute(
        "ALTER POLICY by_right_update ON preregistrations"
        f" WITH CHECK (({BY_RIGHT}) AND (state IN ({written})))"
    )


def downgrade() -> None:
    """Take it away; who waited has applied again."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    write_back("portal_gate", "erase_family(uuid, uuid)", _ERASES)
    op.execute("DROP TRIGGER guard_preregistration ON preregistrations")
    op.execute("DROP FUNCTION guard_preregistration()")
    op.execute("ALTER TABLE preregistrations NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE preregistrations SET state = 'applied' WHERE state = 'waiting'")
    op.execute("ALTER TABLE preregistrations FORCE ROW LEVEL SECURITY")
    _states(STATES_BEFORE, LIVE_BEFORE, WRITTEN_BEFORE)
    op.execute(f"REVOKE UPDATE ({BY_WORKER}) ON preregistrations FROM portal_worker")
    op.execute("REVOKE UPDATE (received_at, channel) ON preregistrations FROM portal_app")
    op.execute("ALTER TABLE preregistration_messages DROP COLUMN kind")
    for name in reversed(NEW):
        op.execute(f"ALTER TABLE preregistrations DROP COLUMN {name}")

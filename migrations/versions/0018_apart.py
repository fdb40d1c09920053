"""Families that live apart: rights of each guardian, protected addresses, codes for accounts.

The signed actor of a guardian with fewer rights no longer names her family where policies look for
it: they show her nothing. New policies open again what her rights hold. Protections and codes are
written by functions of ``portal_gate`` alone. See docs/apart.md and docs/decisions/0010.

Safe while the app runs: actors of the release before are still understood, new columns have
constant defaults, functions are replaced within one transaction.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from migrations.functions import rewrite, write_back
from migrations.row_security import IS_PROVIDER, ORGANISATION, USER, definer, policy, protect

revision = "0018"
down_revision = "0017"

SQL = Path(__file__).with_name("0018_apart")
ALL_RIGHTS = "ARRAY['bookings', 'book', 'children', 'contacts', 'mails', 'pickup']"
EVERYBODY = "portal_app, portal_worker, portal_owner, portal_places, portal_gate"
#: Called by their neighbours alone.
INSIDE = ("withheld_from(uuid)", "family_open_to_staff(uuid)", "end_family_addresses(uuid)")
FOR_THE_APP = (
    "rights_in_families(uuid[])",
    "set_guardian_rights(uuid, text[])",
    "request_protection(uuid)",
    "set_protection(uuid, uuid, uuid[], text, date, date)",
    "renew_protection(uuid, uuid[], text, date, date)",
    "end_protection(uuid, text)",
    "reveal_protected_address(uuid, uuid, text)",
    "invite_guardian(uuid, uuid, bytea, timestamptz)",
    "claim_guardian(bytea, date)",
)
_WHO, _BOOKS, _SEES = (
    "public.actor()",
    "public.actor_with('book')",
    "public.actor_with('bookings')",
)
_DAYS = "interval '90 days'"
_LINKS = (
    f"{_DAYS} AND n.sent_at > (SELECT f.links_from FROM public.families f WHERE f.id = r.family_id)"
)
#: Functions that check for themselves whose family it is: owner, signature, what they asked before
#: and what they ask now.
REWRITTEN = (
    ("portal_places", "take_places(jsonb)", _WHO, _BOOKS),
    ("portal_places", "release_places(uuid[], text)", _WHO, _BOOKS),
    ("portal_gate", "open_family_to(uuid)", _WHO, _BOOKS),
    ("portal_owner", "guard_notice_receipt()", _WHO, _SEES),
    ("portal_gate", "notice_by_token(bytea)", _DAYS, _LINKS),
)
#: Policies by table, command and the rights of which any opens it.
OPENED = (
    ("families", "SELECT", ("bookings", "children", "contacts")),
    ("family_access", "SELECT", ("bookings",)),
    ("children", "SELECT", ("bookings", "children")),
    ("children", "INSERT", ("children",)),
    ("children", "UPDATE", ("children",)),
    ("child_records", "SELECT", ("children",)),
    ("child_records", "INSERT", ("children",)),
    ("child_records", "UPDATE", ("children",)),
    ("pickup_persons", "SELECT", ("contacts",)),
    ("pickup_persons", "INSERT", ("contacts",)),
    ("pickup_persons", "UPDATE", ("contacts",)),
    ("guardians", "SELECT", ("contacts",)),
    ("bookings", "SELECT", ("bookings",)),
    ("bookings", "UPDATE", ("book",)),
    ("preregistrations", "SELECT", ("bookings",)),
    ("preregistrations", "INSERT", ("book",)),
    ("preregistrations", "UPDATE", ("book",)),
    ("preregistration_messages", "SELECT", ("bookings",)),
    ("preregistration_messages", "INSERT", ("book",)),
    ("attendances", "SELECT", ("bookings",)),
    ("words_from_families", "SELECT", ("bookings",)),
    ("words_from_families", "INSERT", ("book",)),
    ("secret_addresses", "SELECT", ("bookings",)),
    ("secret_addresses", "INSERT", ("bookings",)),
    ("secret_addresses", "UPDATE", ("bookings",)),
    ("notice_receipts", "SELECT", ("bookings",)),
    ("notice_receipts", "UPDATE", ("bookings",)),
)
#: What rows taken from such a guardian must also be.
ALSO = {
    ("child_records", "INSERT"): "EXISTS (SELECT 1 FROM children c WHERE"
    " c.id = child_records.child_id AND c.family_id = child_records.family_id)",
    ("preregistrations", "INSERT"): "EXISTS (SELECT 1 FROM children c WHERE"
    " c.id = preregistrations.child_id AND c.family_id = preregistrations.family_id)"
    " AND EXISTS (SELECT 1 FROM facilities f WHERE f.id = preregistrations.facility_id"
    " AND f.organisation_id = preregistrations.organisation_id)",
    ("preregistrations", "UPDATE"): "state IN ('applied', 'withdrawn')",
    ("preregistration_messages", "INSERT"): "is_from_family",
    ("secret_addresses", "INSERT"): "kind = 'family_feed'",
}
#: Sorts before the others: PostgreSQL asks policies in the reverse order of their names, so that
#: whoever has every right does not pay for this one.
NAME = "by_right_{}"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _tables()
    _run("actor", owner="portal_keys")
    _run("actor_rights")
    for signature in ("family_with(text)", "actor_with(text)"):
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {signature} TO {EVERYBODY}")
    for name in ("rights", "invitations", "lookups"):
        _run(name)
    op.execute(
        "CREATE TRIGGER keep_protected_address BEFORE INSERT OR UPDATE OF address ON guardians"
        " FOR EACH ROW WHEN (NEW.address IS NOT NULL) EXECUTE FUNCTION keep_protected_address()"
    )
    _look_ups()
    for signature in FOR_THE_APP:
        # Who may be handed a child stands on the day's paper too, which the worker prints.
        both = signature == "rights_in_families(uuid[])"
        definer(signature, "portal_gate", to="portal_app" + ", portal_worker" * both)
    for signature in (*INSIDE, "keep_protected_address()"):
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"ALTER FUNCTION {signature} OWNER TO portal_gate")
    for owner, signature, was, now in REWRITTEN:
        rewrite(owner, signature, (was, now))
    _policies()


def _run(name: str, *, owner: str = "portal_owner") -> None:
    """Run a file of statements; a function that exists is replaced by its owner alone."""
    op.execute(f"SET LOCAL ROLE {owner}")
    op.get_bind().connection.cursor().execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))
    op.execute("RESET ROLE")


def _look_ups() -> None:
    definer("session_by_token(bytea)", "portal_gate", to="portal_app")
    definer("mail_receivers(uuid, uuid, uuid)", "portal_gate", to="portal_worker")
    definer("secret_address(bytea)", "portal_gate", to="portal_app")


def _tables() -> None:
    op.execute(f"""
        ALTER TABLE guardians ADD COLUMN withheld text[] NOT NULL DEFAULT '{{}}'
            CONSTRAINT ck_guardians_withheld CHECK (withheld <@ {ALL_RIGHTS})""")
    # Links to a family's notices that were sent before this moment open nothing.
    op.execute(
        "ALTER TABLE families ADD COLUMN links_from timestamptz NOT NULL DEFAULT '-infinity'"
    )
    op.execute("GRANT UPDATE (links_from) ON families TO portal_gate")
    # Who is called first is set with a protection; a guardian's own row must not say it.
    op.execute("REVOKE UPDATE (is_primary) ON guardians FROM portal_app")
    op.execute("""
        CREATE TABLE protections (
            id uuid CONSTRAINT pk_protections PRIMARY KEY,
            family_id uuid NOT NULL CONSTRAINT fk_protections_family_id REFERENCES families,
            guardian_id uuid NOT NULL CONSTRAINT fk_protections_guardian_id REFERENCES guardians,
            except_for uuid[] NOT NULL DEFAULT '{}',
            requested_at timestamptz,
            shown text,
            shown_on date,
            until_on date,
            organisation_id uuid
                CONSTRAINT fk_protections_organisation_id REFERENCES organisations,
            set_by uuid,
            set_at timestamptz,
            address text,
            ended_at timestamptz,
            ended_by uuid,
            end_reason text,
            CONSTRAINT ck_protections_asked_or_set CHECK (
                requested_at IS NOT NULL AND set_at IS NULL
                OR set_at IS NOT NULL AND shown IS NOT NULL AND shown_on IS NOT NULL
                   AND until_on > shown_on AND organisation_id IS NOT NULL)
        )""")
    op.execute("""
        CREATE UNIQUE INDEX uq_protections_live ON protections (family_id)
         WHERE set_at IS NOT NULL AND ended_at IS NULL""")
    op.execute("""
        CREATE UNIQUE INDEX uq_protections_request ON protections (guardian_id)
         WHERE set_at IS NULL AND ended_at IS NULL""")
    op.execute("CREATE INDEX ix_protections_guardian_id ON protections (guardian_id)")
    op.execute("""
        CREATE TABLE guardian_codes (
            id uuid CONSTRAINT pk_guardian_codes PRIMARY KEY,
            family_id uuid NOT NULL CONSTRAINT fk_guardian_codes_family_id REFERENCES families,
            guardian_id uuid NOT NULL
                CONSTRAINT fk_guardian_codes_guardian_id REFERENCES guardians,
            code_hash bytea NOT NULL CONSTRAINT uq_guardian_codes_code_hash UNIQUE,
            made_by uuid,
            organisation_id uuid,
            made_at timestamptz NOT NULL DEFAULT now(),
            expires_at timestamptz NOT NULL,
            wrong_dates smallint NOT NULL DEFAULT 0,
            ended_at timestamptz,
            used_by uuid
        )""")
    op.execute("""
        CREATE UNIQUE INDEX uq_guardian_codes_live ON guardian_codes (guardian_id)
         WHERE ended_at IS NULL""")
    protect("protections")
    protect("guardian_codes")
    for table in ("protections", "guardian_codes"):
        policy(table, "ALL", "true", check="true", to="portal_gate")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO portal_gate")
    # Not the family's other guardians, whoever they are: a request alone could bring danger.
    own = (
        "EXISTS (SELECT 1 FROM guardians g WHERE g.id = protections.guardian_id"
        f" AND g.user_id = {USER})"
    )
    staff = (
        f"{IS_PROVIDER} AND EXISTS (SELECT 1 FROM family_access a"
        " WHERE a.family_id = {table}.family_id"
        f" AND a.organisation_id = {ORGANISATION}"
        " AND now() >= a.from_at AND (a.until_at IS NULL OR now() < a.until_at))"
    )
    policy("protections", "SELECT", f"{staff.format(table='protections')} OR {own}")
    policy(
        "guardian_codes", "SELECT", staff.format(table="guardian_codes") + f" OR made_by = {USER}"
    )
    op.execute(
        "GRANT SELECT (id, family_id, guardian_id, except_for, requested_at, shown, shown_on,"
        " until_on, organisation_id, set_by, set_at, ended_at, ended_by, end_reason)"
        " ON protections TO portal_app"
    )
    # The worker prints the day's paper, which marks who is protected; see docs/decisions/0014.
    op.execute(
        "GRANT SELECT (family_id, set_at, ended_at, until_on) ON protections TO portal_worker"
    )
    op.execute(
        "GRANT SELECT (id, family_id, guardian_id, made_by, organisation_id, made_at, expires_at,"
        " ended_at, used_by) ON guardian_codes TO portal_app"
    )
    op.execute("GRANT SELECT ON family_access, children TO portal_gate")
    policy("children", "SELECT", "true", to="portal_gate")
    op.execute("GRANT UPDATE (ended_at) ON secret_addresses TO portal_gate")
    policy("secret_addresses", "UPDATE", "true", to="portal_gate")
    op.execute("GRANT INSERT ON audit_log TO portal_gate")


def _policies() -> None:
    for table, command, rights in OPENED:
        family = "families.id" if table == "families" else f"{table}.family_id"
        mine = " OR ".join(f"{family} = (SELECT family_with('{right}'))" for right in rights)
        also = ALSO.get((table, command))
        check = f"({mine}) AND ({also})" if also else mine
        name = NAME.format(command.lower())
        if command == "INSERT":
            policy(table, command, check=check, name=name)
        elif command == "UPDATE":
            policy(table, command, mine, check=check, name=name)
        else:
            policy(table, command, mine, name=name)
    policy(
        "notices",
        "SELECT",
        "EXISTS (SELECT 1 FROM notice_receipts r WHERE r.notice_id = notices.id"
        " AND r.family_id = (SELECT family_with('bookings')))",
        name="by_right_select",
    )
    own = f"guardians.user_id = {USER} AND guardians.family_id = ((SELECT actor())[5])::uuid"
    policy("guardians", "SELECT", own, name="by_right_own_select")
    policy("guardians", "UPDATE", own, check=own, name="by_right_own_update")


def downgrade() -> None:
    op.execute("DROP POLICY by_right_own_update ON guardians")
    op.execute("DROP POLICY by_right_own_select ON guardians")
    op.execute("DROP POLICY by_right_select ON notices")
    for table, command, _rights in reversed(OPENED):
        op.execute(f"DROP POLICY {NAME.format(command.lower())} ON {table}")
    for owner, signature, was, now in REWRITTEN:
        write_back(owner, signature, (was, now))
    op.execute("DROP TRIGGER keep_protected_address ON guardians")
    _run("lookups_before")
    _look_ups()
    for signature in ("keep_protected_address()", *reversed(FOR_THE_APP)):
        op.execute(f"DROP FUNCTION {signature}")
    for signature in ("end_family_addresses(uuid)", "withheld_from(uuid)"):
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("REVOKE INSERT ON audit_log FROM portal_gate")
    op.execute("DROP POLICY portal_gate_update ON secret_addresses")
    op.execute("REVOKE UPDATE (ended_at) ON secret_addresses FROM portal_gate")
    op.execute("DROP POLICY portal_gate_select ON children")
    op.execute("REVOKE SELECT ON children FROM portal_gate")
    op.execute("DROP TABLE guardian_codes")
    op.execute("DROP TABLE protections")
    op.execute("DROP FUNCTION family_open_to_staff(uuid)")
    op.execute("GRANT UPDATE (is_primary) ON guardians TO portal_app")
    op.execute("ALTER TABLE guardians DROP COLUMN withheld")
    op.execute("ALTER TABLE families DROP COLUMN links_from")
    for signature in ("actor_with(text)", "family_with(text)"):
        op.execute(f"DROP FUNCTION {signature}")
    _run("actor_before", owner="portal_keys")

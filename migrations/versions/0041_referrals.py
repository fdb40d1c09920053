"""Interviews, consented referrals, every provision of data, and what may be passed on without.

A receiver reads a referral's items only while the consent, or the released legal ground, that it
rests on holds: asked by the policies in each statement, so that a withdrawal hides them with its
commit. A referral leaves only where both records stand (notice, annex 1(2) and 1(3)): the trigger
asks for them whatever a service believes. Safe while the app runs: all is new.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from migrations.functions import rewrite, write_back
from migrations.row_security import FAMILY, IS_PROVIDER, ORGANISATION, ROLE, USER, policy, protect

revision = "0041"
down_revision = "0040"

_SQL = Path(__file__).with_suffix("")
IS_SUPPORT = f"{ROLE} IN ('liaison', 'center_worker', 'office_worker')"
_WORKS = f"({IS_SUPPORT} OR {IS_PROVIDER})"
_SUPPORTED = (
    f"{IS_SUPPORT} AND EXISTS (SELECT 1 FROM support_access s"
    f" WHERE s.family_id = {{table}}.family_id AND s.organisation_id = {ORGANISATION}"
    " AND now() >= s.from_at AND (s.until_at IS NULL OR now() < s.until_at))"
)
_TABLES = (
    "provisions",
    "referral_events",
    "referral_items",
    "referrals",
    "legal_grounds",
    "interview_items",
    "interviews",
)


_OTHERS = "THEN\n        RAISE insufficient_privilege USING MESSAGE = 'not hers to change';"
_THEY_TOO = f"""
          AND NOT (coalesce(who[4] IN ('liaison', 'center_worker', 'office_worker'), false)
                   AND EXISTS (SELECT 1 FROM public.support_access s
                                WHERE s.family_id = family AND s.organisation_id = who[2]::uuid
                                  AND now() >= s.from_at
                                  AND (s.until_at IS NULL OR now() < s.until_at))) {_OTHERS}"""


def upgrade() -> None:
    """Add the tables, what guards them, and consents that supporting bodies take down."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    _consents()
    op.execute((_SQL / "tables.sql").read_text(encoding="utf-8"))
    for table in _TABLES:
        protect(table)
        policy(table, "ALL", "true", check="true", to="portal_gate")
        op.execute(f"GRANT SELECT, UPDATE, DELETE ON {table} TO portal_gate")
    op.execute("GRANT SELECT ON consents TO portal_gate")
    op.execute("GRANT INSERT ON referral_events TO portal_gate")
    op.execute((_SQL / "guards.sql").read_text(encoding="utf-8"))
    _interviews()
    _referrals()
    _grounds_and_provisions()
    # Who has met a family closes the child that it expected; the rest of the rule stays.
    rewrite("portal_gate", "may_change_child(uuid)", (_OTHERS, _THEY_TOO))


def _consents() -> None:
    # A body calls the forms of others by their names.
    op.execute("ALTER TABLE consents DROP CONSTRAINT ck_consents_paper_reference")
    op.execute(
        "ALTER TABLE consents ADD CONSTRAINT ck_consents_paper_reference"
        " CHECK (length(paper_reference) BETWEEN 1 AND 100)"
    )
    op.execute("ALTER TABLE consents DROP CONSTRAINT ck_consents_source")
    op.execute(
        "ALTER TABLE consents ADD CONSTRAINT ck_consents_source CHECK"
        " (source IN ('portal', 'paper_form', 'spoken', 'tablet'))"
    )
    taken = _SUPPORTED.format(table="consents")
    policy(
        "consents",
        "SELECT",
        f"{taken} AND organisation_id = {ORGANISATION}",
        name="support_select",
    )
    policy(
        "consents",
        "INSERT",
        check=f"{taken} AND organisation_id = {ORGANISATION} AND recorded_by = {USER}"
        " AND withdrawn_at IS NULL AND source <> 'portal'",
        name="support_insert",
    )
    policy(
        "consents",
        "UPDATE",
        f"{taken} AND organisation_id = {ORGANISATION} AND withdrawn_at IS NULL",
        check=f"organisation_id = {ORGANISATION} AND withdrawn_by = {USER}",
        name="support_update",
    )
    # A receiver is shown that it holds, and until when; withdrawn, it is told so.
    policy(
        "consents",
        "SELECT",
        f"{_WORKS} AND receiver_id = {ORGANISATION}",
        name="receiver_select",
    )


def _interviews() -> None:
    for table in ("interviews", "interview_items"):
        mine = f"{_SUPPORTED.format(table=table)} AND {table}.organisation_id = {ORGANISATION}"
        policy(table, "SELECT", mine)
        policy(table, "SELECT", f"family_id = {FAMILY}", name="own_family")
        policy(table, "INSERT", check=mine)
        policy(table, "UPDATE", mine, check=mine)
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO portal_app")
    policy(
        "interview_items",
        "DELETE",
        f"{_SUPPORTED.format(table='interview_items')} AND organisation_id = {ORGANISATION}",
    )
    op.execute("GRANT DELETE ON interview_items TO portal_app")


def _referrals() -> None:
    sent = f"{_WORKS} AND sender_id = {ORGANISATION}"
    got = f"{_WORKS} AND receiver_id = {ORGANISATION} AND state <> 'draft'"
    policy("referrals", "SELECT", f"({sent}) OR ({got})")
    policy("referrals", "SELECT", f"family_id = {FAMILY} AND state <> 'draft'", name="own_family")
    policy(
        "referrals",
        "INSERT",
        check=f"{sent} AND sent_by = {USER} AND (NOT {IS_SUPPORT} OR EXISTS (SELECT 1"
        " FROM support_access s WHERE s.family_id = referrals.family_id"
        f" AND s.organisation_id = {ORGANISATION}))",
    )
    policy("referrals", "UPDATE", f"({sent}) OR ({got})", check=f"({sent}) OR ({got})")
    op.execute("GRANT SELECT, INSERT ON referrals TO portal_app")
    op.execute("GRANT SELECT ON referrals TO portal_worker, portal_places")
    policy("referrals", "SELECT", "true", to="portal_worker", name="worker_select")
    policy("referrals", "SELECT", "true", to="portal_places", name="places_select")
    op.execute(
        "GRANT UPDATE (state, state_at, facility_id, child_ids, urgency, target_on, consent_id,"
        " told_id, ground_id, client_family_id, sent_at, received_at, contacted_at, visited_at,"
        " registered_at, used_at, next_on, next_by, next_what, closed_at, outcome,"
        " outcome_words_sealed, updated_at) ON referrals TO portal_app"
    )
    of_mine = "EXISTS (SELECT 1 FROM referrals r WHERE r.id = referral_id AND {whose})"
    senders = of_mine.format(whose=f"r.sender_id = {ORGANISATION} AND {_WORKS}")
    open_ones = of_mine.format(
        whose=f"r.receiver_id = {ORGANISATION} AND {_WORKS} AND referral_is_open(r.id)"
    )
    policy("referral_items", "SELECT", f"{senders} OR {open_ones}")
    policy("referral_items", "SELECT", f"family_id = {FAMILY}", name="own_family")
    policy("referral_items", "INSERT", check=senders)
    policy("referral_items", "DELETE", senders)
    op.execute("GRANT SELECT, INSERT, DELETE ON referral_items TO portal_app")
    policy("referral_events", "SELECT", f"{senders} OR {open_ones}")
    either = of_mine.format(whose=f"{ORGANISATION} IN (r.sender_id, r.receiver_id) AND {_WORKS}")
    policy(
        "referral_events",
        "INSERT",
        check=f"{either} AND organisation_id = {ORGANISATION} AND by_user = {USER}",
    )
    op.execute("GRANT SELECT, INSERT ON referral_events TO portal_app")


def _grounds_and_provisions() -> None:
    mine = f"{_WORKS} AND organisation_id = {ORGANISATION}"
    policy("legal_grounds", "SELECT", mine)
    policy(
        "legal_grounds",
        "INSERT",
        check=f"{mine} AND decided_by = {USER} AND ended_at IS NULL"
        " AND num_nonnulls(released_by, released_at, reviewed_by, reviewed_at, review_agreed) = 0",
    )
    policy("legal_grounds", "UPDATE", mine, check=mine)
    op.execute("GRANT SELECT, INSERT ON legal_grounds TO portal_app")
    op.execute(
        "GRANT UPDATE (released_by, released_at, reviewed_by, reviewed_at, review_agreed, ended_at)"
        " ON legal_grounds TO portal_app"
    )
    policy("provisions", "SELECT", f"{_WORKS} AND {ORGANISATION} IN (provider_id, receiver_id)")
    # What went out by law may speak of danger at home: who looks at this page may be its cause.
    policy(
        "provisions",
        "SELECT",
        f"family_id = {FAMILY} AND ground_id IS NULL",
        name="own_family",
    )
    policy(
        "provisions",
        "INSERT",
        check=f"{_WORKS} AND provider_id = {ORGANISATION} AND provided_by = {USER}",
    )
    op.execute("GRANT SELECT, INSERT ON provisions TO portal_app")


def downgrade() -> None:
    """Take it all away; consents taken on a tablet become spoken ones."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("DROP TRIGGER erase_referrals ON families")
    write_back("portal_gate", "may_change_child(uuid)", (_OTHERS, _THEY_TOO))
    for table in _TABLES:
        op.execute(f"DROP TABLE {table} CASCADE")
    for signature in (
        "copy_referrals(uuid, uuid)",
        "resume_referrals(uuid, jsonb)",
        "end_referrals(uuid)",
        "stop_referrals(uuid)",
        "referral_receivers(uuid)",
        "referral_readers(uuid, uuid)",
        "erase_referrals()",
        "guard_referral()",
        "guard_ground()",
        "referral_is_open(uuid)",
        "ground_holds(uuid)",
        "consent_holds(uuid)",
    ):
        op.execute(f"DROP FUNCTION {signature}")
    for name in ("receiver_select", "support_update", "support_insert", "support_select"):
        op.execute(f"DROP POLICY {name} ON consents")
    op.execute("ALTER TABLE consents DROP CONSTRAINT ck_consents_source")
    op.execute("ALTER TABLE consents DROP CONSTRAINT ck_consents_paper_reference")
    op.execute(
        "ALTER TABLE consents ADD CONSTRAINT ck_consents_paper_reference"
        " CHECK (paper_reference ~ '^[0-9A-Za-z/-]{1,30}$') NOT VALID"
    )
    op.execute(
        "ALTER TABLE consents ADD CONSTRAINT ck_consents_source CHECK"
        " (source IN ('portal', 'paper_form', 'spoken')) NOT VALID"
    )

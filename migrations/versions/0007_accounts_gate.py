"""Accounts: second factor, links by mail, own sessions, members of an organisation.

Adds two columns and the functions of ``portal_gate`` that alone read or change what they guard.
Safe while the app runs: the columns are empty at first, everything else is new.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from migrations.row_security import ROLE, definer, policy

revision = "0007"
down_revision = "0006"

SQL = Path(__file__).with_name("0007_accounts_gate")
APP = "portal_app"
BOTH = "portal_app, portal_worker"
#: Called by their neighbours alone: nobody but their owner may.
INSIDE = (
    "renew_session(bytea, uuid, bytea, boolean, timestamptz)",
    "take_mail_token(bytea, text)",
    "set_password(uuid, text)",
    "managed_membership(uuid)",
    "is_last_director(memberships)",
    "withdraw_invitations(memberships)",
)
FOR_THE_APP = (
    "second_factor_of_session(bytea)",
    "switch_session(bytea, uuid, uuid, bytea, timestamptz)",
    "offer_totp(bytea, bytea)",
    "confirm_totp(bytea, bigint, uuid[], bytea[], uuid, bytea, timestamptz)",
    "pass_totp(bytea, bigint, uuid, bytea, timestamptz)",
    "pass_recovery_code(bytea, bytea, uuid, bytea, timestamptz)",
    "sessions_of_actor()",
    "end_other_sessions(uuid)",
    "is_guardian_account(uuid)",
    "mail_token(bytea, text)",
    "issue_open_token(uuid, text, bytea, text, timestamptz)",
    "issue_invitation(uuid, bytea, text, text, uuid, text, timestamptz)",
    "issue_mail_change(uuid, bytea, text, timestamptz)",
    "guardian_account(uuid)",
    "issue_guardian_mail_change(uuid, bytea, uuid, text, timestamptz)",
    "use_sign_up(bytea, uuid, text, text)",
    "use_invitation(bytea, uuid, text, text, uuid)",
    "change_own_password(text, bytea, uuid, bytea, timestamptz)",
    "rehash_password(uuid, text, text)",
    "use_password_reset(bytea, text)",
    "use_mail_change(bytea, text)",
    "end_membership(uuid)",
    "change_membership_role(uuid, text)",
    "reset_second_factor(uuid)",
)
FOR_MAILS = ("mail_token_for_mail(uuid)",)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    # The new secret of a second factor stands beside the old one until its first right code.
    op.execute("ALTER TABLE users ADD COLUMN totp_next_sealed bytea")
    op.execute("ALTER TABLE mail_tokens ADD COLUMN name text")
    op.execute("CREATE INDEX ix_mail_tokens_user_id ON mail_tokens (user_id)")
    # The operator looks after the accounts of all bodies, never after families.
    policy("memberships", "SELECT", f"{ROLE} = 'operator'", name="operator_select")
    policy(
        "users",
        "SELECT",
        f"{ROLE} = 'operator' AND EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = users.id)",
        name="operator_select",
    )
    cursor = op.get_bind().connection.cursor()
    for name in ("sessions", "tokens", "members"):
        cursor.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))
    for signature in INSIDE:
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"ALTER FUNCTION {signature} OWNER TO portal_gate")
    for signature in FOR_THE_APP:
        definer(signature, "portal_gate", to=APP)
    for signature in FOR_MAILS:
        definer(signature, "portal_gate", to=BOTH)


def downgrade() -> None:
    for signature in (*FOR_MAILS, *FOR_THE_APP, *INSIDE):
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP POLICY operator_select ON users")
    op.execute("DROP POLICY operator_select ON memberships")
    op.execute("DROP INDEX ix_mail_tokens_user_id")
    op.execute("ALTER TABLE mail_tokens DROP COLUMN name")
    op.execute("ALTER TABLE users DROP COLUMN totp_next_sealed")

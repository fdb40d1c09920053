"""Queue a mail in the business transaction: it leaves after the commit, or never existed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from portal.db.statements import Statement
from portal.documents import i18n

_ENQUEUE = Statement("""
    INSERT INTO outbox_messages (id, message_id, kind, subject_ids, context, organisation_id,
                                 family_id, to_user_id, to_mail, not_before)
    VALUES (%(id)s, %(message_id)s, %(kind)s, %(subject_ids)s, %(context)s, %(organisation_id)s,
            %(family_id)s, %(to_user_id)s, %(to_mail)s, coalesce(%(not_before)s, now()))""")

#: Under what name the context of a mail to a bare address holds its language.
LANGUAGE = "language"
#: Under what name it holds the consent that the mail rests on.
RESTS_ON = "rests_on"


def enqueue(
    session: Session,
    kind: str,
    *,
    about: Sequence[uuid.UUID] = (),
    to_family: uuid.UUID | None = None,
    to_user: uuid.UUID | None = None,
    to_mail: str | None = None,
    organisation_id: uuid.UUID | None = None,
    not_before: datetime | None = None,
    context: dict[str, Any] | None = None,
    rests_on: uuid.UUID | None = None,
) -> uuid.UUID:
    """Queue the mail ``kind`` and return its id.

    Args:
        kind: ``feature/name``; its wording is ``templates/<feature>/mail/<name>.txt``.
        about: Ids the mail speaks of; looked up again when it leaves.
        to_family: Every guardian of the family with a working address; or ``to_user``, or a bare
            address for someone without an account yet.
        organisation_id: The body that is shown the mail if it can never be delivered.
        not_before: Aware moment before which it stays here (reminders).
        context: Plain values that cannot be looked up later. Never names or health.
        rests_on: The consent without which it must not leave; asked again when it would.
    """
    message_id = uuid.uuid4()
    row = {
        "id": message_id,
        "message_id": f"<{message_id}@portal>",
        "kind": kind,
        "subject_ids": list(about),
        "context": Jsonb({**(context or {}), **_language(to_mail), **_basis(rests_on)}),
        "organisation_id": organisation_id,
        "family_id": to_family,
        "to_user_id": to_user,
        "to_mail": to_mail,
        "not_before": not_before,
    }
    session.flush()
    _ENQUEUE.run(session, row)
    return message_id


def _language(to_mail: str | None) -> dict[str, str]:
    """Keep the language in use for an address that may have no account to say it."""
    is_needed = to_mail is not None and not i18n.is_source()
    return {LANGUAGE: i18n.code()} if is_needed else {}


def _basis(consent_id: uuid.UUID | None) -> dict[str, str]:
    return {} if consent_id is None else {RESTS_ON: str(consent_id)}

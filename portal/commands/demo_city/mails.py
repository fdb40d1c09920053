"""Mails of the past life: most have been sent, some are still to go, a few never can."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine, text

from portal.commands.demo_city.record import City

#: The newest are left to the delivery: they give something to read.
_LEAVE = text("""
    UPDATE outbox_messages SET sent_at = NULL, attempts = 0
     WHERE id IN (SELECT o.id FROM outbox_messages o
                    JOIN bookings b ON b.group_id = o.subject_ids[1] AND b.state = 'confirmed'
                     AND b.starts_at > now()
                   WHERE o.sent_at IS NOT NULL AND o.kind = 'bookings/placed'
                   ORDER BY o.created_at DESC, o.id LIMIT 12)""")
_SEND_MOST = text("""
    UPDATE outbox_messages SET sent_at = created_at + interval '4 seconds', attempts = 1
     WHERE sent_at IS NULL AND dropped_at IS NULL AND failed_at IS NULL
       -- What is to leave some evening waits for it.
       AND not_before <= now() AND id NOT IN (
           SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY kind ORDER BY id) AS number
                             FROM outbox_messages WHERE sent_at IS NULL AND dropped_at IS NULL
                              AND failed_at IS NULL) AS x WHERE number <= 2)""")
_HAS_UNSENT = text("""
    SELECT count(*) FROM outbox_messages
     WHERE sent_at IS NULL AND dropped_at IS NULL AND failed_at IS NULL""")
_FAIL = text("""
    WITH failing AS (
        SELECT DISTINCT ON (f.user_id) o.id, f.user_id
          FROM outbox_messages o
          JOIN guardians f ON f.family_id = o.family_id AND f.is_primary
         WHERE o.organisation_id = ANY (:organisations) AND o.sent_at IS NOT NULL
           AND f.user_id IS NOT NULL AND o.family_id <> ALL (:featured)
           AND NOT EXISTS (SELECT FROM support_access s WHERE s.family_id = o.family_id)
           AND o.created_at > CAST(:now AS timestamptz) - interval '8 days'
           AND o.created_at < CAST(:now AS timestamptz) - interval '1 day'
         ORDER BY f.user_id, o.created_at DESC),
    few AS (
        SELECT x.id, x.user_id, row_number() OVER (ORDER BY x.user_id) AS number
          FROM failing x ORDER BY x.user_id LIMIT 5),
    accounts AS (
        UPDATE users u SET mail_failed_at = o.created_at + interval '1 hour'
          FROM few JOIN outbox_messages o ON o.id = few.id WHERE u.id = few.user_id)
    UPDATE outbox_messages o
       SET sent_at = NULL, failed_at = o.created_at + interval '1 hour', attempts = 1,
           last_error = '550 5.1.1 <no such user>',
           seen_at = CASE WHEN few.number > 3 THEN o.created_at + interval '1 day' END
      FROM few WHERE o.id = few.id""")


#: With fewer waiting, some confirmations are left to the delivery too.
FEW = 8


def send_most(admin: Engine) -> None:
    """Take all mails but the newest few as sent: a mailbox is to be read, not to be filled."""
    with admin.begin() as connection:
        connection.execute(_SEND_MOST)


def let_some_fail(admin: Engine, city: City, now: datetime) -> None:
    """Let a few families have mistyped their address, so that the office has to call them."""
    values = {
        "organisations": [city.sites[0].organisation_id],
        "featured": list(city.featured),
        "now": now,
    }
    with admin.begin() as connection:
        connection.execute(_FAIL, values)


def leave_some_to_send(admin: Engine) -> None:
    """Leave the newest confirmations to the delivery, unless enough waits for it already."""
    with admin.begin() as connection:
        if (connection.execute(_HAS_UNSENT).scalar() or 0) < FEW:
            connection.execute(_LEAVE)

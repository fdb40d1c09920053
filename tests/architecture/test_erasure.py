"""Every table that says something about a family is either emptied by the erasing, or says why not.

A new table makes this red until somebody has thought about it: add it to ``erase_family`` too.
"""

from __future__ import annotations

import pytest

from portal.all_models import Base

#: What the erasing of a family does to each table that points at people or holds sealed texts.
ERASED = {
    "families": "number replaced, marked",
    "guardians": "emptied, account taken off",
    "children": "name and birthday out, class year kept",
    "child_records": "deleted",
    "record_sections": "deleted with their record",
    "record_versions": "deleted with their record",
    "record_readings": "deleted with their record",
    "pickup_persons": "deleted",
    "preregistration_messages": "deleted",
    "preregistrations": "ended; ids and days remain",
    "trial_outcomes": "deleted",
    "trial_notes": "deleted",
    "bookings": "note and who picks up out; ids, hours and class age remain for the reports",
    "attendances": "who picked up out; times remain for the reports",
    "words_from_families": "deleted",
    "data_requests": "texts out",
    "secret_addresses": "deleted",
    "outbox_messages": "deleted",
    "letters": "deleted, by a trigger of their own",
    "visits": "notes and children out, ended; ids, kind and day remain for the counts",
    "users": "emptied and shut, unless she also works for a body",
    "sign_in_sessions": "ended",
    "recovery_codes": "deleted",
    "mail_tokens": "deleted",
    "protections": "deleted",
    "guardian_codes": "deleted",
    "drafts": "deleted, of everybody whose account goes with the family",
    "uploads": "deleted, and with the row the key of the file; the files go within minutes",
    "consents": "withdrawn; ids and the portal's own wording remain as the reason of what was done",
    "consent_signatures": "deleted, by a trigger of their own",
    "interview_items": "deleted, by a trigger of their own, as the next ones",
    "referral_items": "deleted",
    "referral_events": "words out; that it happened remains",
    "referrals": "recalled, words out; ids and days remain for the counts",
    "legal_grounds": "reason out; that it was decided, and by whom, is accounted for",
    "contacts": "words out; that somebody called remains",
    "contact_wishes": "deleted",
    "outreach_plans": "ended",
    "declared_uses": "deleted",
    "home_facts": "deleted",
    "priorities": "reason out, ended, by a trigger of their own; that there was one remains",
    "care_case_reports": "the answer's words out; that it was told and taken over remains",
    "care_case_words": "deleted",
    "care_case_events": "words out",
    "day_sheets": "papers of days on which the family was there emptied",
}
#: Tables that keep what they hold, and why that says nobody.
KEPT = {
    "audit_log": "ids and codes alone",
    "support_access": "ids: which supporting body had met the emptied family",
    "interviews": "ids and a day: that an interview was held",
    "care_cases": "ids, days and codes: that there was a case, and who took the family over",
    "provisions": "ids and kinds of items: the law has them kept three years",
    "family_access": "ids: which provider may see the emptied family, so that counts stay exact",
    "notice_receipts": "ids: which family read a notice, and when",
    "memberships": "who works for a body; the account of a guardian alone has none",
    "api_tokens": "which worker issued it; no family",
    "setting_changes": "what a municipality set; a worker's id, no family",
}
_PEOPLE = {"families", "guardians", "children", "users"}
_BY_NAME = {"family_id", "guardian_id", "child_id", "user_id", "to_mail", "mail"}


def about_people() -> set[str]:
    found = set()
    for table in Base.metadata.tables.values():
        points = {key.column.table.name for key in table.foreign_keys} & _PEOPLE
        sealed = any(column.name.endswith("_sealed") for column in table.columns)
        if points or sealed or _BY_NAME & {column.name for column in table.columns}:
            found.add(table.name)
    return found - {"organisations", "facilities"}


@pytest.mark.proves("P13")
def test_every_table_about_people_has_its_part_in_the_erasing() -> None:
    assert about_people() - ERASED.keys() - KEPT.keys() == set()

"""What a body has sent, as a file in the very columns that are read, and how far it has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.consents.models import Consent
from portal.consents.rules import ConsentSource, ContactTime, SharingPurpose, ToldChannel
from portal.kernel.actor import Actor
from portal.kernel.clock import JST, local_date
from portal.referrals import file_columns as columns
from portal.referrals import queries
from portal.referrals.models import Interview, Referral
from portal.referrals.offering import receiver_names
from portal.referrals.passed_on import PassedOn, opened
from portal.referrals.rules import Outcome
from portal.referrals.sheet import PURPOSE, Record
from portal.referrals.words import outcome_words, stage_words, state_words, urgency_words


@dataclass(frozen=True, slots=True)
class ExportTable:
    """Header and rows, every cell as text."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def empty_table() -> ExportTable:
    """Return the header alone, to be filled in."""
    return ExportTable(tuple(columns.header(columns.LEAST_CHILDREN)), ())


def sent_table(session: Session, *, actor: Actor) -> ExportTable:
    """Return what the actor's body sent, with what was passed on; each reading leaves a trace.

    Taken in again it changes nothing: every row has the portal's number. The caller commits.
    """
    rows = sorted(queries.sent_by_us(session, actor=actor), key=lambda row: row.number)
    seen = [opened(queries.items(session, row, actor=actor), row.child_ids) for row in rows]
    most = max((len(each.children) for each in seen), default=0)
    header = (*columns.header(most), *columns.STATE_COLUMNS)
    table = []
    for row, passed, name in zip(rows, seen, receiver_names(session, rows), strict=True):
        cells = {
            columns.PORTAL_NUMBER: str(row.number),
            columns.NUMBER: row.outside_number or "",
            columns.RECEIVER: name,
            columns.COLUMNS["urgency"]: urgency_words(row.urgency),
            columns.COLUMNS["target_on"]: _day(row.target_on),
            **_interview(session, row),
            **_passed(passed),
            **_records(session, row),
            **_states(row),
        }
        table.append(tuple(cells.get(column, "") for column in header))
    record(session, actor, "referral.exported", rows=len(table))
    return ExportTable(header, tuple(table))


def _interview(session: Session, row: Referral) -> dict[str, str]:
    of = session.get(Interview, row.interview_id) if row.interview_id else None
    if of is None:
        return {}
    return {
        columns.COLUMNS["interview.stage"]: stage_words(of.stage),
        columns.COLUMNS["interview.held_on"]: _day(of.held_on),
        columns.COLUMNS["interview.guide_ticked_on"]: _day(of.guide_ticked_on),
    }


def _passed(passed: PassedOn) -> dict[str, str]:
    cells = {columns.COLUMNS["guardian.address"]: passed.address or ""}
    if passed.person is not None:
        for part in ("name", "name_kana", "relation", "phone", "mail"):
            cells[columns.COLUMNS[f"guardian.{part}"]] = getattr(passed.person, part) or ""
    for number, child in enumerate(passed.children, start=1):
        for part in ("name", "name_kana"):
            cells[columns.child_column(number, part)] = getattr(child, part) or ""
        for part in ("born_on", "due_on"):
            cells[columns.child_column(number, part)] = _day(getattr(child, part))
    return cells | {columns.COLUMNS[f"learned.{item}"]: words for item, words in passed.learned}


def _records(session: Session, row: Referral) -> dict[str, str]:
    found = _consents(session, row)
    cells: dict[str, str] = {}
    for kind, consent in found.items():
        at = f"consents.{kind}"
        given = consent.source_on or local_date(consent.given_at)
        cells[columns.COLUMNS[f"{at}.agreed_on"]] = _day(given)
        cells[columns.COLUMNS[f"{at}.until_on"]] = _day(consent.until_on)
    if sharing := found.get(Record.SHARING):
        is_paper = sharing.source is ConsentSource.PAPER_FORM
        cells |= {
            columns.COLUMNS["consents.sharing.items"]: columns.in_words(
                sharing.items, columns.items
            ),
            columns.COLUMNS["wording_version"]: sharing.wording_version,
            columns.COLUMNS["source"]: columns.ON_PAPER if is_paper else columns.ON_SCREEN,
            columns.COLUMNS["reference"]: sharing.paper_reference
            if is_paper and sharing.paper_reference
            else "、".join(str(each.number) for each in found.values()),
        }
    if told := found.get(Record.TOLD):
        ways = [each for each in told.items if each in set(ToldChannel)]
        times = [each for each in told.items if each in set(ContactTime)]
        cells |= {
            columns.COLUMNS["consents.told.channels"]: columns.in_words(ways, columns.channels),
            columns.COLUMNS["consents.told.times"]: columns.in_words(times, columns.times),
        }
    return cells


def _consents(session: Session, row: Referral) -> dict[Record, Consent]:
    asked = (Consent.id.in_([each for each in (row.consent_id, row.told_id) if each])) | (
        (Consent.purpose == SharingPurpose.BOOKING)
        & (Consent.family_id == row.family_id)
        & (Consent.receiver_id == row.receiver_id)
        & (Consent.organisation_id == row.sender_id)
        & Consent.withdrawn_at.is_(None)
    )
    by_purpose = {each.purpose: each for each in session.scalars(select(Consent).where(asked))}
    return {kind: by_purpose[purpose] for kind, purpose in PURPOSE.items() if purpose in by_purpose}


def _states(row: Referral) -> dict[str, str]:
    moments: Sequence[datetime | None] = (
        row.sent_at,
        row.received_at,
        row.contacted_at,
        row.visited_at,
        row.registered_at,
        row.used_at,
        row.closed_at,
    )
    cells = (
        state_words(row.state),
        *map(_moment, moments),
        outcome_words(Outcome(row.outcome)) if row.outcome else "",
    )
    return dict(zip(columns.STATE_COLUMNS, cells, strict=True))


def _day(day: object) -> str:
    return "" if day is None else str(day)


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(JST).strftime("%Y-%m-%d %H:%M") if moment else ""

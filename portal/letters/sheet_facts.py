"""What is known of a family, to be printed into a form: then it is checked and signed only."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from portal.documents.dates import wareki_date
from portal.families import protections, queries, record
from portal.families.models import Child, Guardian
from portal.families.record_parts import Kind, Section
from portal.families.record_rules import read_day
from portal.families.record_sections import blank_form
from portal.kernel.actor import Actor
from portal.letters.sheet_parts import Sheet

Cells = Mapping[str, str]


@dataclass(slots=True)
class SheetFacts:
    """Facts by the keys of boxes and tables. A tick's fact is the code of its option."""

    number: str
    values: dict[str, str] = field(default_factory=dict)
    tables: dict[str, Sequence[Cells]] = field(default_factory=dict)


def facts_for(
    session: Session,
    sheet: Sheet,
    family_id: uuid.UUID,
    child_id: uuid.UUID | None,
    *,
    actor: Actor,
) -> SheetFacts:
    """Return what a form is filled with; reading a child's record leaves its trace.

    A protected address is left empty, whoever the form is for: it may lie on a table at home.
    Closed sections of the record (support, insurance) are left empty too.

    Raises:
        NoResultFound: no family, or no child in it, that this actor may see.
    """
    family = queries.family(session, family_id, actor=actor)
    children = queries.children(session, family_id, actor=actor)
    facts = SheetFacts(family.number)
    held = protections.protection_of(session, family_id, actor=actor)
    guardians = queries.guardians(session, family_id, actor=actor)
    if guardians:
        facts.values.update(_guardian(guardians[0]))
    if held is not None:
        facts.values.pop("guardian.address", None)
    facts.tables["children"] = [_child(each) for each in children]
    facts.tables["pickups"] = [
        {"name": each.name, "relation": each.relation, "phone": each.phone or ""}
        for each in queries.pickup_persons(session, family_id, actor=actor)
    ]
    if sheet.of_child and child_id is not None:
        child = queries.child(session, child_id, actor=actor)
        if child.family_id != family.id:
            child = next(each for each in children if each.id == child_id)
        facts.values |= {f"child.{name}": words for name, words in _child(child).items()}
        _record(session, facts, child, actor)
    return facts


def _guardian(guardian: Guardian) -> dict[str, str]:
    return {
        "guardian.name": guardian.name,
        "guardian.kana": guardian.name_kana or "",
        "guardian.relation": guardian.relation,
        "guardian.phone": guardian.phone or "",
        "guardian.address": guardian.address or "",
    }


def _child(child: Child) -> dict[str, str]:
    day = child.born_on or child.due_on
    born = wareki_date(day) if day else ""
    return {
        "name": child.name or "",
        "kana": child.name_kana or "",
        "born": born if child.born_on else f"予定日 {born}",
    }


def _record(session: Session, facts: SheetFacts, child: Child, actor: Actor) -> None:
    opened = record.open_parts(session, child.id, actor=actor)
    for section in blank_form():
        if not section.is_closed and section.key in opened.parts:
            _section(facts, section, opened.parts[section.key].answers)


def _section(facts: SheetFacts, section: Section, answers: Mapping[str, object]) -> None:
    for question in section.questions:
        answer = answers.get(question.key)
        key = f"{section.key}.{question.key}"
        if isinstance(answer, str) and question.kind is not Kind.NUMBER:
            facts.values[key] = _words(question.kind, answer)
        elif isinstance(answer, list):
            kinds = {column.key: column.kind for column in question.columns}
            facts.tables[key] = [_cells(row, kinds) for row in answer]


def _cells(row: Mapping[str, str], kinds: Mapping[str, Kind]) -> Cells:
    return {name: _words(kinds.get(name, Kind.LINE), words) for name, words in row.items()}


def _words(kind: Kind, answer: str) -> str:
    day = read_day(answer) if kind is Kind.DAY else None
    return wareki_date(day) if day else answer

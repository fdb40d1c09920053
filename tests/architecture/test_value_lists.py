"""What a column of few values takes stands in the code and in the database: the same, in all."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from sqlalchemy import Column, Connection, Enum, text

from portal import all_models  # noqa: F401 - every table
from portal.db.base import Base

#: A list of values or a longest word, as PostgreSQL writes the conditions of one column.
LISTED = re.compile(r"= ANY \((?:ARRAY\[(?P<many>.*?)\]|\(ARRAY\[(?P<cast>.*?)\]\))")
ONE = re.compile(r"= '(?P<one>[^']*)'::text")
LONGEST = re.compile(r"length\(\w+\) <= (?P<most>\d+)")

#: Where both differ, and why.
DIFFER = {
    "care_case_reports.urgency": "urgent or not; what is to be done soon is a referral's",
    "care_cases.urgency": "urgent or not; what is to be done soon is a referral's",
    "visit_sessions.book_by": "no condition; read from a form by its enum alone",
    "visit_sessions.cancel_by": "no condition; read from a form by its enum alone",
}


def conditions(connection: Connection) -> dict[tuple[str, str], list[str]]:
    """Return what the database demands of single columns, by table and column."""
    rows = connection.execute(
        text("""
            SELECT c.relname, a.attname, pg_get_constraintdef(k.oid) AS said
              FROM pg_constraint k
              JOIN pg_class c ON c.oid = k.conrelid
              JOIN pg_attribute a ON a.attrelid = c.oid AND k.conkey = ARRAY[a.attnum]
             WHERE k.contype = 'c' AND c.relnamespace = 'public'::regnamespace""")
    )
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        found.setdefault((row.relname, row.attname), []).append(row.said)
    return found


def of_few_values() -> list[tuple[str, Column[object], Sequence[str]]]:
    """Return each column whose values are an enum's, with its table and these values."""
    return [
        (table.name, column, column.type.enums)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Enum)
    ]


def wrong(said: Sequence[str], values: Sequence[str]) -> str | None:
    """Return what is wrong with the conditions of a column that takes some values."""
    for condition in said:
        if found := LISTED.search(condition):
            listed = set(re.findall(r"'([^']*)'", found["many"] or found["cast"]))
            return None if listed == set(values) else f"{sorted(listed ^ set(values))} differ"
        if found := ONE.search(condition):
            return None if [found["one"]] == list(values) else f"only {found['one']}"
        if found := LONGEST.search(condition):
            longest = max(map(len, values))
            return None if longest <= int(found["most"]) else f"{longest} letters are too many"
    return "takes any word"


def mistakes(connection: Connection) -> dict[str, str]:
    known = conditions(connection)
    found = {}
    for table, column, values in of_few_values():
        if what := wrong(known.get((table, column.name), []), values):
            found[f"{table}.{column.name}"] = what
    return found


@pytest.mark.proves("P7")
def test_the_database_takes_the_values_that_the_code_knows(owner: Connection) -> None:
    assert len(of_few_values()) > 60, "the models were really asked"
    assert mistakes(owner).keys() == DIFFER.keys()


@pytest.mark.proves("P7")
@pytest.mark.parametrize(
    ("column", "condition"),
    [
        ("referrals.state", None),
        ("care_cases.kind", "kind IN ('no_show', 'worry', 'other')"),
        ("interviews.stage", "stage IN ('notification')"),
        ("interview_items.item", "length(item) <= 3"),
    ],
)
def test_a_condition_that_is_gone_or_says_something_else_is_found(
    owner: Connection, column: str, condition: str | None
) -> None:
    table, name = column.split(".")
    with owner.begin_nested() as inside:
        owner.execute(text(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{name}"))
        if condition:
            owner.execute(text(f"ALTER TABLE {table} ADD CHECK ({condition})"))
        assert mistakes(owner).keys() - DIFFER.keys() == {column}
        inside.rollback()

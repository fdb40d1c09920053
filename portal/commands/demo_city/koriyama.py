"""The real list of facilities, with invented phone numbers."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import datetime
from importlib import resources

from sqlalchemy import Engine, text

from portal.commands.demo_city.rows import Rows, ident
from portal.db.session import acting_as, transaction
from portal.facilities.service import import_file, municipality_named
from portal.kernel.actor import Actor, Role
from portal.organisations.rules import OrganisationKind

OPERATOR = Actor(role=Role.OPERATOR, user_id=uuid.UUID(int=0))
LIST = "koriyama_nurseryData.cp932.csv"
CITY = "郡山市"
#: *Source:* 全国地方公共団体コード, 福島県郡山市; its check figure agrees.
CODE = "072036"
_IS_THERE = text("SELECT id FROM organisations WHERE id = :id")
_KEYS = text("SELECT id, list_key FROM facilities ORDER BY list_key")
_RENAME = text("UPDATE facilities SET id = :new WHERE id = :id")


def list_without_real_numbers() -> bytes:
    """Return the city's list with every phone and FAX number replaced by an invented one."""
    file = resources.files("portal.facilities").joinpath("data", LIST)
    table = list(csv.reader(io.StringIO(file.read_bytes().decode("cp932"), newline="")))
    columns = [table[0].index(name) for name in ("TEL", "FAX")]
    for number, row in enumerate(table[1:], start=1):
        for column in columns:
            if row[column]:
                row[column] = f"000-{column:03d}-{number:04d}"
    written = io.StringIO(newline="")
    csv.writer(written, lineterminator="\r\n").writerows(table)
    return written.getvalue().encode("cp932")


def import_list(admin: Engine, now: datetime) -> uuid.UUID:
    """Take the list in as the operator would; return the municipality. All ids are derived.

    Does nothing where the list has been taken in before.
    """
    rows = Rows()
    city_id = ident("municipality", CITY)
    with admin.connect() as connection:
        if connection.execute(_IS_THERE, {"id": city_id}).scalar() is not None:
            return city_id
    rows.add(
        "organisations",
        id=city_id,
        kind=OrganisationKind.MUNICIPALITY.value,
        name=CITY,
        municipality_code=CODE,
        phone="000-3000-0000",
    )
    with admin.begin() as connection:
        rows.write(connection)
    with acting_as(OPERATOR), transaction() as session:
        municipality_named(session, CITY, actor=OPERATOR, now=now)
        import_file(session, list_without_real_numbers(), LIST, city_id, actor=OPERATOR, now=now)
    with admin.begin() as connection:
        found = connection.execute(_KEYS).all()
        derived = [{"id": row.id, "new": ident("facility", row.list_key)} for row in found]
        connection.execute(_RENAME, derived)
    return city_id

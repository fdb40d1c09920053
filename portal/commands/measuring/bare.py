"""The ceiling: a bare Flask app, a statement and a template a page, without anything else.

Runs on the same server, workers and pool as the portal, in the same run.
"""

from __future__ import annotations

import os
import time
from functools import cache

from flask import Flask, request
from flask.typing import ResponseReturnValue
from jinja2 import Template
from sqlalchemy import Engine, text

from portal.db.session import make_engine

#: Takes a place of a stay of three hours in one pool, and writes booking and outbox rows.
SCHEMA = """
CREATE SCHEMA bare;
CREATE TABLE bare.days (id integer PRIMARY KEY, free smallint[] NOT NULL
    CHECK (0 <= ALL (free)));
CREATE TABLE bare.month (facility integer, day integer, free smallint[] NOT NULL,
    PRIMARY KEY (facility, day));
INSERT INTO bare.month SELECT f, d, array_fill(((f + d) % 9)::smallint, ARRAY[48])
  FROM generate_series(1, 100) AS f, generate_series(1, 31) AS d;
CREATE TABLE bare.bookings (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), day integer NOT NULL,
    family uuid NOT NULL, made_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE bare.outbox (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), booking uuid NOT NULL);
CREATE FUNCTION bare.take(p_day integer, p_family uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    left_over smallint[];
    booked uuid;
BEGIN
    SELECT free INTO left_over FROM bare.days WHERE id = p_day;
    IF 1 > ANY (left_over[19:24]) THEN
        RETURN NULL;
    END IF;
    SELECT free INTO left_over FROM bare.days WHERE id = p_day FOR UPDATE;
    IF 1 > ANY (left_over[19:24]) THEN
        RETURN NULL;
    END IF;
    FOR cell IN 19 .. 24 LOOP
        left_over[cell] := left_over[cell] - 1;
    END LOOP;
    UPDATE bare.days SET free = left_over WHERE id = p_day;
    INSERT INTO bare.bookings (day, family) VALUES (p_day, p_family) RETURNING id INTO booked;
    INSERT INTO bare.outbox (booking) VALUES (booked);
    RETURN booked;
END $$;
GRANT USAGE ON SCHEMA bare TO portal_app;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA bare TO portal_app;
"""

TAKE = text("SELECT bare.take(:day, CAST(:family AS uuid))")
MONTH = text("SELECT day, free FROM bare.month WHERE facility = :facility ORDER BY day")
SEARCH = text("SELECT facility, day, free FROM bare.month ORDER BY facility, day")
_KEPT_SECONDS = 1.0

#: A cell an hour, 31 days of 10 hours.
_MONTH_PAGE = Template(
    """<!DOCTYPE html><html lang="ja"><title>空き</title><table>
{% for day, cells in days %}<tr><th>{{ day }}日</th>
{% for free in cells %}<td class="{{ "free" if free else "full" }}">{{ free }}人</td>{% endfor %}
</tr>{% endfor %}</table></html>""",
    autoescape=True,
)
#: A cell a facility and day.
_SEARCH_PAGE = Template(
    """<!DOCTYPE html><html lang="ja"><title>さがす</title><table>
{% for facility, cells in rows %}<tr><th>{{ facility }}園</th>
{% for free in cells %}<td class="{{ "free" if free else "full" }}">{{ free }}人</td>{% endfor %}
</tr>{% endfor %}</table></html>""",
    autoescape=True,
)


@cache
def engine() -> Engine:
    """Return the pool, of the same size as the portal's."""
    return make_engine(os.environ["DATABASE_URL"]).execution_options(isolation_level="AUTOCOMMIT")


app = Flask("bare")
_kept: dict[str, tuple[float, str]] = {}


@app.post("/take")
def take() -> ResponseReturnValue:
    """Take a place or say that there is none."""
    values = {"day": int(request.form["day"]), "family": request.form["family"]}
    with engine().connect() as connection:
        booked = connection.execute(TAKE, values).scalar()
    return ("taken", 201) if booked else ("full", 409)


@app.get("/month")
def month() -> str:
    """Show a month of one facility from what is free."""
    with engine().connect() as connection:
        rows = connection.execute(MONTH, {"facility": request.args.get("facility", type=int)})
        days = [(row.day, row.free[16:36:2]) for row in rows]
    page: str = _MONTH_PAGE.render(days=days)
    return page


@app.get("/search")
def search() -> str:
    """Show a month of a hundred facilities, a cell a day."""
    with engine().connect() as connection:
        found: dict[int, list[int]] = {}
        for row in connection.execute(SEARCH):
            found.setdefault(row.facility, []).append(min(row.free[16:36]))
    page: str = _SEARCH_PAGE.render(rows=found.items())
    return page


@app.get("/search/kept")
def search_kept() -> str:
    """Show the same from a page that is kept for a second."""
    until, page = _kept.get("search", (0.0, ""))
    if time.monotonic() > until:
        page = search()
        _kept["search"] = (time.monotonic() + _KEPT_SECONDS, page)
    return page

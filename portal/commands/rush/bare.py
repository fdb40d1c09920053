"""The ceiling: a bare Flask app whose only route calls one SQL function, without anything else.

Runs on the same server, workers and pool as the portal, in the same run.
"""

from __future__ import annotations

import os
from functools import cache

from flask import Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine, text

from portal.db.session import make_engine

#: Takes a place of a stay of three hours in one pool, and writes booking and outbox rows.
SCHEMA = """
CREATE SCHEMA bare;
CREATE TABLE bare.days (id integer PRIMARY KEY, free smallint[] NOT NULL
    CHECK (0 <= ALL (free)));
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


@cache
def engine() -> Engine:
    """Return the pool, of the same size as the portal's."""
    return make_engine(os.environ["DATABASE_URL"]).execution_options(isolation_level="AUTOCOMMIT")


app = Flask("bare")


@app.post("/take")
def take() -> ResponseReturnValue:
    """Take a place or say that there is none."""
    with engine().connect() as connection:
        booked = connection.execute(TAKE, {"day": 1, "family": request.form["family"]}).scalar()
    return ("taken", 201) if booked else ("full", 409)

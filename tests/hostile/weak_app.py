"""The portal with one guard taken away at a time: what each probe must then report."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import weasyprint
from flask import render_template, render_template_string, request
from sqlalchemy import text, true
from sqlalchemy.orm import Session

from portal.accounts import entering, gate, passwords
from portal.documents import csv_files, ics, mail_message, pdf
from portal.documents.ics import CalendarEntry
from portal.facilities import service
from portal.families import queries
from portal.kernel.actor import Actor
from tests.hostile import probes_files
from tests.hostile.world import Bench
from tests.pages.authorization_world import LIST


@contextmanager
def everybody_may(bench: Bench) -> Iterator[None]:
    """Permissions are not looked at."""
    del bench
    with mock.patch("portal.web.access.may", return_value=True):
        yield


@contextmanager
def nothing_is_anybodys(bench: Bench) -> Iterator[None]:
    """Queries and row-level security forget whose things are whose."""
    bench.role = "portal_admin"
    with (
        mock.patch("portal.families.queries.visible", return_value=true()),
        mock.patch("portal.preregistration.queries.visible", return_value=true()),
    ):
        yield
    bench.role = "portal_app"


@contextmanager
def statements_are_glued(bench: Bench) -> Iterator[None]:
    """The search of families puts its words into the statement."""
    del bench

    real = queries.search_families

    def glued(session: Session, words: str, *, actor: Actor) -> object:
        statement = text(f"SELECT id FROM families WHERE id::text = '{words}'")
        return real(session, "" if session.execute(statement).all() else words, actor=actor)

    with mock.patch.object(queries, "search_families", glued):
        yield


@contextmanager
def nothing_is_escaped(bench: Bench) -> Iterator[None]:
    """Templates print what they are given."""
    environment = bench.app.jinja_env
    with (
        mock.patch.object(environment, "autoescape", False),  # noqa: FBT003 - Jinja's name
        mock.patch.object(environment, "bytecode_cache", None),  # compiled with escaping
    ):
        environment.cache.clear()  # type: ignore[union-attr]  # there is one
        yield
    environment.cache.clear()  # type: ignore[union-attr]  # there is one


@contextmanager
def pages_are_templates(bench: Bench) -> Iterator[None]:
    """A page is rendered twice: once with the words of people in it."""
    del bench

    def twice(name: str, **context: object) -> str:
        return render_template_string(render_template(name, **context))

    with mock.patch("portal.accounts.routes.render_template", twice):
        yield


@contextmanager
def any_next_page(bench: Bench) -> Iterator[None]:
    """Sign-in leads wherever the address says."""
    del bench
    with mock.patch.object(entering, "local_path", lambda wanted: wanted):
        yield


@contextmanager
def forms_without_token(bench: Bench) -> Iterator[None]:
    """Nobody asks for the token of a form."""
    with mock.patch.dict(bench.app.config, {"WTF_CSRF_ENABLED": False}):
        yield


@contextmanager
def sessions_never_end(bench: Bench) -> Iterator[None]:
    """Sign-out empties the cookie alone."""
    del bench
    with mock.patch.object(gate, "end_session", return_value=None):
        yield


@contextmanager
def cookies_for_scripts(bench: Bench) -> Iterator[None]:
    """The session's cookie is open to scripts and to other sites."""
    loose = {"SESSION_COOKIE_HTTPONLY": False, "SESSION_COOKIE_SAMESITE": None}
    with mock.patch.dict(bench.app.config, loose):
        yield


@contextmanager
def bare_answers(bench: Bench) -> Iterator[None]:
    """Answers carry no headers of protection."""
    with mock.patch.dict(bench.app.after_request_funcs, {None: []}):
        yield


@contextmanager
def unknown_accounts_are_quick(bench: Bench) -> Iterator[None]:
    """No hash is computed where there is no account."""
    del bench
    real = passwords.matches
    quick = lambda typed, stored: stored is not None and real(typed, stored)  # noqa: E731 - one line of it
    with mock.patch.object(passwords, "matches", quick):
        yield


@contextmanager
def nobody_counts(bench: Bench) -> Iterator[None]:
    """Tries are not counted."""
    del bench
    with mock.patch("portal.accounts.service.seconds_to_wait", return_value=0):
        yield


@contextmanager
def every_field_counts(bench: Bench) -> Iterator[None]:
    """The form of one's own name sets whatever it is sent."""
    del bench

    def change(session: object, name: str, *, actor: object) -> None:
        del name
        values = {"locale": request.form.get("locale", "ja"), "id": actor.user_id}  # type: ignore[attr-defined]  # an actor
        statement = text("UPDATE users SET locale = :locale, name = name || 'x' WHERE id = :id")
        session.execute(statement, values)  # type: ignore[attr-defined]  # a session

    with mock.patch("portal.accounts.routes.change_name", change):
        yield


@contextmanager
def files_are_believed(bench: Bench) -> Iterator[None]:
    """Whatever is uploaded counts as the list that it says it is."""
    del bench
    real, good = service.plan_import, LIST.read_bytes()

    def believed(session: Session, _data: bytes, *rest: Any, **options: Any) -> object:
        return real(session, good, *rest, **options)

    with mock.patch.object(service, "plan_import", believed):
        yield


@contextmanager
def cells_run(bench: Bench) -> Iterator[None]:
    """Cells are written as they are."""
    del bench
    with mock.patch.object(csv_files, "neutralised", lambda cell: cell):
        yield


@contextmanager
def mails_are_glued(bench: Bench) -> Iterator[None]:
    """A mail's headers are put together as text."""
    del bench

    class Glued:
        def __init__(self, subject: str, to: str) -> None:
            self._text = f"From: a@example.jp\r\nTo: {to}\r\nSubject: {subject}\r\n\r\nx"

        def as_bytes(self) -> bytes:
            return self._text.encode() + b"\r\nSubject: =?utf-8?"

    def build(**parts: str) -> Glued:
        to = f"{parts.get('to_name', '')} {parts['to_addr']} {parts.get('reply_to', '')}"
        return Glued(parts["subject"], to)

    with mock.patch.object(mail_message, "build", build):
        yield


@contextmanager
def paper_may_fetch(bench: Bench) -> Iterator[None]:
    """WeasyPrint fetches what a page names."""
    del bench
    fetch = weasyprint.urls.URLFetcher()
    with mock.patch.object(pdf._OnlyOurFonts, "__call__", lambda _self, url: fetch.fetch(url)):
        pdf._loaded.clear()
        yield
    pdf._loaded.clear()


@contextmanager
def calendars_are_glued(bench: Bench) -> Iterator[None]:
    """A calendar's lines are put together as text."""
    del bench

    def glued(entry: CalendarEntry) -> bytes:
        lines = ics.feed([entry], name="x").split(b"\r\nSUMMARY:", 1)
        return (
            lines[0] + f"\r\nSUMMARY:{entry.summary}\r\n".encode() + b"END:VEVENT\r\nEND:VCALENDAR"
        )

    with mock.patch.object(probes_files, "our_calendar", glued):
        yield


@contextmanager
def any_sign(bench: Bench) -> Iterator[None]:
    """Nobody looks for signs that turn a page around."""
    del bench
    with (
        mock.patch("portal.web.forms.has_control_character", return_value=False),
        mock.patch("portal.families.rules.has_control_character", return_value=False),
    ):
        yield

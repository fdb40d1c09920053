"""How rules are written, for whoever writes them elsewhere: the schemas and the reference page."""

from __future__ import annotations

import json
from functools import cache

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from portal.documents.markdown import Part, parts
from portal.rulebooks.reference.page import reference
from portal.rulebooks.schema import cases_schema, rules_schema
from portal.web.access import Permission, requires

bp = Blueprint("rules_files", __name__, url_prefix="/rules")

#: They change with a new version of the portal alone.
_KEPT = "public, max-age=3600"
_SCHEMA = "application/schema+json"


@bp.get("/schema.json")
@requires(Permission.OPEN_TO_ALL)
def schema() -> Response:
    """Hand out the JSON Schema of a rules document."""
    return _answer(json.dumps(rules_schema(), ensure_ascii=False, indent=1), _SCHEMA)


@bp.get("/cases-schema.json")
@requires(Permission.OPEN_TO_ALL)
def of_cases() -> Response:
    """Hand out the JSON Schema of a file of cases."""
    return _answer(json.dumps(cases_schema(), ensure_ascii=False, indent=1), _SCHEMA)


@bp.get("/reference")
@requires(Permission.OPEN_TO_ALL)
def read() -> ResponseReturnValue:
    """Show that page to be read: by its kinds, with a table of contents."""
    opening, *kinds = _reference()
    return render_template("office/rules/reference.html", opening=opening.body, parts=kinds)


@bp.get("/reference.md")
@requires(Permission.OPEN_TO_ALL)
def page() -> Response:
    """Hand out the page that says how rules and cases are written."""
    return _answer(reference(), "text/markdown; charset=utf-8")


@cache
def _reference() -> list[Part]:
    # Its notes in English are for programmers: they stay in the file.
    return parts(reference(), without_foreign_quotes=True)


def _answer(text: str, content_type: str) -> Response:
    return Response(text, content_type=content_type, headers={"Cache-Control": _KEPT})

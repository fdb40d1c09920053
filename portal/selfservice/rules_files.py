"""How rules are written, for whoever writes them elsewhere: the schemas and the reference page."""

from __future__ import annotations

import json

from flask import Blueprint, Response

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


@bp.get("/reference.md")
@requires(Permission.OPEN_TO_ALL)
def page() -> Response:
    """Hand out the page that says how rules and cases are written."""
    return _answer(reference(), "text/markdown; charset=utf-8")


def _answer(text: str, content_type: str) -> Response:
    return Response(text, content_type=content_type, headers={"Cache-Control": _KEPT})

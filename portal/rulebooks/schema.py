"""The JSON Schemas of the two files, for editors that complete and check while one writes."""

from __future__ import annotations

from typing import Any

from portal.policies.document import RulesDocument
from portal.rulebooks.kinds import kind_of
from portal.rulebooks.trying.case_file import CaseFile

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def rules_schema() -> dict[str, Any]:
    """Return the schema of a rules document; each part carries its kind as ``x-kind``."""
    found = RulesDocument.model_json_schema(by_alias=True)
    for name, part in found["properties"].items():
        if kind := kind_of(name):
            part["x-kind"] = kind.number
    return {"$schema": _DIALECT, "$id": "/rules/schema.json", **found, "title": "きまりのファイル"}


def cases_schema() -> dict[str, Any]:
    """Return the schema of a file of cases.

    What ``defaults`` fills in may be missing in a case, so nothing of a case is required here.
    """
    found = CaseFile.model_json_schema(by_alias=True)
    for model in ("WrittenCase", "WrittenChild"):
        found["$defs"][model].pop("required", None)
    found["$defs"]["WrittenCase"]["properties"]["child"] = {
        "$ref": "#/$defs/WrittenChild",
        "description": "子が1人なら、children の代わりに",
    }
    return {
        "$schema": _DIALECT,
        "$id": "/rules/cases-schema.json",
        **found,
        "title": "ケースのファイル",
    }

"""The part of the rules form about applications: documents and consents that are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import BooleanField, TextAreaField

from portal.rulebooks.reading.mistakes import Path
from portal.web.forms import PortalForm

_AT: Path = ("application",)
_COLONS = str.maketrans({":": "："})
#: Field by whether the document is asked of each child.
_FIELDS = {False: "application_family", True: "application_child"}


class ApplicationFields(PortalForm):
    """The fields, in the words of a director; typed text stays as typed."""

    application_family = TextAreaField("ご家庭に1つの書類（1行に1つ）")
    application_child = TextAreaField("お子さんごとの書類（1行に1つ）")
    application_emergency = BooleanField(
        "急な病気やけがのとき、医療機関に伝えることの同意を聞く", default=True
    )
    application_photographs = BooleanField("預かりのようすを写真にとることの同意を聞く")


def application_content(form: Any, fields: dict[Path, str]) -> dict[str, Any] | None:
    """Return what was typed as the plain data of the rule; ``None`` where nothing is asked.

    Args:
        fields: Takes up which place of the document each field belongs to.
    """
    documents: list[dict[str, Any]] = []
    fields[_AT] = _FIELDS[False]
    for each_child, name in _FIELDS.items():
        for line in str(form[name].data or "").splitlines():
            title, _colon, hint = line.translate(_COLONS).partition("：")
            if title.strip():
                fields[(*_AT, "documents", len(documents))] = name
                documents.append(
                    {"name": title.strip(), "hint": hint.strip(), "each_child": each_child}
                )
    content = {
        "documents": documents,
        "emergency_care": bool(form.application_emergency.data),
        "photographs": bool(form.application_photographs.data),
    }
    return content if any(content.values()) else None


def application_fields(rule: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the fields of a rule's plain data."""
    if rule is None:
        return {"application_emergency": False, "application_photographs": False}
    lines: dict[bool, list[str]] = {False: [], True: []}
    for each in rule["documents"]:
        line = f"{each['name']}：{each['hint']}" if each["hint"] else each["name"]
        lines[each["each_child"]].append(line)
    return {
        **{_FIELDS[each_child]: "\n".join(found) for each_child, found in lines.items()},
        "application_emergency": rule["emergency_care"],
        "application_photographs": rule["photographs"],
    }

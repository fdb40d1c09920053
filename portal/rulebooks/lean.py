"""A rules document written out with what it says alone: fields at their usual value stay out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tomli_w
from pydantic import BaseModel

from portal.policies.document import RulesDocument

#: Says which form a part has; without it nobody could read the part.
_SIGN = "kind"


def lean(document: RulesDocument) -> dict[str, Any]:
    """Return a document as plain data that reads as the same document."""
    plain = document.model_dump(mode="json", exclude_none=True)
    found = _lean(document, plain)
    return {"format": document.format} | found if found else {}


def lean_kinds(document: RulesDocument, kinds: set[str]) -> dict[str, Any]:
    """Return some kinds of a document in the same way, in the order of the document."""
    return {name: part for name, part in lean(document).items() if name in kinds}


def as_toml(content: Mapping[str, Any]) -> str:
    """Return plain data as TOML that people can read and change."""
    return tomli_w.dumps(_tables_last(content), multiline_strings=True)


def write_toml(document: RulesDocument) -> str:
    """Return a document as a TOML file."""
    return as_toml(lean(document))


def _lean(model: BaseModel, plain: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for name, field in type(model).model_fields.items():
        value, written = getattr(model, name), field.serialization_alias or field.alias or name
        dumped = plain.get(name, plain.get(written))
        if dumped is None or (
            name != _SIGN and value == field.get_default(call_default_factory=True)
        ):
            continue
        found[written] = _part(value, dumped)
    # What a variant lays over the usual rules stands as written: said is said, the usual value too.
    return found | {name: plain[name] for name in model.model_extra or () if name in plain}


def _part(value: object, plain: Any) -> Any:
    if isinstance(value, BaseModel):
        return _lean(value, plain)
    if isinstance(value, tuple | list) and isinstance(plain, list):
        return [_part(one, dumped) for one, dumped in zip(value, plain, strict=True)]
    return plain


def _tables_last(content: Mapping[str, Any]) -> dict[str, Any]:
    """TOML reads plain values behind a table as part of it, so they stand before all tables."""
    tables = {name for name, value in content.items() if isinstance(value, dict)}
    return {name: content[name] for name in (*(n for n in content if n not in tables), *tables)}

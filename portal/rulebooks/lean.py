"""A rules document written out with what it says alone: fields at their usual value stay out.

Kinds stand in the order of the reference, and fields as people look for them: what a thing is
called first, then what it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel

from portal.policies.document import RulesDocument
from portal.rulebooks.kinds import KINDS, TITLES_OF_THE_DOCUMENT
from portal.rulebooks.toml_text import toml_text

#: Says which form a part has; without it nobody could read the part.
_SIGN = "kind"
#: Fields that stand first wherever they are, in this order; the others as their model has them.
_FIRST = (
    *(_SIGN, "code", "label", "name", "when", "metric", "amount", "period"),
    *("weekdays", "weekday", "days", "day"),
)
#: The parts of a document in the order in which they are written.
_ORDER = (
    *("format", "title"),
    *(field for kind in KINDS for field in kind.fields),
    *("texts", "variants"),
)
#: What stands above a part in a file.
HEADINGS: Mapping[str, str] = MappingProxyType(
    {field: kind.title for kind in KINDS for field in kind.fields} | TITLES_OF_THE_DOCUMENT
)


def lean(document: RulesDocument) -> dict[str, Any]:
    """Return a document as plain data that reads as the same document."""
    plain = document.model_dump(mode="json", exclude_none=True)
    found = _lean(document, plain)
    return {name: found[name] for name in _ORDER if name in found}


def lean_kinds(document: RulesDocument, kinds: set[str]) -> dict[str, Any]:
    """Return some kinds of a document in the same way and order."""
    return {name: part for name, part in lean(document).items() if name in kinds}


def as_toml(content: Mapping[str, Any]) -> str:
    """Return parts of a document as TOML that people can read and change."""
    return toml_text(content, HEADINGS)


def write_toml(document: RulesDocument) -> str:
    """Return a document as a TOML file."""
    content = lean(document)
    return as_toml({"format": document.format} | content if content else {})


def _lean(model: BaseModel, plain: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for name in sorted(type(model).model_fields, key=_place):
        field = type(model).model_fields[name]
        value, written = getattr(model, name), field.serialization_alias or field.alias or name
        dumped = plain.get(name, plain.get(written))
        if dumped is None or (
            name != _SIGN and value == field.get_default(call_default_factory=True)
        ):
            continue
        found[written] = _part(value, dumped)
    # What a variant lays over the usual rules stands as written: said is said, the usual value too.
    laid = [name for name in model.model_extra or () if name in plain]
    return found | {name: plain[name] for name in sorted(laid, key=_place_of_kind)}


def _part(value: object, plain: Any) -> Any:
    if isinstance(value, BaseModel):
        return _lean(value, plain)
    if isinstance(value, tuple | list) and isinstance(plain, list):
        return [_part(one, dumped) for one, dumped in zip(value, plain, strict=True)]
    if isinstance(value, frozenset):
        return [each.value if isinstance(each, Enum) else each for each in sorted(value, key=_rank)]
    return plain


def _rank(one: Any) -> Any:
    """Things without an order of their own stand as their list of values has them."""
    return list(type(one)).index(one) if isinstance(one, Enum) else one


def _place(name: str) -> int:
    return _FIRST.index(name) if name in _FIRST else len(_FIRST)


def _place_of_kind(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)

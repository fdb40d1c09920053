"""A small reader of JSON Schema (2020-12): as much as the API's description uses, and no more.

An unknown keyword is an error, so that nothing is believed to be checked that is not.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

Schema = Mapping[str, Any]

_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
_READ: Mapping[str, Callable[[str], object]] = {
    "date": date.fromisoformat,
    "date-time": datetime.fromisoformat,
    "uuid": uuid.UUID,
}
#: Said to people alone.
_WORDS = frozenset({"title", "description", "default", "examples"})
_KNOWN = _WORDS | {
    "$ref",
    "type",
    "enum",
    "const",
    "anyOf",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "format",
    "pattern",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minimum",
    "maximum",
}


def resolved(document: Schema, schema: Schema) -> Schema:
    """Return what a ``$ref`` of the document points at."""
    while "$ref" in schema:
        found: Any = document
        for part in str(schema["$ref"]).removeprefix("#/").split("/"):
            found = found[part]
        schema = found
    return schema


def complaints(document: Schema, schema: Schema, value: Any, at: str = "") -> Iterator[str]:
    """Yield each way in which ``value`` is not as the schema says."""
    schema = resolved(document, schema)
    unknown = set(schema) - _KNOWN
    assert not unknown, f"{at}: not understood: {unknown}"
    if "anyOf" in schema and all(
        any(True for _ in complaints(document, each, value, at)) for each in schema["anyOf"]
    ):
        yield f"{at}: none of the kinds: {value!r}"
    if "type" in schema and not _is_a(value, schema["type"]):
        yield f"{at}: no {schema['type']}: {value!r}"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at}: {value!r} is none of {schema['enum']}"
    if "const" in schema and value != schema["const"]:
        yield f"{at}: {value!r} is not {schema['const']!r}"
    yield from _about_size(schema, value, at)
    if isinstance(value, str):
        yield from _about_text(schema, value, at)
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from complaints(document, schema.get("items", {}), each, f"{at}/{number}")
    if isinstance(value, dict):
        yield from _about_object(document, schema, value, at)


_BOUNDS: Mapping[type, tuple[str, str]] = {
    str: ("minLength", "maxLength"),
    list: ("minItems", "maxItems"),
    int: ("minimum", "maximum"),
    float: ("minimum", "maximum"),
}


def _about_size(schema: Schema, value: Any, at: str) -> Iterator[str]:
    least, most = _BOUNDS.get(type(value), ("", ""))
    size = value if isinstance(value, int | float) else len(value) if least else 0
    if not schema.get(least, size) <= size <= schema.get(most, size):
        yield f"{at}: {size} is too little or too much"


def _is_a(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])


def _about_text(schema: Schema, value: str, at: str) -> Iterator[str]:
    if "pattern" in schema and not re.search(schema["pattern"], value):
        yield f"{at}: {value!r} does not match"
    if "format" in schema:
        try:
            _READ[schema["format"]](value)
        except ValueError:
            yield f"{at}: {value!r} is no {schema['format']}"


def _about_object(
    document: Schema, schema: Schema, value: Mapping[str, Any], at: str
) -> Iterator[str]:
    known = schema.get("properties", {})
    yield from (
        f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value
    )
    for name, each in value.items():
        if name in known:
            yield from complaints(document, known[name], each, f"{at}/{name}")
        elif schema.get("additionalProperties") is False:
            yield f"{at}: {name} is not known"

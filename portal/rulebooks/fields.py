"""Every field of a document with its place: to look for what stands in fields of one name. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from portal.rulebooks.reading.mistakes import Path


def fields_of_document(
    part: object, path: Path = ()
) -> Iterator[tuple[Path, str, object, Mapping[str, object]]]:
    """Every field of a document with its place, its name, its value and what stands beside it."""
    if isinstance(part, BaseModel):
        content: Mapping[str, object] = {
            (info.alias or name): getattr(part, name)
            for name, info in type(part).model_fields.items()
        }
        yield from fields_of_document({**content, **(part.model_extra or {})}, path)
    elif isinstance(part, Mapping):
        for name, value in part.items():
            yield (*path, str(name)), str(name), value, part
            yield from fields_of_document(value, (*path, str(name)))
    elif isinstance(part, list | tuple):
        for number, inner in enumerate(part):
            yield from fields_of_document(inner, (*path, number))

"""Which fields may stand where in a document: the models asked what they are made of. Pure."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

Model = type[BaseModel]


def models_in(annotation: Any) -> tuple[Model, ...]:
    """Return the models that a value of this type can be or hold, lists and choices looked into."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation,)
    if get_origin(annotation) is Annotated:
        return models_in(get_args(annotation)[0])
    if get_origin(annotation) is Literal:
        return ()
    found = (model for inner in get_args(annotation) for model in models_in(inner))
    return tuple(dict.fromkeys(found))


def is_choice(annotation: Any) -> bool:
    """Say whether a type is one of several."""
    return get_origin(annotation) in {Union, types.UnionType}


def fields_of(model: Model) -> dict[str, FieldInfo]:
    """Return the fields of a model by the names that stand in files."""
    return {info.alias or name: info for name, info in model.model_fields.items()}


def models_at(root: Model, path: Sequence[str | int], content: Any) -> tuple[Model, ...]:
    """Return the models that can stand at a place of what was written; empty for a plain value.

    Of a choice between kinds, the one that the content names.
    """
    models: tuple[Model, ...] = (root,)
    node = content
    for part in path:
        node = _inside(node, part)
        if isinstance(part, str):
            found = [_field(root, model, part) for model in models]
            models = tuple(
                model for info in found if info is not None for model in models_in(info.annotation)
            )
        kind = node.get("kind") if isinstance(node, Mapping) else None
        named = tuple(model for model in models if kind in kinds_of(model))
        models = named or models
    return models


def kinds_of(model: Model) -> tuple[str, ...]:
    """Return the values of ``kind`` by which a choice finds this model."""
    info = model.model_fields.get("kind")
    if info is None or get_origin(info.annotation) is not Literal:
        return ()
    return tuple(str(value) for value in get_args(info.annotation))


def closest(name: str, names: Sequence[str]) -> str | None:
    """Return the name that somebody may have meant."""
    return next(iter(get_close_matches(name.lower(), names, n=1, cutoff=0.6)), None)


@cache
def places_of(root: Model) -> Mapping[str, tuple[str, ...]]:
    """Return for each field name the places in a document where it belongs, upper ones first."""
    found: dict[str, list[str]] = {}
    for place, name in sorted(_places(root, ()), key=lambda one: one[0].count(".")):
        found.setdefault(name, [])
        if place not in found[name]:
            found[name].append(place)
    return {name: tuple(places) for name, places in found.items()}


def _field(root: Model, model: Model, name: str) -> FieldInfo | None:
    """A model that takes more than its own fields (a variant) takes those of the document."""
    own = fields_of(model).get(name)
    if own is None and model.model_config.get("extra") == "allow":
        return fields_of(root).get(name)
    return own


def _places(model: Model, around: tuple[tuple[str, Model], ...]) -> Iterator[tuple[str, str]]:
    for name, info in fields_of(model).items():
        yield ".".join(part for part, _ in around), name
        for inner in models_in(info.annotation):
            if inner not in {seen for _, seen in around}:
                yield from _places(inner, (*around, (name, inner)))


def _inside(node: Any, part: str | int) -> Any:
    if isinstance(node, Mapping):
        return node.get(part) if isinstance(part, str) else None
    if isinstance(node, list) and isinstance(part, int) and part < len(node):
        return node[part]
    return None

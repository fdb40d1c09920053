"""The fields of models as tables, each model once, below the kind that it belongs to. Pure."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from portal.policies.document import RulesDocument
from portal.rulebooks.kinds import KINDS
from portal.rulebooks.reference.words_of_types import (
    default_words,
    example_words,
    name_of,
    type_words,
)
from portal.rulebooks.shapes import Model, fields_of, kinds_of, models_in

_HEAD = "| 名前 | 意味 | 書き方・単位 | 書かないと | 例 |\n|---|---|---|---|---|"


def models_of(fields: Sequence[str], root: Model = RulesDocument) -> list[Model]:
    """Return every model that can stand below some fields, in the order of reading."""
    found: dict[Model, None] = {}
    for name in fields:
        info = fields_of(root).get(name)
        for model in models_in(info.annotation) if info else ():
            _gather(model, found)
    return list(found)


def shared_models() -> list[Model]:
    """Return the models that more than one kind uses; they are told once, at the end."""
    uses: Counter[Model] = Counter()
    for kind in KINDS:
        uses.update(models_of(kind.fields))
    uses.update(models_of(["variants"]))
    return [model for model, count in uses.items() if count > 1]


def table_of(model: Model, names: Iterable[str] | None = None) -> str:
    """Return the fields of a model as a table."""
    fields = fields_of(model)
    rows = (name for name in fields if names is None or name in names)
    return "\n".join([_HEAD, *(_row(name, model) for name in rows)])


def section_of(model: Model) -> Iterator[str]:
    """Yield a model's heading, its note in English and its table."""
    yield f"#### {name_of(model)}"
    if note := note_of(model):
        yield note
    yield table_of(model)


def note_of(model: Model) -> str:
    """Return what the model itself says of its fields, as a quotation in English."""
    doc = inspect.cleandoc(model.__doc__ or "").replace("``", "`")
    parts = [" ".join(part.split()) for part in doc.split("\n\n")]
    kept = [part for part in parts if not part.startswith(("*Source", "Source"))]
    return "\n>\n".join(f"> {part}" for part in kept)


def _gather(model: Model, found: dict[Model, None]) -> None:
    if model in found:
        return
    found[model] = None
    for info in fields_of(model).values():
        for inner in models_in(info.annotation):
            _gather(inner, found)


def _row(name: str, model: Model) -> str:
    info = fields_of(model)[name]
    if name == "kind" and not info.is_required() and not info.description:
        meaning = "種類"
    else:
        meaning = info.description or ""
    cells = (
        f"`{name}`",
        meaning,
        type_words(name, info),
        "**必ず書く**" if name == "kind" and kinds_of(model) else default_words(info),
        example_words(info),
    )
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

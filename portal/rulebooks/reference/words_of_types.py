"""What may be written for a field, in plain Japanese: from its type and its limits. Pure."""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from portal.policies.document import RulesDocument
from portal.policies.reasons import BookingRefusal
from portal.rulebooks.shapes import Model, fields_of, kinds_of, models_in
from portal.rulebooks.trying.case_file import CaseFile
from portal.rulebooks.trying.moments import clock

#: The unit that a name tells, by its last word.
_UNITS: Mapping[str, str] = {
    "minutes": "分",
    "hours": "時間",
    "days": "日",
    "weeks": "週",
    "months": "か月",
    "years": "年",
    "yen": "円",
    "percent": "%",
    "age": "歳",
    "ages": "歳",
    "children": "人",
    "families": "家庭",
}

_PLAIN: Mapping[type, str] = {
    bool: "true か false",
    int: "整数",
    float: "数",
    Decimal: "数",
    str: "文字",
    date: '日付 "2026-04-01"',
    datetime: '日時 "2026-04-01 09:00"',
}

_LIMITS = (("ge", "{}以上"), ("gt", "{}より大きい"), ("le", "{}以下"), ("lt", "{}より小さい"))


def type_words(name: str, info: FieldInfo) -> str:
    """Return what may be written: its form, range and unit, and every choice with its meaning."""
    said = _special(info.metadata) or _words(info.annotation)
    limits = _limits(info.metadata) or _limits(_metadata_in(info.annotation))
    unit = _UNITS.get(name.rsplit("_", maxsplit=1)[-1], "")
    extra = "、".join(filter(None, (limits, unit and f"単位：{unit}")))
    return f"{said}（{extra}）" if extra and _is_figure(info.annotation) else said


def default_words(info: FieldInfo) -> str:
    """Return what holds where the field is left out."""
    if info.is_required():
        return "**必ず書く**"
    value = info.get_default(call_default_factory=True, validated_data={})
    if value is None or value in ((), [], {}, frozenset(), ""):
        return "なし"
    if isinstance(value, BaseModel):
        return "それぞれの既定"
    if isinstance(value, frozenset | set):
        value = sorted(value)
    return f"`{toml_value(value)}`"


def example_words(info: FieldInfo) -> str:
    """Return the examples of a field as TOML."""
    return "<br>".join(f"`{toml_value(value)}`" for value in info.examples or ())


def toml_value(value: Any) -> str:
    """Return a value as it stands on the right of ``=`` in TOML."""
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json", exclude_unset=True, by_alias=True)
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{name} = {toml_value(inner)}" for name, inner in value.items())
        return f"{{ {inside} }}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    return json.dumps(value if isinstance(value, str) else str(value), ensure_ascii=False)


@cache
def meanings_of(enum: type[Enum]) -> Mapping[Any, str]:
    """Return what each choice means, from the table of words beside it; empty for none."""
    own = sys.modules[enum.__module__]
    policies = (m for name, m in sorted(sys.modules.items()) if name.startswith("portal.policies."))
    for module in (own, *policies):
        for table in vars(module).values():
            if isinstance(table, Mapping) and len(table) == len(enum) and _is_of(table, enum):
                return table
    return {}


def _is_of(table: Mapping[Any, Any], enum: type[Enum]) -> bool:
    return all(isinstance(key, enum) for key in table) and all(
        isinstance(words, str) for words in table.values()
    )


def _words(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _special(inner[1:]) or _words(inner[0])
    if origin in {Union, types.UnionType}:
        return _choice([one for one in inner if one is not type(None)])
    if origin is Literal:
        return " か ".join(f"`{toml_value(value)}`" for value in inner)
    if origin is not None:
        is_table = origin in {dict, Mapping}
        return f"表（名前 = {_words(inner[1])}）" if is_table else _several(inner[0])
    return _of_class(annotation)


def _of_class(annotation: Any) -> str:
    if annotation is Any:
        return "表"
    if issubclass(annotation, Enum):
        return _members(annotation)
    if issubclass(annotation, BaseModel):
        return f"表 → {link(annotation)}"
    return _PLAIN.get(annotation, "文字")


def _several(inner: Any) -> str:
    if models := models_in(inner):
        return "表の並び → " + " か ".join(link(model) for model in models)
    return f"[ ] で並べる：{_words(inner)}"


def _choice(inner: list[Any]) -> str:
    models = [model for one in inner for model in models_in(one)]
    if len(models) > 1 and all(kinds_of(model) for model in models):
        said = (f"`{kinds_of(model)[0]}` → {link(model)}" for model in models)
        return "表。kind で選ぶ：<br>" + "<br>".join(said)
    return " か ".join(dict.fromkeys(_words(one) for one in inner))


def _members(enum: type[Enum]) -> str:
    if enum is BookingRefusal:
        return "符号 → [断る理由の符号](#断る理由の符号)"
    meanings = meanings_of(enum)
    return "次のどれか：<br>" + "<br>".join(
        f"`{member.value}` {meanings.get(member, '')}".strip() for member in enum
    )


def name_of(model: Model) -> str:
    """Return what a model is called on the page: its own name, with its file where two share it."""
    others = {one for one in _all_models() if one.__name__ == model.__name__}
    if len(others) < 2:  # noqa: PLR2004 - two share it
        return model.__name__
    return f"{model.__name__}_{model.__module__.rsplit('.', maxsplit=1)[-1]}"


def link(model: Model) -> str:
    """Return a link to where a model's fields are listed."""
    return f"[{name_of(model)}](#{name_of(model).lower()})"


@cache
def _all_models() -> tuple[Model, ...]:
    found: dict[Model, None] = {}

    def gather(model: Model) -> None:
        if model not in found:
            found[model] = None
            for info in fields_of(model).values():
                for inner in models_in(info.annotation):
                    gather(inner)

    for root in (RulesDocument, CaseFile):
        gather(root)
    return tuple(found)


def _special(metadata: Sequence[Any]) -> str:
    """A text of a fixed form, such as a clock time."""
    for one in metadata:
        if getattr(one, "func", None) is clock:
            return '時刻 "09:00"'
        pattern = getattr(one, "pattern", None)
        for inner in getattr(one, "metadata", ()):
            pattern = pattern or getattr(inner, "pattern", None)
        if pattern and "24:00" in str(pattern):
            return '時刻 "09:00"'
        if pattern and "-(0[1-9]" in str(pattern):
            return '月日 "12-29"'
    return ""


def _metadata_in(annotation: Any) -> list[Any]:
    found: list[Any] = []
    if get_origin(annotation) is Annotated:
        for one in get_args(annotation)[1:]:
            found += [one, *getattr(one, "metadata", ())]
    for inner in get_args(annotation):
        if not isinstance(inner, str | int):
            found += _metadata_in(inner)
    return found


def _limits(metadata: list[Any]) -> str:
    said = []
    for name, words in _LIMITS:
        value = next((getattr(one, name) for one in metadata if hasattr(one, name)), None)
        if value is not None and value is not PydanticUndefined:
            said.append(words.format(value))
    return "".join(said)


def _is_figure(annotation: Any) -> bool:
    inner = get_args(annotation)
    if inner and get_origin(annotation) is not Literal:
        return any(_is_figure(one) for one in inner if one is not type(None))
    return annotation in {int, float, Decimal}

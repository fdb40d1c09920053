"""Any rule that can be written: strategies made from the models themselves.

A field that somebody adds tomorrow is drawn tomorrow, so that what holds for every document is
tried on it without another line here. Words and codes come from a few, so that what a case tells
meets what a rule asks.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import cache
from importlib import resources
from itertools import combinations
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types as at
from hypothesis import strategies as st
from pydantic import BaseModel, NaiveDatetime, ValidationError
from pydantic.fields import FieldInfo

from portal.policies.document import RulesDocument, load_template, template_names
from portal.policies.variants import VariantWhen
from portal.rulebooks.files import read_document
from portal.rulebooks.places import load_place, place_names

PURPOSES = ("respite", "emergency", "irregular_work")
MARKS = ("welfare", "tax_exempt", "multiple_birth", "extension", "referred")
CODES = (*PURPOSES, *MARKS, "homecoming", "own_lunch", "weaned", "walks", "ticket")
WORDS = ("午前", "午後", "1日", "松戸市", "中央区", "千葉県", "web", "phone", "respite", "welfare")
CLOCK = st.integers(0, 24 * 12).map(lambda n: f"{n // 12:02d}:{n % 12 * 5:02d}")
DAYS = st.dates(date(2026, 1, 1), date(2028, 12, 31))
#: Tries before a rule is given up whose fields contradict each other.
_TRIES = 4
_MOST_FIELDS, _MOST_MEMBERS, _MOST_KINDS = 5, 3, 14


@cache
def any_rule(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any] | None]:
    """Return what can be written for a rule, as JSON would hold it.

    None where every try contradicted itself; a field that may be left out is left out more often
    than not.
    """

    @st.composite
    def written(draw: st.DrawFn) -> dict[str, Any] | None:
        for _ in range(_TRIES):
            found = draw(_once(model))
            if found is not None and (kept := _agreeing(model, found)) is not None:
                return kept
        return None

    return written()


@cache
def _once(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any] | None]:
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    # The discriminator of a union is written even where it has a default.
    needed = [name for name in fields if _is_needed(model, name)]
    others = [name for name in fields if name not in needed]

    @st.composite
    def fill(draw: st.DrawFn) -> dict[str, Any] | None:
        chosen = (
            draw(st.lists(st.sampled_from(others), unique=True, max_size=_MOST_FIELDS))
            if (others)
            else []
        )
        found = {name: draw(_of_field(fields[name])) for name in (*needed, *chosen)}
        if any(found[name] is None for name in needed):
            return None
        return {name: value for name, value in found.items() if value is not None}

    return fill()


def _agreeing(model: type[BaseModel], written: dict[str, Any]) -> dict[str, Any] | None:
    """Return as much of a rule as does not contradict itself; None where even the least does."""
    free = [name for name in written if not _is_needed(model, name)]
    for count in range(len(free) + 1):
        for dropped in combinations(free, count):
            kept = {name: value for name, value in written.items() if name not in dropped}
            if _is_rule(model, kept):
                return kept
    return None


def _is_needed(model: type[BaseModel], name: str) -> bool:
    fields = {field.alias or key: field for key, field in model.model_fields.items()}
    return name == "kind" or fields[name].is_required()


def _is_rule(model: type[BaseModel], written: Mapping[str, Any]) -> bool:
    try:
        model.model_validate(written)
    except ValidationError:
        return False
    return True


def _of_field(field: FieldInfo) -> st.SearchStrategy[Any]:
    drawn = _of_type(field.annotation, tuple(field.metadata))
    # What the reference page shows fits together more often than what is drawn field by field.
    return drawn | st.sampled_from(field.examples) if field.examples else drawn


def _of_type(kind: Any, limits: tuple[Any, ...] = ()) -> st.SearchStrategy[Any]:
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *more = get_args(kind)
        flat = [m for one in more for m in (one.metadata if isinstance(one, FieldInfo) else [one])]
        return _of_type(inner, (*limits, *flat))
    if origin in {Union, types.UnionType}:
        several = [one for one in get_args(kind) if one is not type(None)]
        return st.one_of([_of_type(one, limits) for one in several])
    if origin is Literal:
        return st.sampled_from([_plain(one) for one in get_args(kind)])
    if origin in {tuple, frozenset}:
        return _several(get_args(kind)[0], limits)
    return _of_class(kind, limits)


def _of_class(kind: Any, limits: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if issubclass(kind, BaseModel):
        return any_rule(kind)
    if issubclass(kind, Enum):
        return st.sampled_from([one.value for one in kind])
    return _PLAIN[kind](limits)


def _several(kind: Any, limits: tuple[Any, ...]) -> st.SearchStrategy[list[Any]]:
    least = max((m.min_length for m in limits if hasattr(m, "min_length")), default=0) or 0
    members = st.lists(_of_type(kind), min_size=least, max_size=max(least, _MOST_MEMBERS))
    return members.map(lambda found: [one for one in found if one is not None])


def _bound(limits: tuple[Any, ...], low: Any, high: Any) -> tuple[Any, Any]:
    for limit in _flat(limits):
        if isinstance(limit, at.Ge):
            low = limit.ge
        elif isinstance(limit, at.Gt):
            low = limit.gt
        elif isinstance(limit, at.Le):
            high = limit.le
    return low, high


def _flat(limits: tuple[Any, ...]) -> list[Any]:
    return [one for limit in limits for one in getattr(limit, "metadata", None) or [limit]]


def _whole(limits: tuple[Any, ...]) -> st.SearchStrategy[int]:
    low, high = _bound(limits, 0, 1000)
    return st.integers(int(low), int(high)) | st.integers(int(low), min(int(high), int(low) + 40))


def _text(limits: tuple[Any, ...]) -> st.SearchStrategy[str]:
    pattern = next((m.pattern for m in _flat(limits) if getattr(m, "pattern", None)), None)
    if pattern is None:
        return st.sampled_from(WORDS + PURPOSES)
    if ":" in pattern:
        return CLOCK
    if "-" in pattern and r"\d" in pattern:
        return DAYS.map(lambda day: day.strftime("%m-%d"))
    return st.sampled_from(CODES)


def _broken(limits: tuple[Any, ...]) -> st.SearchStrategy[float]:
    low, high = _bound(limits, 0, 40)
    halves = st.integers(int(Decimal(low) * 2), int(min(Decimal(high), Decimal(low) + 40) * 2))
    return halves.map(lambda n: n / 2)


_MOMENTS = st.builds(
    lambda day, hour: datetime.combine(day, time(hour)).isoformat(), DAYS, st.integers(0, 23)
)
_PLAIN: Mapping[Any, Callable[[tuple[Any, ...]], st.SearchStrategy[Any]]] = {
    int: _whole,
    str: _text,
    bool: lambda _limits: st.booleans(),
    date: lambda _limits: DAYS.map(date.isoformat),
    NaiveDatetime: lambda _limits: _MOMENTS,
    datetime: lambda _limits: _MOMENTS,
    Decimal: _broken,
    float: _broken,
}


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


# --- whole documents ---

_WHOLE = frozenset({"format", "title", "texts", "variants"})


def _models(kind: Any) -> list[type[BaseModel]]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [model for part in get_args(kind) for model in _models(part)]


@cache
def written_documents() -> list[dict[str, Any]]:
    """Return the places, the templates and the examples of the reference, as JSON holds them."""
    examples = resources.files("portal.rulebooks.reference").joinpath("examples").iterdir()
    read = [
        *map(load_place, place_names()),
        *map(load_template, template_names()),
        *(read_document(f.read_bytes()) for f in examples if not f.name.endswith(".cases.toml")),
    ]
    return [document.model_dump(mode="json", exclude_unset=True) for document in read]


def _written(name: str) -> list[Any]:
    """Return what they say of a kind, or their variants."""
    return [document[name] for document in written_documents() if document.get(name)]


@cache
def _kinds() -> dict[str, st.SearchStrategy[Any]]:
    found = {}
    for name, field in RulesDocument.model_fields.items():
        if name not in _WHOLE:
            (model,) = _models(field.annotation)
            rule = any_rule(model)
            is_list = get_origin(field.annotation) is tuple
            drawn = st.lists(rule, min_size=1, max_size=3) if is_list else rule
            written = _written(name)
            # Drawn field by field, large rules are too much to draw, and seldom fit together.
            found[name] = st.sampled_from(written) | drawn if written else drawn
    return found


KINDS = tuple(_kinds())
_laid = st.sampled_from([one for some in _written("variants") for one in some])


@st.composite
def variants(draw: st.DrawFn) -> dict[str, Any]:
    """A variant with one to three kinds, each written whole, and perhaps one that it leaves out."""
    when = draw(any_rule(VariantWhen)) or {"weekdays": ["fri"]}
    names = draw(st.lists(st.sampled_from(KINDS), unique=True, min_size=1, max_size=3))
    *laid, last = names
    kinds = {name: draw(_kinds()[name]) for name in laid}
    return {"name": "別", "when": when, "leaves_out": [last], **_present(kinds)}


@st.composite
def documents(draw: st.DrawFn, *, only: Collection[str] = KINDS) -> RulesDocument:
    """Any document of these kinds: drawn kind by kind, or over one that was written by hand.

    A kind that contradicts those before it is left out.
    """
    kinds = _kinds()
    count = draw(st.integers(0, min(_MOST_KINDS, len(only))))
    those = st.sampled_from(sorted(only))
    chosen = draw(st.lists(those, unique=True, min_size=count, max_size=count))
    written = _present({name: draw(kinds[name]) for name in chosen})
    others = [] if only is not KINDS else draw(st.lists(variants() | _laid, max_size=2))
    base: dict[str, Any] = draw(st.just({}) | st.sampled_from(written_documents()))
    usual = {name: rule for name, rule in base.items() if name in only}
    kept = usual if _is_rule(RulesDocument, usual) else {}
    for name, rule in (*written.items(), *(("variants", [*others[:n]]) for n in (1, 2) if others)):
        if _is_rule(RulesDocument, {**kept, name: rule}):
            kept[name] = rule
    return RulesDocument.model_validate(kept)


def _present(kinds: Mapping[str, Any]) -> dict[str, Any]:
    kept = {
        name: [one for one in rule if one is not None] if isinstance(rule, list) else rule
        for name, rule in kinds.items()
    }
    return {name: rule for name, rule in kept.items() if rule}

"""How variants are laid over the usual rules, and whether the outcome is a document each time.

Field by field: tables are merged, values and lists replace. A table of another ``kind`` (another
tariff, another way to open) replaces the usual one as a whole, since their fields differ. What a
variant leaves out goes first, so that leaving a kind out and writing it anew replaces all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from pydantic import ValidationError
from pydantic_core import InitErrorDetails

from portal.policies.variants import Variant, VariantWhen

#: What belongs to the document as a whole and to no variant.
OF_THE_WHOLE = frozenset({"format", "title", "texts", "variants"})

#: A table that says a day by one of these says it by no other that it did not name before.
_WAYS_TO_SAY_A_DAY = frozenset({"days", "weeks", "months", "day", "nth", "day_of_month", "weekday"})
_OF_A_DEADLINES_DAY = frozenset({"months_before", "weeks_before"})

#: Up to so many variants of one kind all of their combinations are tried, beyond that the pairs.
_ALL_TRIED = 5

Content = Mapping[str, Any]


def laid(content: Content, variants: Sequence[Variant]) -> dict[str, Any]:
    """Return the content of a document with ``variants`` laid over it, the last one winning.

    Args:
        content: A document as plain data, with every field of each kind.
    """
    result = {key: value for key, value in content.items() if key != "variants"}
    for variant in variants:
        for path in variant.leaves_out:
            result = _without(result, path.split("."))
        for kind, over in variant.laid.items():
            result[kind] = _merged(result.get(kind), over)
    return result


def touched(variant: Variant) -> frozenset[str]:
    """Return the kinds that a variant changes or leaves out."""
    return frozenset(variant.laid) | {path.split(".")[0] for path in variant.leaves_out}


def together(variants: Sequence[Variant]) -> Iterator[tuple[int, ...]]:
    """Yield which variants to try together: each alone, and those that could contradict.

    Two can where they change the same kind and can hold at once.
    """
    tried: set[tuple[int, ...]] = set()
    kinds = {kind for variant in variants for kind in touched(variant)}
    for kind in sorted(kinds):
        those = [n for n, variant in enumerate(variants) if kind in touched(variant)]
        most = len(those) if len(those) <= _ALL_TRIED else 2
        for count in range(1, most + 1):
            for some in combinations(those, count):
                if some not in tried and _can_hold(some, variants):
                    tried.add(some)
                    yield some


def unknown_paths(variant: Variant, content: Content, kinds: frozenset[str]) -> list[str]:
    """Return what ``leaves_out`` names although the document could not have it there."""
    return [
        path
        for path in variant.leaves_out
        if path.split(".")[0] not in kinds or not _is_there(content, path.split("."))
    ]


def _merged(usual: object, over: object) -> object:
    if not isinstance(usual, Mapping) or not isinstance(over, Mapping):
        return over
    if "kind" in over and over["kind"] != usual.get("kind"):
        return over
    usual = _without_other_ways(usual, over)
    return {**usual, **{key: _merged(usual.get(key), value) for key, value in over.items()}}


def _without_other_ways(usual: Content, over: Content) -> Content:
    """Drop how a day was said where ``over`` says it in another way: two would contradict.

    "Two months before" instead of "16 days before"; openings and deadlines alone have ``shift``.
    """
    said = {key for key in _WAYS_TO_SAY_A_DAY if usual.get(key) is not None}
    anew = _WAYS_TO_SAY_A_DAY & over.keys()
    if "shift" not in usual or not anew or said & anew:
        return usual
    gone = said | (_OF_A_DEADLINES_DAY if "day_of_month" in usual else set())
    return {key: value for key, value in usual.items() if key not in gone}


def _without(content: Content, path: Sequence[str]) -> dict[str, Any]:
    first, *rest = path
    if not rest:
        return {key: value for key, value in content.items() if key != first}
    inner = content.get(first)
    if not isinstance(inner, Mapping):
        return dict(content)
    return {**content, first: _without(inner, rest)}


def _is_there(content: Content, path: Sequence[str]) -> bool:
    """A kind may be left out already; inside a kind the field must be one of its own."""
    first, *rest = path
    if not rest:
        return True
    inner = content.get(first)
    return inner is None or (
        isinstance(inner, Mapping) and rest[0] in inner and _is_there(inner, rest)
    )


def _can_hold(some: Sequence[int], variants: Sequence[Variant]) -> bool:
    return not any(
        excludes(variants[one].when, variants[other].when) for one, other in combinations(some, 2)
    )


#: Conditions of which a wish has one value only: two that share none cannot hold at once.
_ONE_OF = (
    "weekdays", "months", "purposes", "reasons", "class_ages", "cities", "wards", "enrolments",
    "channels", "units",
)  # fmt: skip
_IS_OR_IS_NOT = ("holidays", "residence", "first_use", "trial")


def excludes(one: VariantWhen, other: VariantWhen) -> bool:
    """Say whether two conditions can never hold for the same wish and child."""
    for name in _ONE_OF:
        ours, theirs = getattr(one, name), getattr(other, name)
        if ours and theirs and not set(ours) & set(theirs):
            return True
    for name in _IS_OR_IS_NOT:
        ours, theirs = getattr(one, name), getattr(other, name)
        if ours is not None and theirs is not None and ours != theirs:
            return True
    return False


def check(
    content: Content,
    variants: Sequence[Variant],
    kinds: frozenset[str],
    read: Callable[[Mapping[str, Any]], object],
) -> None:
    """Try each variant, and those that can hold together, as the documents that they make.

    Args:
        kinds: The names that a variant may change.
        read: Reads the content of a document, and raises what is wrong with it.

    Raises:
        pydantic.ValidationError: every mistake, each at its place below ``variants``.
    """
    found = [
        _problem(("variants", number, "leaves_out"), path, "there is nothing of that name")
        for number, variant in enumerate(variants)
        for path in unknown_paths(variant, content, kinds)
    ]
    found += [
        _problem(("variants", number, name), name, "this belongs to the document, not to a variant")
        for number, variant in enumerate(variants)
        for name in sorted(OF_THE_WHOLE & set(variant.laid))
    ]
    if not found:
        found = [
            {**wrong, "loc": ("variants", some[-1], *wrong["loc"])}
            for some in together(variants)
            for wrong in _mistakes(laid(content, [variants[n] for n in some]), read)
        ]
    if found:
        raise ValidationError.from_exception_data("RulesDocument", _each_place_once(found))


def _problem(place: tuple[str | int, ...], written: object, words: str) -> InitErrorDetails:
    error: dict[str, object] = {"error": ValueError(words)}
    return InitErrorDetails(type="value_error", loc=place, input=written, ctx=error)


def _mistakes(
    content: Mapping[str, Any], read: Callable[[Mapping[str, Any]], object]
) -> Iterator[InitErrorDetails]:
    try:
        read(content)
    except ValidationError as error:
        for wrong in error.errors(include_url=False):
            yield InitErrorDetails(
                type=wrong["type"],
                loc=wrong["loc"],
                input=wrong["input"],
                ctx=wrong.get("ctx", {}),
            )


def _each_place_once(found: Sequence[InitErrorDetails]) -> list[InitErrorDetails]:
    places = {wrong["loc"]: wrong for wrong in reversed(found)}
    return list(reversed(places.values()))

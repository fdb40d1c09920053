"""What is wrong with a document, in plain Japanese: from what pydantic finds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from portal.policies.document import RulesDocument
from portal.rulebooks.at_fault import at_fault
from portal.rulebooks.objections import sentences
from portal.rulebooks.problem_help import example_words, in_variant
from portal.rulebooks.problem_words import or_last, unknown_name_words, words_for
from portal.rulebooks.reading.mistakes import Path

__all__ = ["Path", "Problem", "problems_of", "sentences", "words_for"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Where something is wrong, as keys and numbers from 0, and what, as a sentence."""

    path: Path
    words: str


def problems_of(
    error: ValidationError, content: Any, model: type[BaseModel] = RulesDocument
) -> list[Problem]:
    """Return every problem that pydantic found, with its place in the document as written.

    Args:
        content: What was written.
        model: What it should have been.
    """
    found = list(_problems(error, content, model))
    return list(dict.fromkeys(found))


def _problems(error: ValidationError, content: Any, model: type[BaseModel]) -> Iterator[Problem]:
    errors = error.errors(include_url=False)
    with_last = {_place(one["loc"], "", content) for one in errors if _is_last(one)}
    for one in errors:
        if _is_last(one):
            continue  # said beside the number that could stand there too
        kind = str(one["type"])
        if kind == "too_short" and any(_is_inside(other["loc"], one["loc"]) for other in errors):
            continue  # members are there, only wrong
        path = _place(one["loc"], kind, content)
        if kind == "value_error":
            path = at_fault(str(one["ctx"]["error"]), path, content)
        if kind == "extra_forbidden":
            yield Problem(path, unknown_name_words(path, content, model))
        elif path in with_last:
            yield Problem(path, or_last(words_for(one)))
        else:
            yield Problem(path, _with_help(one, path, content, model))


def _with_help(one: Mapping[str, Any], path: Path, content: Any, model: type[BaseModel]) -> str:
    """Return what is wrong, with what only its place can tell: how to write it, or where else."""
    said = words_for(one)
    if one["type"] == "value_error":
        return said + in_variant(str(one["ctx"]["error"]), path, content)
    return said + example_words(str(one["type"]), path, content, model)


def _is_last(one: Mapping[str, Any]) -> bool:
    """Say whether it is the second half of a choice between a number and the last one."""
    return bool(one["type"] == "literal_error" and one["ctx"]["expected"] == "'last'")


def _is_inside(location: Sequence[str | int], around: Sequence[str | int]) -> bool:
    return len(location) > len(around) and tuple(location[: len(around)]) == tuple(around)


def _place(location: Sequence[str | int], kind: str, content: Any) -> Path:
    """Leave out what pydantic adds for the kind of a choice: it does not stand in what was written.

    A choice is named by its ``kind`` or by a type; either is no key there, or comes before one of
    the same name.
    """
    path: list[str | int] = []
    node, is_chosen = content, False
    for number, part in enumerate(location):
        is_last = number == len(location) - 1
        is_key = isinstance(node, Mapping) and part in node
        if is_key and not is_last and not is_chosen and node.get("kind") == part:
            is_key, is_chosen = False, True
            continue
        is_member = isinstance(node, list) and isinstance(part, int) and part < len(node)
        if is_key or is_member:
            node, is_chosen = node[part], False
            path.append(part)
        elif is_last and kind == "missing" and isinstance(node, Mapping):
            path.append(part)
    return (*path, "kind") if kind.startswith("union_tag") else tuple(path)

"""Cases read from a file, what they share filled in, with the line of every mistake. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from portal.rulebooks.problems import problems_of
from portal.rulebooks.reading.mistakes import FileProblem, Path, WrongFile, line_of, place_words
from portal.rulebooks.reading.written import read_written
from portal.rulebooks.trying.case_file import CaseFile

#: Bytes; two thousand long cases.
LONGEST_FILE = 4_000_000

#: Two ways to say when the stay is: who says one does not take the other from the defaults.
_TIMES = (
    (frozenset({"from", "to"}), frozenset({"unit"})),
    (frozenset({"unit"}), frozenset({"from", "to"})),
)


def read_cases(data: bytes) -> CaseFile:
    """Return the cases of a file, in TOML or in JSON (which begins with ``{``).

    Raises:
        WrongFile: with every mistake that can be found at once.
    """
    written = read_written(data, longest=LONGEST_FILE)
    whole = with_defaults(written.content)
    try:
        return CaseFile.model_validate(whole)
    except ValidationError as error:
        found = dict.fromkeys(
            (origin(problem.path, written.content), problem.words)
            for problem in problems_of(error, whole, CaseFile)
        )
        raise WrongFile(
            [
                FileProblem(line_of(path, written.lines), place_words(path), words)
                for path, words in found
            ]
        ) from None


def line_of_case(data: bytes, name: str, field: str, value: str) -> tuple[int, str]:
    """Return the line and the place of a field with this value, in the case of this name.

    Args:
        data: The file, which has been read as cases.
    """
    written = read_written(data, longest=LONGEST_FILE)
    cases = with_defaults(written.content)["cases"]
    those = (n for n, one in enumerate(cases) if (one.get("name"), one.get(field)) == (name, value))
    number = next(those, 0)
    path = origin(("cases", number, field), written.content)
    return line_of(path, written.lines), place_words(path)


def with_defaults(content: Any) -> Any:
    """Return what a file says with its defaults in every case; what is no table stays as it is."""
    if not isinstance(content, Mapping):
        return content
    defaults, cases = content.get("defaults"), content.get("cases")
    if not isinstance(cases, list):
        return content
    shared = defaults if isinstance(defaults, Mapping) else {}
    return {
        **content,
        "cases": [_filled(case, shared) if isinstance(case, Mapping) else case for case in cases],
    }


def _filled(case: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    said = frozenset[str]().union(*(other for way, other in _TIMES if way & set(case)))
    usual = {name: value for name, value in shared.items() if name not in said and name != "child"}
    filled = _laid_over(usual, case)
    child, own = shared.get("child"), filled.pop("child", None)
    if own is not None and "children" not in case:
        filled["children"] = [own]
    if isinstance(child, Mapping):
        children = filled.get("children", [{}])
        if isinstance(children, list):
            filled["children"] = [
                _laid_over(child, one) if isinstance(one, Mapping) else one for one in children
            ]
    return filled


def _laid_over(usual: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are merged; values and lists replace."""
    result = dict(usual)
    for name, value in own.items():
        before = result.get(name)
        if isinstance(before, Mapping) and isinstance(value, Mapping):
            result[name] = _laid_over(before, value)
        else:
            result[name] = value
    return result


def origin(path: Path, content: Any) -> Path:
    """Return where a value of a filled case was written: in the case, or in the defaults."""
    inside = path[2:]
    if not inside or path[0] != "cases" or _is_there(content, path):
        return path
    tries: list[Path] = [("defaults", *inside)]
    if inside[0] == "children" and len(inside) > 1:
        tries = [
            (*path[:2], "child", *inside[2:]),
            ("defaults", "child", *inside[2:]),
            *tries,
        ]
    return next((one for one in tries if _is_there(content, one)), path)


def _is_there(content: Any, path: Sequence[str | int]) -> bool:
    for part in path:
        if isinstance(content, list):
            members: Mapping[Any, Any] = dict(enumerate(content))
        else:
            members = content if isinstance(content, Mapping) else {}
        if part not in members:
            return False
        content = members[part]
    return True

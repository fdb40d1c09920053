"""What is wrong with a file, and where: one shape for rules and for cases."""

from __future__ import annotations

from dataclasses import dataclass

#: A place in a document: keys, and numbers from 0.
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A mistake: its line from 1, where it is in the document, what is wrong and what helps."""

    line: int
    where: str
    words: str


class WrongFile(Exception):  # noqa: N818 - an answer, not an error
    """A file that cannot be taken. Carries every mistake with its line, from the top."""

    def __init__(self, problems: list[FileProblem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = sorted(problems, key=lambda one: one.line)


def place_words(path: Path) -> str:
    """Return ``fee.per_use[2].yen``, counted from 1 as people do."""
    words = ""
    for part in path:
        words += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if words else part
    return words


def line_of(path: Path, lines: dict[Path, int]) -> int:
    """Return the line of a place, or of the nearest thing around it that is written."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)

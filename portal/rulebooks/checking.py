"""What is worth knowing of a document that has no mistakes, before it is put in force. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from portal.policies.document import RulesDocument
from portal.rulebooks.caution import Caution
from portal.rulebooks.doubtful import doubtful
from portal.rulebooks.files import LONGEST_FILE
from portal.rulebooks.kept import not_kept
from portal.rulebooks.never_admits import never_admits
from portal.rulebooks.reading.mistakes import FileProblem, line_of, place_words
from portal.rulebooks.reading.written import read_written


def warnings_of(document: RulesDocument, *, today: date) -> list[Caution]:
    """Return what nobody can ever use, what is mostly not meant so, and what staff must keep.

    Args:
        today: From here a year of days is looked at.
    """
    return [*never_admits(document, today=today), *doubtful(document), *not_kept(document)]


def with_lines(cautions: Iterable[Caution], data: bytes) -> list[FileProblem]:
    """Return the same with the lines of the file that was read, in the same order."""
    lines = read_written(data, longest=LONGEST_FILE).lines
    return [
        FileProblem(line_of(one.path, lines), place_words(one.path), one.words) for one in cautions
    ]

"""A rules document as a file: written out to be read, and read with the line of every mistake."""

from __future__ import annotations

import json

from pydantic import ValidationError

from portal.policies.document import RulesDocument
from portal.rulebooks.crosscheck import crosscheck
from portal.rulebooks.lean import lean
from portal.rulebooks.problems import Problem, problems_of
from portal.rulebooks.reading.mistakes import FileProblem, WrongFile, line_of, place_words
from portal.rulebooks.reading.written import Written, read_written

#: Bytes; a document with every text filled to the brim is a tenth of it.
LONGEST_FILE = 200_000


def write_document(document: RulesDocument) -> str:
    """Return a document as JSON with what it says alone, in the order of the reference."""
    content = {"format": document.format} | lean(document)
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def read_document(data: bytes) -> RulesDocument:
    """Return the document of a file, in TOML or in JSON (which begins with ``{``).

    Raises:
        WrongFile: with every mistake that can be found at once.
    """
    written = read_written(data, longest=LONGEST_FILE)
    try:
        document = RulesDocument.model_validate_json(json.dumps(written.content))
    except ValidationError as error:
        raise _wrong(problems_of(error, written.content), written) from None
    if problems := crosscheck(document):
        raise _wrong(problems, written)
    return document


def _wrong(problems: list[Problem], written: Written) -> WrongFile:
    return WrongFile(
        [
            FileProblem(line_of(one.path, written.lines), place_words(one.path), one.words)
            for one in problems
        ]
    )

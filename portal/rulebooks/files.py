"""A rules document as a file: written out to be read, and read with the line of every mistake."""

from __future__ import annotations

import json

from pydantic import ValidationError

from portal.policies.document import RulesDocument
from portal.rulebooks.problems import problems_of
from portal.rulebooks.reading.mistakes import FileProblem, WrongFile, line_of, place_words
from portal.rulebooks.reading.written import read_written

#: Bytes; a document with every text filled to the brim is a tenth of it.
LONGEST_FILE = 200_000


def write_document(document: RulesDocument) -> str:
    """Return a document as text that people can read and change; kinds left out stay out."""
    content = document.model_dump(mode="json", exclude_none=True)
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def read_document(data: bytes) -> RulesDocument:
    """Return the document of a file, in TOML or in JSON (which begins with ``{``).

    Raises:
        WrongFile: with every mistake that can be found at once.
    """
    written = read_written(data, longest=LONGEST_FILE)
    try:
        return RulesDocument.model_validate_json(json.dumps(written.content))
    except ValidationError as error:
        raise WrongFile(
            [
                FileProblem(
                    line_of(problem.path, written.lines), place_words(problem.path), problem.words
                )
                for problem in problems_of(error, written.content)
            ]
        ) from None

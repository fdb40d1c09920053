"""What is worth knowing of a document that has no mistakes, before it is put in force. Pure."""

from __future__ import annotations

from datetime import date

from portal.policies.document import RulesDocument
from portal.rulebooks.kept import not_kept
from portal.rulebooks.never_admits import never_admits
from portal.rulebooks.senseless import doubtful


def warnings_of(document: RulesDocument, *, today: date) -> list[str]:
    """Return a sentence for each thing nobody can ever use, and for each rule staff must keep.

    Args:
        today: From here a year of days is looked at.
    """
    return [*never_admits(document, today=today), *doubtful(document), *not_kept(document)]

"""What is worth knowing of rules that have no mistakes: said, with its place, and not refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from portal.documents.i18n import gettext as _
from portal.policies.document import RulesDocument
from portal.policies.laying import laid
from portal.rulebooks.kinds import KINDS, TITLES_OF_THE_DOCUMENT
from portal.rulebooks.reading.mistakes import Path


@dataclass(frozen=True, slots=True)
class Caution:
    """A sentence about a place of a document, empty where it is about all of it.

    ``nobody``: it says that somebody, or everybody, can never book.
    """

    path: Path
    words: str
    nobody: bool = False

    @property
    def said(self) -> str:
        """The sentence behind the name of the kind that it is about."""
        title = _titles().get(str(self.path[0])) if self.path else None
        if title is None:
            return self.words
        return _("%(title)s：%(words)s") % {"title": title, "words": self.words}


def every_document(document: RulesDocument) -> Iterator[tuple[Path, RulesDocument]]:
    """Yield the usual rules, then those that each variant makes of them, with where they stand."""
    yield (), document
    content = document.model_dump(mode="json", exclude={"variants"})
    for number, variant in enumerate(document.variants):
        try:
            yield ("variants", number), RulesDocument.model_validate(laid(content, [variant]))
        except ValidationError:
            continue  # it stands only beside another one


def _titles() -> dict[str, str]:
    return {field: kind.title for kind in KINDS for field in kind.fields} | dict(
        TITLES_OF_THE_DOCUMENT
    )

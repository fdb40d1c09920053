"""One line of a rules document in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from portal.documents.i18n import gettext as _
from portal.documents.i18n import pgettext

#: How a sentence ends in Japanese, a remark in brackets behind it or not.
_SENTENCE = re.compile(r"(です|ます|ません|ました|ください|でした)(（[^（）]*）)?$")
#: What a sentence ends with already.
STOPS = tuple("。！？.!?")


class Fact(NamedTuple):
    """One line of the rules: what it is about, and what holds."""

    term: str
    text: str


def ended(text: str) -> str:
    """Return a line with a full stop where it is a sentence or several; a few words stay bare."""
    if text.endswith(STOPS):
        return text
    has_several = pgettext("list", "。").strip() in _parted(text)
    return _("%(said)s。") % {"said": text} if has_several or _SENTENCE.search(text) else text


def all_ended(facts: Iterable[Fact]) -> list[Fact]:
    """Return lines as they stand on a page."""
    return [fact._replace(text=ended(fact.text)) for fact in facts]


def _parted(text: str) -> str:
    """A text without what stands in brackets, and without the points inside numbers."""
    return re.sub(r"（[^（）]*）|\([^()]*\)|\.(?=\S)", "", text)

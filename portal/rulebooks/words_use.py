"""How much, how often and with whom care may be used, in words: G6, G10, G12, G21 and G25."""

from __future__ import annotations

from portal.policies.document import RulesDocument
from portal.rulebooks.fact import Fact
from portal.rulebooks.words_absences import no_show_words
from portal.rulebooks.words_caps import caps_words
from portal.rulebooks.words_turns import regular_words, siblings_words, waitlist_words


def use_facts(document: RulesDocument) -> list[Fact]:
    """Return all that these kinds say, each with the words of its own module."""
    found = caps_words(document.caps, document.purposes)
    if document.siblings:
        found += siblings_words(document.siblings)
    if document.regular:
        found += regular_words(document.regular, document.purposes)
    if document.waitlist:
        found += waitlist_words(document.waitlist)
    if document.no_show:
        found += no_show_words(document.no_show)
    return found

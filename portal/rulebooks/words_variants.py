"""Variants in words: when each holds, and every line of the rules that then reads otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from portal.documents.i18n import gettext as _
from portal.documents.i18n import sentences
from portal.policies.document import RulesDocument
from portal.policies.laying import laid
from portal.rulebooks.fact import STOPS, Fact, ended
from portal.rulebooks.words_when import when_words


def variant_facts(
    document: RulesDocument, lines: Callable[[RulesDocument], Sequence[Fact]]
) -> list[Fact]:
    """Return a line for each variant; those that hold together with others are told one by one.

    Args:
        lines: The lines of a document without variants.
    """
    if not document.variants:
        return []
    usual = lines(document)
    content = document.model_dump(mode="json", exclude={"variants"})
    found = [Fact(_("いつもと違う場合"), sentences(*_how_read(len(document.variants))))]
    for variant in document.variants:
        then = lines(RulesDocument.model_validate(laid(content, [variant])))
        name = {"name": variant.name, "when": when_words(variant.when, document.purposes)}
        told = sentences(*_changes(usual, then)) or _("ほかと同じです。")
        found.append(Fact(_("%(name)s（%(when)s）") % name, told))
    return found


def _how_read(count: int) -> Iterator[str]:
    yield _("次に書いてあることだけが、いつものきまりと違います。")
    if count > 1:
        yield _("いくつもの場合に当てはまるときは、あとに書いてあるほうを優先します。")


def _changes(usual: Sequence[Fact], then: Sequence[Fact]) -> Iterator[str]:
    for term in dict.fromkeys(fact.term for fact in (*then, *usual)):
        before = [fact.text for fact in usual if fact.term == term]
        after = [fact.text for fact in then if fact.term == term]
        if before == after:
            continue
        if not after:
            yield _("「%(term)s」は、このときは当てはまりません。") % {"term": term}
            continue
        if len(after) == 1 and not ended(after[0]).endswith(STOPS):
            yield _("%(term)sは、%(text)sです。") % {"term": term, "text": after[0]}
            continue
        text = sentences(*map(_stopped, after))
        yield _("「%(term)s」は、次のように変わります。%(text)s") % {"term": term, "text": text}


def _stopped(text: str) -> str:
    return text if text.endswith(STOPS) else _("%(said)s。") % {"said": text}

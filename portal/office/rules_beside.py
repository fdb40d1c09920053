"""What families will read of a draft, by the sections of the rules form that say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from portal.policies.document import RulesDocument
from portal.rulebooks.fact import Fact
from portal.rulebooks.words_absences import no_show_words
from portal.rulebooks.words_cancel import cancel_facts
from portal.rulebooks.words_caps import caps_words


@dataclass(frozen=True, slots=True)
class Beside:
    """Lines that stand beside their fields, whatever a nursery calls them."""

    caps: Sequence[Fact] = ()
    cancel: Sequence[Fact] = ()

    @staticmethod
    def of(document: RulesDocument | None) -> Beside:
        """Put those sections into words; no line where there are no rules to read."""
        if document is None:
            return Beside()
        cancel = cancel_facts(document.cancel) if document.cancel else []
        no_show = no_show_words(document.no_show) if document.no_show else []
        return Beside(caps_words(document.caps, document.purposes), [*cancel, *no_show])

    @property
    def terms(self) -> tuple[str, ...]:
        """What these lines are called."""
        return tuple(fact.term for fact in (*self.caps, *self.cancel))

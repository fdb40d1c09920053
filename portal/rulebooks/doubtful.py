"""What may be meant so, and mostly is not: whoever writes or publishes looks again. Pure.

What can never be meant is refused (``senseless``). Here nothing is: a rule without effect may
stand for later, and a price may be what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from portal.policies.document import RulesDocument
from portal.rulebooks.caution import Caution, every_document
from portal.rulebooks.doubtful_cancel import cancelling_doubted
from portal.rulebooks.doubtful_caps import caps_doubted
from portal.rulebooks.doubtful_days import days_doubted
from portal.rulebooks.doubtful_money import prices_doubted, prices_never_paid
from portal.rulebooks.doubtful_variants import variants_doubted
from portal.rulebooks.near_codes import near_codes

#: Looked at in the usual rules, and in those that each variant makes of them.
_OF_EACH: tuple[Callable[[RulesDocument], Iterable[Caution]], ...] = (
    days_doubted,
    prices_doubted,
    cancelling_doubted,
    caps_doubted,
)
#: Looked at in all of it together: what no variant lets happen either.
_OF_ALL: tuple[Callable[[RulesDocument], Iterable[Caution]], ...] = (
    prices_never_paid,
    variants_doubted,
    near_codes,
)


def doubtful(document: RulesDocument) -> list[Caution]:
    """Return what contradicts itself, or has no effect, and could be meant all the same."""
    found: dict[tuple[object, ...], Caution] = {}
    for inside, laid in every_document(document):
        for look in _OF_EACH:
            for one in look(laid):
                # What the usual rules say already is not said of each variant again.
                known = (one.path, one.words)
                found.setdefault(known, Caution((*inside, *one.path), one.words, one.nobody))
    cautions = [*found.values(), *(one for look in _OF_ALL for one in look(document))]
    return list(dict.fromkeys(cautions))

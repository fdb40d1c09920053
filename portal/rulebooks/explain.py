"""A whole rules document in plain Japanese, as it would stand on the facility's page."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.policies.document import RulesDocument
from portal.rulebooks.describe import differing_facts, fee_facts, usual_facts
from portal.rulebooks.fact import Fact


def explained(document: RulesDocument) -> list[Fact]:
    """Return everything a document says: the provider's own words last, as they stand."""
    texts = document.texts
    own = (
        (_("ひとこと"), texts.summary),
        (_("予約について"), texts.booking),
        (_("料金について"), texts.fee),
        (_("取り消しについて"), texts.cancel),
        (_("病気のとき"), texts.illness),
        (_("持ち物"), texts.belongings),
    )
    found = [Fact(_("名前"), document.title)] if document.title else []
    found += usual_facts(document)
    found += [_of_fee(one) for one in fee_facts(document.fee, document.purposes, document.age)]
    # What is usual comes first, prices too; then what is different when.
    found += differing_facts(document)
    return found + [Fact(term, text) for term, text in own if text]


def _of_fee(one: Fact) -> Fact:
    """A line of the fee with its section before it, where its own name does not say so."""
    if one.term.startswith(_("料金")):
        return one
    return one._replace(term=_("料金：%(for)s") % {"for": one.term})

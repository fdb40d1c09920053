"""Rules that a document can say and booking does not keep by itself yet: staff keep them. Pure.

Everything else is kept wherever a stay is asked for. Whoever publishes is told of these, so that
nobody trusts a rule that nothing watches over.
"""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.policies.allocation import ALLOCATION_WORDS, AllocationMethod
from portal.policies.document import RulesDocument


def not_kept(document: RulesDocument) -> list[str]:
    """Return a sentence for each rule of a document that people must keep themselves."""
    found = []
    method = document.allocation.method
    if method is not AllocationMethod.FIRST_COME:
        said = _(
            "決め方：「%(method)s」は、まだ自動では行われません。今は、申し込みの順に決まります。"
        )
        found.append(said % {"method": ALLOCATION_WORDS[method]})
    if document.waitlist is not None:
        found.append(_("キャンセル待ち：まだ自動では知らせません。職員が順に知らせてください。"))
    if document.regular is not None:
        found.append(_("定期の利用：まだ自動では予約されません。職員が1日ずつ入れてください。"))
    return found

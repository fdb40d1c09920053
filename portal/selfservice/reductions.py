"""How a family comes by a lower price that a nursery's rules have for its circumstances."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.homes.asked import Asked
from portal.policies.fee import Fee
from portal.policies.reductions import REDUCED
from portal.rulebooks.words_marks import mark_name


def claim_words(asked: Asked, fee: Fee | None = None) -> str:
    """Return for whom it is cheaper and what to show; empty where nobody has to show anything.

    Args:
        fee: What is to be paid; nothing is said where it is lower already.
    """
    if fee is not None and any(line.label_code in REDUCED for line in fee.lines):
        return ""
    whom = [mark_name(code) for code in sorted(asked.reduced)]
    if asked.reduced_by_tax:
        whom.append(_("税の額が少ない世帯"))
    if not whom:
        return ""
    said = _(
        "%(whom)sは、料金が安くなります。書類を園に見せてください。"
        "園が記録したあとの予約から安くなります。"
    )
    return said % {"whom": listed(whom, "・")}

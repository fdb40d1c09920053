"""Amounts of money as readers of the language in use expect them."""

from __future__ import annotations

from portal.documents.i18n import is_source, pgettext
from portal.kernel.yen import yen as _japanese


def yen(amount_yen: int) -> str:
    """Return ``2,100円``, ``−600円`` with a true minus; ``¥2,100`` where that is the custom."""
    if is_source():
        return _japanese(amount_yen)
    sign = "−" if amount_yen < 0 else ""
    return sign + pgettext("money", "%(amount)s円") % {"amount": f"{abs(amount_yen):,}"}

"""Money: whole yen as ``int``, names ending in ``_yen``; here only how it is written."""

from __future__ import annotations


def yen(amount_yen: int) -> str:
    """Return an amount as the portal writes it: ``2,100円``, ``−600円`` with a true minus."""
    sign = "−" if amount_yen < 0 else ""
    return f"{sign}{abs(amount_yen):,}円"

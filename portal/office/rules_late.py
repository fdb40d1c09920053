"""What a late cancelling costs, step by step, as the pages that try rules say it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from portal.documents.dates import jdatetime
from portal.documents.i18n import gettext as _
from portal.documents.money import yen
from portal.policies.cancelling import LateStep, once_late


def late_words(steps: Sequence[LateStep], today: date) -> str:
    """Return every step in one line, the later ones with the moment from which they hold.

    The first begins where the free time ends, which is said on its own.
    """
    first_yen, later = once_late(steps)
    said = [
        # The same sentence as a family reads before it books.
        _("%(at)s からは %(amount)s です。")
        % {"at": jdatetime(step.from_at, today), "amount": yen(step.amount_yen)}
        for step in later
    ]
    return "。".join([yen(first_yen), "".join(said)]) if said else yen(first_yen)

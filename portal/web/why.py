"""Why something may not be, with what would help: what stands above a form that was refused."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import help_for, sentence
from portal.kernel import clock
from portal.kernel.errors import Reason


def in_full(reason: Reason) -> str:
    """Return a reason with what would help, for those who read the list of problems alone.

    Dates of this year stand without it.
    """
    on = clock.today(clock.now())
    said, helped = sentence(reason, today=on), help_for(reason, today=on)
    if helped is None:
        return said
    return _("%(why)s。%(help)s") % {"why": said.removesuffix("。"), "help": helped.text}

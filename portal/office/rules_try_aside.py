"""Who may set aside what stands against a tried wish (G26), in words: staff, the head, nobody."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.policies.document import RulesDocument
from portal.policies.exceptions import HEAD_WORDS, ExceptionsRule, Head, may_set_aside
from portal.policies.reasons import OVERRULABLE


def who_may(code: str, document: RulesDocument) -> str:
    """Return who may set a reason aside, as a sentence; as the forms of staff offer it.

    Args:
        code: That of the reason; some come from bookings and no rule.
    """
    rule = document.exceptions
    if code in OVERRULABLE & may_set_aside(rule, by_staff=True):
        return _("職員が、わけを書いて認められます。")
    if code in OVERRULABLE & may_set_aside(rule, by_staff=True, by_head=True):
        return _("%(head)sが、わけを書いて認められます。職員だけでは認められません。") % {
            "head": _head(rule)
        }
    return _("これを特別に認められる人は、いません。")


def _head(rule: ExceptionsRule | None) -> str:
    return _(HEAD_WORDS[rule.head if rule else Head.FACILITY_HEAD])

"""When a child's record is asked for again, in words for families."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.policies.record import RecordRule


def record_words(rule: RecordRule) -> str:
    """Return when a family is asked again about its child's body; empty where it never is."""
    days = rule.confirm_within_days
    if days is not None and rule.each_fiscal_year:
        again = _("前の確認から%(days)s日を過ぎたときと、新しい年度に、もう一度たずねます")
    elif days is not None:
        again = _("前の確認から%(days)s日を過ぎたら、もう一度たずねます")
    elif rule.each_fiscal_year:
        again = _("新しい年度に、もう一度たずねます")
    else:
        return _("確認がすむと、予約できます") if rule.is_required else ""
    said = again % {"days": days}
    if not rule.is_required:
        return said
    return _("%(said)s。確認がすむと、予約できます") % {"said": said}

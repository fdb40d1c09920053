"""Circumstances in words for families, those included that a document made itself."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.policies.marks import MARK_WORDS


def mark_name(code: str) -> str:
    """Return what a circumstance is called.

    A code that a document made itself is shown as one, with who says whom it is for.
    """
    if code in MARK_WORDS:
        return _(MARK_WORDS[code])
    return _("「%(code)s」に当てはまると園が認めた方") % {"code": code}

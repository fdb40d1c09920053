"""How priorities are called; for those who need to know."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.priorities.rules import PriorityKind


def kind_words(kind: PriorityKind) -> str:
    """Return why a family goes first, in words."""
    return {
        PriorityKind.REFERRED: _("紹介された、見守りの必要なご家庭"),
        PriorityKind.DISABILITY: _("障害や発達の支援が必要なお子さん"),
        PriorityKind.URGENT: _("急な病気・出産・介護など"),
        PriorityKind.OTHER: _("そのほか"),
    }[kind]

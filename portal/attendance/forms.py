"""What is typed when a family is late. Shape only."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.web.fields import TimeCell
from portal.web.forms import PortalForm


class LateForm(PortalForm):
    """When a late family says it comes; offered are half hours within the stay."""

    expected = TimeCell(_("来る時刻"), blank=None)

"""Labels of roles and of the names somebody can act in."""

from __future__ import annotations

from portal.accounts.gate import Capacity
from portal.documents.i18n import gettext as _
from portal.kernel.actor import Role

ROLE_LABELS = {
    Role.DIRECTOR: "園長・主任",
    Role.STAFF: "職員",
    Role.GUARDIAN: "保護者",
    Role.LIAISON: "市区町村",
    Role.CENTER_WORKER: "こども家庭センター",
    Role.OFFICE_WORKER: "相談機関",
    Role.OPERATOR: "運用担当",
}


def role_label(role: Role | str) -> str:
    """Return what people call a role."""
    return _(ROLE_LABELS[Role(role)])


def capacity_label(capacity: Capacity) -> str:
    """Return how a choice of names reads: the body and the role, or 保護者として."""
    if capacity.role is Role.GUARDIAN:
        return _("保護者として")
    return f"{capacity.organisation_name}　{role_label(capacity.role)}"

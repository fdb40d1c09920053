"""Words for staff's templates: which families are protected, and whom not to tell anything."""

from __future__ import annotations

import uuid

from flask import Flask, g

from portal.db.session import current_session
from portal.families.protections import all_protected
from portal.families.rights import withheld_in_families
from portal.kernel.actor import Right
from portal.web.access import current_actor


def is_protected(family_id: uuid.UUID) -> bool:
    """Say to staff whether a family holds a protected address; one query for a whole page."""
    if "protected_families" not in g:
        g.protected_families = all_protected(current_session(), actor=current_actor())
    return family_id in g.protected_families


def kept_from(family_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """Return the guardians who are not to be told of the family's bookings."""
    known: dict[uuid.UUID, frozenset[uuid.UUID]] = g.setdefault("kept_from", {})
    if family_id not in known:
        withheld = withheld_in_families(current_session(), [family_id], actor=current_actor())
        known[family_id] = frozenset(
            guardian_id for guardian_id, rights in withheld.items() if Right.BOOKINGS in rights
        )
    return known[family_id]


def install(app: Flask) -> None:
    """Give the templates their words."""
    app.jinja_env.globals.update(is_protected=is_protected, kept_from=kept_from)

"""From a family's page to the paper about the nearest facilities for its children."""

from __future__ import annotations

import uuid

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.families import protections, queries
from portal.kernel import clock
from portal.slots.family_sheet import of_family
from portal.web.access import Permission, current_actor, requires

bp = Blueprint("office_family_sheet", __name__, url_prefix="/office/families/<uuid:family_id>")


@bp.get("/sheet")
@requires(Permission.RUN_THE_DAY)
def sheet(family_id: uuid.UUID) -> ResponseReturnValue:
    """Lead staff to the paper; where an address is protected, without the town."""
    actor, session = current_actor(), current_session()
    queries.family(session, family_id, actor=actor)
    protection = protections.protection_of(session, family_id, actor=actor)
    asked = of_family(
        session, family_id, actor=actor, now=clock.now(), with_town=protection is None
    )
    if asked is None:
        return redirect(url_for("family_sheet.ask"), 303)
    return redirect(url_for("family_sheet.sheet", **asked.query()), 303)

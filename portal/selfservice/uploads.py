"""A family looks at a photo it brought."""

from __future__ import annotations

import uuid

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.db.session import transaction
from portal.kernel import clock
from portal.uploads.service import open_image
from portal.web.access import Permission, current_actor, requires
from portal.web.downloads import photo_answer

bp = Blueprint("selfservice_uploads", __name__, url_prefix="/my/photos")


@bp.get("/<uuid:upload_id>")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def show(upload_id: uuid.UUID) -> ResponseReturnValue:
    """Show one photo; the reading is written down first."""
    with transaction() as session:
        data = open_image(session, upload_id, actor=current_actor(), now=clock.now())
    return photo_answer(data)

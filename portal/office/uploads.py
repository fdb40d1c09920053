"""Staff look at a photo that a family gave to their provider."""

from __future__ import annotations

import uuid

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.web.access import Permission, requires
from portal.web.photos import photo_shown

bp = Blueprint("office_uploads", __name__, url_prefix="/office/photos")


@bp.get("/<uuid:upload_id>")
@requires(Permission.VIEW_CHILD_RECORDS)
def show(upload_id: uuid.UUID) -> ResponseReturnValue:
    """Show one photo."""
    return photo_shown(upload_id)

"""A family looks at a photo it brought."""

from __future__ import annotations

import uuid

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.web.access import Permission, requires
from portal.web.photos import photo_shown

bp = Blueprint("selfservice_uploads", __name__, url_prefix="/my/photos")


@bp.get("/<uuid:upload_id>")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def show(upload_id: uuid.UUID) -> ResponseReturnValue:
    """Show one photo."""
    return photo_shown(upload_id)

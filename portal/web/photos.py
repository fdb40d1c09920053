"""A photo as the answer to a request, the same for families and for staff."""

from __future__ import annotations

import uuid

from flask.typing import ResponseReturnValue

from portal.db.session import transaction
from portal.kernel import clock
from portal.uploads.service import open_image
from portal.web.access import current_actor
from portal.web.downloads import photo_answer


def photo_shown(upload_id: uuid.UUID) -> ResponseReturnValue:
    """Return one photo to be looked at; the reading is written down first.

    Raises:
        NoResultFound: none that whoever is signed in may see. Shown as a 404.
    """
    with transaction() as session:
        data = open_image(session, upload_id, actor=current_actor(), now=clock.now())
    return photo_answer(data)

"""A photo that is sent, and one that is shown, the same for families and for staff."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage

from portal.db.session import transaction
from portal.kernel import clock
from portal.kernel.errors import Reason, Refusal
from portal.uploads.service import open_image
from portal.web.access import current_actor
from portal.web.downloads import photo_answer
from portal.web.forms import PortalForm


class PhotoForm(PortalForm):
    """One photo of one document."""

    photo = FileField("写真のファイル")

    def data_of_photo(self) -> bytes:
        """Return the bytes that came, one more than is taken at most."""
        sent = self.photo.data
        return sent.read() if isinstance(sent, FileStorage) else b""

    def explain(self, refusal: Refusal, sentence: Callable[[Reason], str]) -> None:
        """Show everything beside the photo: what is refused is said of it."""
        self.photo.errors = [*self.photo.errors, *map(sentence, refusal.reasons)]


class PickupPhotoForm(PhotoForm):
    """One photo of a face."""

    photo = FileField("お迎えの人の写真")


def photo_shown(upload_id: uuid.UUID) -> ResponseReturnValue:
    """Return one photo to be looked at; the reading is written down first.

    Raises:
        NoResultFound: none that whoever is signed in may see. Shown as a 404.
    """
    with transaction() as session:
        data = open_image(session, upload_id, actor=current_actor(), now=clock.now())
    return photo_answer(data)

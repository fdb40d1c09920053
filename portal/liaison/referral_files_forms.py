"""The forms around taking a file of referrals."""

from __future__ import annotations

import base64
import binascii

from flask_wtf.file import FileField
from wtforms import HiddenField
from wtforms.validators import DataRequired

from portal.web.forms import PortalForm


class UploadForm(PortalForm):
    """A file to look at; nothing of it is kept."""

    file = FileField("紹介のファイル", validators=[DataRequired("ファイルをえらんでください")])


class ConfirmForm(PortalForm):
    """Agreement to what was shown; the file comes along, since it was stored nowhere."""

    content = HiddenField()
    seen = HiddenField()

    def data_sent(self) -> bytes:
        """Return the file as it was looked at; empty where it came back broken."""
        try:
            return base64.b64decode(self.content.data or "", validate=True)
        except (binascii.Error, ValueError):
            return b""

    def carry(self, data: bytes, fingerprint: str) -> None:
        """Take the file along to the confirmation."""
        self.content.data = base64.b64encode(data).decode()
        self.seen.data = fingerprint

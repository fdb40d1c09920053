"""By which way something reached us; the same for every feature."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """How a wish came in. Staff enter all but ``WEB`` for a caller, with the time of receipt."""

    WEB = "web"
    PHONE = "phone"
    FAX = "fax"
    POST = "post"
    COUNTER = "counter"


#: The channels staff enter; each has the same rights and the same queue as the web.
BY_STAFF = (Channel.PHONE, Channel.FAX, Channel.POST, Channel.COUNTER)

"""By which way something reached us; the same for every feature."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True)
class Told:
    """How words reached us: staff write down what was on paper or said on the phone."""

    channel: Channel = Channel.WEB
    received_at: datetime | None = None

    @property
    def detail(self) -> dict[str, str]:
        """What the audit keeps of it; nothing of what somebody did by herself."""
        if self.channel is Channel.WEB or self.received_at is None:
            return {}
        return {"channel": self.channel.value, "received_at": self.received_at.isoformat()}


BY_HERSELF = Told()

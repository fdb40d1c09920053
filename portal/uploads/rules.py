"""What a photo is for, its bounds, and why it is not taken. Pure."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Final


class UploadPurpose(StrEnum):
    """What a photo is kept for; it goes when this ends."""

    APPLICATION_DOCUMENT = "application_document"
    PICKUP_PHOTO = "pickup_photo"


class UploadRefusal(StrEnum):
    """Why a photo is not taken; sentences stand in ``documents/wording``."""

    NOTHING_CHOSEN = "nothing_chosen"
    TOO_LARGE = "too_large"
    IS_PDF = "is_pdf"
    IS_HEIC = "is_heic"
    NOT_A_PHOTO = "not_a_photo"
    BROKEN = "broken"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    FAMILY_HAS_MANY = "family_has_many"


#: As it comes from the phone.
MOST_BYTES: Final = 10 * 1024 * 1024
#: Of a JPEG, which is decoded at a reduced size, and of the others, which are not.
MOST_PIXELS: Final = {"JPEG": 50_000_000, "PNG": 24_000_000, "WEBP": 24_000_000}
#: Longer sides than this are made smaller: a page of A4 stays readable.
LONGEST_SIDE: Final = 2400
SHORTEST_SIDE: Final = 32
#: A real photo has about ten; each costs a pass over all pixels.
MOST_SCANS: Final = 64
#: What one family may keep at once.
MOST_IMAGES: Final = 60
MOST_BYTES_OF_FAMILY: Final = 60 * 1024 * 1024

#: How long a photo stays that was never sent, and how long after its registration ended.
UNSENT_FOR: Final = timedelta(days=31)
KEPT_AFTER: Final = timedelta(days=90)

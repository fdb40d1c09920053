"""A photo as it came, looked at before it is decoded, and drawn anew.

What leaves here was written by this program alone: no place, no camera, no second file behind the
picture. Knows no Flask and no database.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass

from PIL import Image, ImageFile

from portal.kernel.errors import Refusal
from portal.uploads.rules import (
    LONGEST_SIDE,
    MOST_BYTES,
    MOST_PIXELS,
    MOST_SCANS,
    SHORTEST_SIDE,
    UploadRefusal,
)

MEDIA_TYPE = "image/jpeg"
#: Decoded one at a time in a process: many at once would take the memory of everybody.
_ONE_AT_A_TIME = threading.Lock()
_QUALITY = 85
_WHITE = (255, 255, 255)
_START_OF_SCAN = b"\xff\xda"
_HEIC = frozenset({b"heic", b"heix", b"heif", b"hevc", b"mif1", b"msf1"})
#: What decoders raise at bytes that are no picture; anything else is our own mistake.
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, OverflowError)
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo drawn anew: JPEG, upright, without metadata; sides in pixels."""

    data: bytes
    width: int
    height: int


def redrawn(data: bytes) -> Photo:
    """Return the photo in ``data``, drawn anew.

    Bytes and sides are bounded before anything is decoded. Transparent places become white.

    Raises:
        Refusal: it is no photo of a kind that is taken, or too large, or broken.
    """
    kind = _kind_of(data)
    try:
        with _ONE_AT_A_TIME:
            return _drawn(data, kind)
    except _BOMB as bomb:
        raise Refusal([UploadRefusal.TOO_MANY_PIXELS]) from bomb
    except _BROKEN as broken:
        raise Refusal([UploadRefusal.BROKEN]) from broken


def _kind_of(data: bytes) -> str:
    """Return the kind that the first bytes tell; names and declared types are not believed."""
    if not data:
        raise Refusal([UploadRefusal.NOTHING_CHOSEN])
    if len(data) > MOST_BYTES:
        raise Refusal([UploadRefusal.TOO_LARGE])
    if data.startswith(b"\xff\xd8\xff"):
        if data.count(_START_OF_SCAN) > MOST_SCANS:
            raise Refusal([UploadRefusal.BROKEN])
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp" and data[8:12] in {
        b"heic",
        b"heix",
        b"heif",
        b"hevc",
        b"mif1",
        b"msf1",
    }:
        raise Refusal([UploadRefusal.IS_HEIC])
    # Readers look for it in the first kilobyte.
    raise Refusal([UploadRefusal.IS_PDF if b"%PDF-" in data[:1024] else UploadRefusal.NOT_A_PHOTO])


def _drawn(data: bytes, kind: str) -> Photo:
    # WeasyPrint switches this on for its whole process; half a photo is none.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    with Image.open(io.BytesIO(data), formats=[kind]) as image:
        # Only the header has been read so far.
        width, height = image.size
        if width * height > MOST_PIXELS[kind]:
            raise Refusal([UploadRefusal.TOO_MANY_PIXELS])
        if min(width, height) < SHORTEST_SIDE:
            raise Refusal([UploadRefusal.TOO_SMALL])
        if kind == "JPEG":
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        image.load()
        shown = _opaque(image)
        shown.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
        upright = _upright(shown, image)
        # Pixels alone are taken over: whatever the file said besides stays behind.
        clean = Image.new("RGB", upright.size, _WHITE)
        clean.paste(upright)
    if min(clean.size) < 1:
        raise Refusal([UploadRefusal.TOO_SMALL])
    written = io.BytesIO()
    clean.save(written, "JPEG", quality=_QUALITY, optimize=True)
    return Photo(written.getvalue(), *clean.size)


def _opaque(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image.convert("RGB")
    whole = image.convert("RGBA")
    ground = Image.new("RGB", whole.size, _WHITE)
    ground.paste(whole, mask=whole.getchannel("A"))
    return ground


def _upright(shown: Image.Image, told_by: Image.Image) -> Image.Image:
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }.get(_orientation(told_by))
    return shown if turn is None else shown.transpose(turn)


def _orientation(image: Image.Image) -> int:
    try:
        told = image.getexif().get(0x0112, 1)
    except Exception:  # noqa: BLE001 - what a stranger wrote beside the picture may be anything
        return 1
    return told if isinstance(told, int) else 1

"""Photos as phones take them, with all that a phone writes beside the picture; and bad ones."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

#: Stands for what must not leave the phone.
PLACE = "35.6586N139.7454E"
OWNER = "TANAKA MIHO"


def photo(kind: str = "JPEG", size: tuple[int, int] = (400, 300), *, orientation: int = 1) -> bytes:
    """Return a photo: left half red, right half blue, before it is turned upright."""
    image = Image.new("RGB", size, (200, 30, 30))
    image.paste((30, 30, 200), (size[0] // 2, 0, size[0], size[1]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "CameraMaker"
    exif[0x8298] = OWNER
    gps = exif.get_ifd(0x8825)
    gps[29], gps[27] = "2026:11:01", PLACE.encode()
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{PLACE}</x:xmpmeta>".encode()
    written = io.BytesIO()
    more = {"xmp": xmp} if kind != "PNG" else {}
    image.save(written, kind, exif=exif, icc_profile=b"profile of " + OWNER.encode(), **more)
    return written.getvalue()


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """Return a small file that says it is a picture of this size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", b"") + _chunk(b"IEND", b"")
    )


def text_bomb() -> bytes:
    """Return a picture with a comment that unpacks to 60 MB."""
    plain = photo("PNG", (64, 64))
    packed = b"Comment\0\0" + zlib.compress(b"0" * 60_000_000)
    return plain[:33] + _chunk(b"zTXt", packed) + plain[33:]


def many_scans() -> bytes:
    """Return a JPEG, right in all else, that asks for a thousand passes over its pixels."""
    written = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(written, "JPEG", progressive=True)
    whole = written.getvalue()
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * 1000 + whole[-2:]


def _chunk(name: bytes, data: bytes) -> bytes:
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

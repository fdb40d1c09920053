"""A photo is looked at before it is decoded, and leaves without what the camera wrote."""

from __future__ import annotations

import io
import time

import pytest
from PIL import Image

from portal.kernel.errors import Refusal
from portal.uploads.images import redrawn
from portal.uploads.rules import LONGEST_SIDE, MOST_BYTES, UploadRefusal
from tests.factories.photos import OWNER, PLACE, bomb, many_scans, photo, text_bomb

R = UploadRefusal
RED, BLUE = (200, 30, 30), (30, 30, 200)


def near(seen: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(seen, tuple)
    return all(abs(a - b) < 40 for a, b in zip(seen, wanted, strict=True))


@pytest.mark.proves("P8")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_the_picture_is_left(kind: str) -> None:
    raw = photo(kind)
    assert OWNER.encode() in raw or kind == "PNG"
    drawn = redrawn(raw).data
    for told in (PLACE, OWNER, "CameraMaker", "Exif", "ICC_PROFILE", "xmpmeta"):
        assert told.encode() not in drawn
    with Image.open(io.BytesIO(drawn)) as image:
        assert (image.format, dict(image.getexif()), image.info.get("icc_profile")) == (
            "JPEG",
            {},
            None,
        )


@pytest.mark.parametrize(
    ("orientation", "at_top_left", "at_bottom_right"),
    [(1, RED, BLUE), (2, BLUE, RED), (3, BLUE, RED), (6, RED, BLUE), (8, BLUE, RED)],
)
def test_it_stands_upright(
    orientation: int, at_top_left: tuple[int, int, int], at_bottom_right: tuple[int, int, int]
) -> None:
    drawn = redrawn(photo(orientation=orientation))
    with Image.open(io.BytesIO(drawn.data)) as image:
        assert image.size == ((300, 400) if orientation >= 5 else (400, 300))
        assert near(image.getpixel((5, 5)), at_top_left)
        assert near(image.getpixel((image.width - 5, image.height - 5)), at_bottom_right)


def test_large_ones_are_made_smaller_and_transparent_ones_white() -> None:
    drawn = redrawn(photo(size=(6000, 3000)))
    assert (drawn.width, drawn.height) == (LONGEST_SIDE, LONGEST_SIDE // 2)
    clear = io.BytesIO()
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(clear, "PNG")
    with Image.open(io.BytesIO(redrawn(clear.getvalue()).data)) as image:
        assert near(image.getpixel((9, 9)), (255, 255, 255))


BAD = {
    "nothing": (b"", R.NOTHING_CHOSEN),
    "too large": (b"\xff\xd8\xff" + b"0" * MOST_BYTES, R.TOO_LARGE),
    "pdf": (b"%PDF-1.7\n%...", R.IS_PDF),
    "pdf behind something": (b"\n\n%PDF-1.4", R.IS_PDF),
    "heic": (b"\x00\x00\x00\x18ftypheic" + b"\0" * 90, R.IS_HEIC),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", R.NOT_A_PHOTO),
    "page": (b"<!doctype html><script>alert(1)</script>", R.NOT_A_PHOTO),
    "gif": (b"GIF89a/*<script>*/", R.NOT_A_PHOTO),
    "tiff": (b"II*\0" + b"\0" * 60, R.NOT_A_PHOTO),
    "bmp": (b"BM" + b"\0" * 60, R.NOT_A_PHOTO),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0", R.NOT_A_PHOTO),
    "zip": (b"PK\3\4" + b"\0" * 60, R.NOT_A_PHOTO),
    "word": (b"\xd0\xcf\x11\xe0" + b"\0" * 60, R.NOT_A_PHOTO),
    "2.5 gigapixels": (bomb(), R.TOO_MANY_PIXELS),
    "just too many": (bomb(6_000, 5_000), R.TOO_MANY_PIXELS),
    "endless side": (bomb(2_000_000_000, 1), R.TOO_MANY_PIXELS),
    "no pixels": (bomb(0, 0), R.BROKEN),
    "a comment of 60 MB": (text_bomb(), R.BROKEN),
    "a thousand scans": (many_scans(), R.BROKEN),
    "a dot": (photo(size=(8, 8)), R.TOO_SMALL),
    "head alone": (b"\x89PNG\r\n\x1a\n", R.BROKEN),
    "jpeg head alone": (b"\xff\xd8\xff\xe0", R.BROKEN),
    "webp head alone": (b"RIFF\x10\0\0\0WEBPVP8 ", R.BROKEN),
    "cut jpeg": (photo()[:2000], R.BROKEN),
    "cut png": (photo("PNG")[:-400], R.BROKEN),
    "cut webp": (photo("WEBP")[:300], R.BROKEN),
    "jpeg that says png": (b"\x89PNG\r\n\x1a\n" + photo(), R.BROKEN),
}


@pytest.mark.proves("P8")
@pytest.mark.parametrize("name", BAD)
def test_what_is_no_photo_is_refused_quickly(name: str) -> None:
    data, why = BAD[name]
    began = time.monotonic()
    with pytest.raises(Refusal) as refused:
        redrawn(data)
    assert refused.value.codes == (why,)
    assert time.monotonic() - began < 3


@pytest.mark.proves("P8")
def test_a_second_file_behind_the_picture_stays_behind() -> None:
    for more in (b"<script>alert(1)</script>", b"PK\3\4evil", b"%PDF-1.7", b"<?php evil();"):
        assert more not in redrawn(photo() + more).data
        assert more not in redrawn(photo("PNG") + more).data

"""Pictures that nobody took: a face, a page of a handbook, a card. Plain, and clearly invented."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Final

from PIL import Image, ImageDraw, ImageFont

_PAPER: Final = (238, 240, 236)
_DESK, _SHEET, _INK, _LINE, _STAMP = (
    *((168, 148, 124), (252, 251, 246), (50, 54, 60)),
    *((150, 160, 160), (196, 60, 60)),
)
_VACCINES: Final = ("ロタ", "ヒブ", "小児用肺炎球菌", "B型肝炎", "五種混合", "BCG", "MR", "水痘")
Colour = tuple[int, int, int]


def portrait(skin: Colour, hair: Colour, clothes: Colour) -> bytes:
    """Return a plainly drawn face as JPEG: nobody who lives."""
    image = Image.new("RGB", (600, 800), _PAPER)
    draw = ImageDraw.Draw(image)
    draw.ellipse((90, 560, 510, 1100), fill=clothes)
    draw.rectangle((260, 480, 340, 600), fill=skin)
    draw.ellipse((150, 120, 450, 480), fill=hair)
    draw.ellipse((175, 180, 425, 520), fill=skin)
    for left in (235, 335):
        draw.ellipse((left, 320, left + 28, 356), fill=hair)
    draw.arc((250, 380, 350, 450), 20, 160, fill=hair, width=8)
    return _jpeg(image)


def handbook_page(child: str, days: Sequence[str]) -> bytes:
    """Return a page of vaccinations as JPEG, on a desk; ``days`` of the first doses, as printed."""
    image = Image.new("RGB", (720, 960), _DESK)
    draw = ImageDraw.Draw(image)
    draw.polygon(((46, 60), (676, 40), (690, 900), (58, 916)), fill=_SHEET)
    draw.text((92, 92), "予防接種の記録（見本）", _INK, _font(34))
    draw.text((92, 150), child, _INK, _font(28))
    for number, vaccine in enumerate(_VACCINES):
        top = 210 + number * 82
        draw.line((88, top, 652, top - 6), fill=_LINE, width=2)
        draw.text((96, top + 18), vaccine, _INK, _font(26))
        if number < len(days):
            draw.text((326, top + 16), days[number], _INK, _font(26))
            draw.ellipse((560, top + 10, 616, top + 66), outline=_STAMP, width=4)
            draw.text((572, top + 20), "架空", _STAMP, _font(16))
    draw.line((88, 866, 652, 858), fill=_LINE, width=2)
    return _jpeg(image)


def insurance_card(guardian: str) -> bytes:
    """Return a card with its numbers covered as JPEG, on a desk."""
    image = Image.new("RGB", (900, 640), _DESK)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((70, 70, 830, 570), 28, fill=(226, 236, 230))
    draw.text((110, 105), "資格情報のお知らせ（見本）", _INK, _font(36))
    for number, (name, value) in enumerate(
        (("記号・番号", ""), ("氏名", guardian), ("保険者", "架空市"))
    ):
        top = 210 + number * 104
        draw.text((110, top), name, _INK, _font(28))
        draw.text((340, top), value, _INK, _font(32))
    draw.rectangle((336, 200, 700, 256), fill=(40, 40, 40))
    return _jpeg(image)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    faces = resources.files("noto_cjk_sans_jp_regular")
    face = next(each for each in faces.iterdir() if each.name.endswith(".otf"))
    return ImageFont.truetype(io.BytesIO(face.read_bytes()), size)


def _jpeg(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "JPEG", quality=88)
    return written.getvalue()

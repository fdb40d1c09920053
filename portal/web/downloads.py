"""Files to keep: named so that they lie side by side in a folder, never shown in the browser."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from flask import Response

from portal.documents.csv_files import CsvFile
from portal.documents.xlsx_files import MEDIA_TYPE

_GEOJSON: Final = "application/geo+json"  # RFC 7946


def csv_answer(file: CsvFile, name: str, plain: str) -> Response:
    """Return a table as a file; the encoding is told the way browsers and programs expect.

    Args:
        name: What the file is called, in Japanese.
        plain: The same in ASCII, for programs that read nothing else.
    """
    charset = "Shift_JIS" if file.encoding == "cp932" else "utf-8"
    return _kept(file.data, f"text/csv; charset={charset}", name, plain, "csv")


def xlsx_answer(data: bytes, name: str, plain: str) -> Response:
    """Return a workbook as a file; arguments as ``csv_answer``."""
    return _kept(data, MEDIA_TYPE, name, plain, "xlsx")


def geojson_answer(data: bytes, name: str, plain: str) -> Response:
    """Return a map layer as a file; arguments as ``csv_answer``."""
    return _kept(data, _GEOJSON, name, plain, "geojson")


def photo_answer(data: bytes) -> Response:
    """Return a photo of the portal's own making to be looked at; kept nowhere."""
    return Response(
        data,
        content_type="image/jpeg",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": 'inline; filename="photo.jpg"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


def pdf_answer(data: bytes, name: str, plain: str, *, kept: str = "no-store") -> Response:
    """Return a PDF to be read in the browser.

    Args:
        name: What the file is called, in Japanese.
        plain: The same in ASCII, for programs that read nothing else.
        kept: How long browsers may keep it; what speaks of people is kept nowhere.
    """
    written = quote(f"{name}.pdf", safe="")
    return Response(
        data,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f"inline; filename=\"{plain}.pdf\"; filename*=UTF-8''{written}",
            "Cache-Control": kept,
        },
    )


def _kept(data: bytes, media_type: str, name: str, plain: str, ending: str) -> Response:
    written = quote(f"{name}.{ending}", safe="")
    return Response(
        data,
        content_type=media_type,
        headers={
            "Content-Disposition": (
                f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{written}"
            )
        },
    )

"""Bytes of an uploaded list into numbered rows of text, or one refusal that names the line.

Here stands what is CSV; ``workbook`` and ``geojson`` read the other kinds.
"""

from __future__ import annotations

import csv
import io
import os
import re
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from portal.documents.csv_files import as_it_was
from portal.facilities.lists.geojson import read_geojson
from portal.facilities.lists.table import Table, TableRow
from portal.facilities.lists.workbook import Known, is_workbook, read_workbook
from portal.facilities.rules import ListRefusal
from portal.kernel.errors import Reason, Refusal

if TYPE_CHECKING:
    import _csv

#: Bytes; the longest city list known has under one megabyte.
LARGEST_FILE = 5 * 1024 * 1024
#: Rows with the header; the country's largest city has a few thousand facilities.
MOST_ROWS = 20_000

_DELIMITERS = (",", ";", "\t")
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_OTHER_FILES = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"\xd0\xcf\x11\xe0", "以前の形のExcelブック（xls）"),
    (b"\x89PNG", "画像（PNG）"),
    (b"\xff\xd8\xff", "画像（JPEG）"),
    (b"GIF8", "画像（GIF）"),
    (b"\x1f\x8b", "圧縮（gzip）"),
    (b"{\\rtf", "文書（RTF）"),
)
_OTHER_TEXTS = (
    (re.compile(rb"<(!doctype|html|\?xml)", re.IGNORECASE), "ウェブページかXML"),
    (re.compile(rb'\[\s*\{\s*"'), "JSON"),
)
# A table would have put a cell with a quote in it between quotes.
_JSON = re.compile(r'\s*\{\s*("|\})')
# A database cannot keep NUL; the others switch between character sets, or show that the bytes were
# no text in this encoding. What else cannot be seen concerns its row alone.
_NO_TEXT = re.compile(r"[\x00\x0e\x0f\x1b\x80-\x9f]")
_LINE_END = re.compile(r"\r\n|\r|\n")


def read_limited(source: str | os.PathLike[str] | BinaryIO) -> bytes:
    """Return the bytes of a file or stream, never taking more than the limit into memory.

    Raises:
        Refusal: ``TOO_LARGE``, or ``CANNOT_OPEN`` if there is no such file.
    """
    if not isinstance(source, str | os.PathLike):
        return _read_stream(source)
    try:
        with Path(source).open("rb") as stream:
            return _read_stream(stream)
    except (OSError, ValueError):
        raise Refusal([Reason(ListRefusal.CANNOT_OPEN, {"file": os.fspath(source)})]) from None


def _read_stream(stream: BinaryIO) -> bytes:
    data = bytearray()
    # A raw stream may give less than asked for before its end.
    while len(data) <= LARGEST_FILE and (piece := stream.read(LARGEST_FILE + 1 - len(data))):
        data += piece
    refuse_if_too_large(len(data))
    return bytes(data)


def refuse_if_too_large(size: int) -> None:
    """Raise ``Refusal(TOO_LARGE)`` for more bytes than a list may have."""
    if size > LARGEST_FILE:
        limit_mb = LARGEST_FILE // (1024 * 1024)
        raise Refusal([Reason(ListRefusal.TOO_LARGE, {"limit_mb": limit_mb})])


def read_any(data: bytes, known: Known) -> Table:
    """Return header and rows of a CSV, XLSX or GeoJSON file, told apart by what is in them.

    Args:
        known: How many columns of a header are known; finds the header in a workbook.

    Raises:
        Refusal: ``TOO_LARGE``, and what ``read_table``, ``read_workbook``, ``read_geojson`` raise.
    """
    refuse_if_too_large(len(data))
    if is_workbook(data):
        return read_workbook(data, MOST_ROWS, known)
    _refuse_other_files(data)
    text = decode(data)
    if _JSON.match(text):
        return read_geojson(text, MOST_ROWS)
    return _as_table(text, None)


def read_table(data: bytes, delimiter: str | None = None) -> Table:
    r"""Return header and rows; ``delimiter`` is found from the header when not given.

    Quotes, line breaks inside quoted cells, and CR, LF or CRLF as row ends are understood. Rows
    may be shorter or longer than the header: judging that is left to the caller.

    Raises:
        Refusal: ``TOO_LARGE``, ``NOT_A_TABLE``, ``UNREADABLE_ENCODING`` or ``MALFORMED`` (with the
            line as a text editor counts), ``EMPTY``, ``TOO_MANY_ROWS``.
    """
    refuse_if_too_large(len(data))
    _refuse_other_files(data)
    return _as_table(decode(data), delimiter)


def _as_table(text: str, delimiter: str | None) -> Table:
    if not text.strip():
        raise Refusal([ListRefusal.EMPTY])
    rows = _rows(text, delimiter or _guess_delimiter(text))
    return Table(rows[0].cells, tuple(rows[1:]))


def decode(data: bytes) -> str:
    """Return the text: by its BOM, else as strict UTF-8, else as strict CP932 (of Windows).

    CP932 has 髙 twice, as FB FC (written by Windows) and EE E0; both are read.

    Raises:
        Refusal: ``UNREADABLE_ENCODING`` with the first line that cannot be read.
    """
    for bom, codec in _BOMS:
        if data.startswith(bom):
            return _as_text(data[len(bom) :], (codec,))
    text = _as_text(data, ("utf-8", "cp932"))
    if _could_be_euc(data):
        line = _line_of(data, next(at for at, byte in enumerate(data) if byte > 0x7F), "latin-1")  # noqa: PLR2004 - the last ASCII byte
        raise Refusal([Reason(ListRefusal.UNREADABLE_ENCODING, {"line": line})])
    return text


def _as_text(data: bytes, codecs: tuple[str, ...]) -> str:
    furthest = 0
    for codec in codecs:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError as error:
            # The right encoding with one damaged byte gets further than the wrong one.
            furthest = max(furthest, _line_of(data, error.start, codec))
        else:
            if found := _NO_TEXT.search(text):
                line = len(_LINE_END.findall(text, 0, found.start())) + 1
                raise Refusal([Reason(ListRefusal.UNREADABLE_ENCODING, {"line": line})])
            return text
    raise Refusal([Reason(ListRefusal.UNREADABLE_ENCODING, {"line": furthest})])


def _could_be_euc(data: bytes) -> bool:
    """Say whether bytes that are no UTF-8 would also be EUC-JP: taking them would be a guess."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return False
    try:
        data.decode("euc_jp")
    except UnicodeDecodeError:
        return False
    return True


def _line_of(data: bytes, position: int, codec: str) -> int:
    return len(_LINE_END.findall(data[:position].decode(codec, "replace"))) + 1


def _refuse_other_files(data: bytes) -> None:
    # Some programs write a few bytes before the sign of a PDF.
    head = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    start = head[max(0, head.find(b"%PDF-")) :]
    kinds = [name for magic, name in _OTHER_FILES if start.startswith(magic)]
    kinds += [name for pattern, name in _OTHER_TEXTS if pattern.match(start)]
    if kinds:
        raise Refusal([Reason(ListRefusal.NOT_A_TABLE, {"kind": kinds[0]})])


def _guess_delimiter(text: str) -> str:
    return max(_DELIMITERS, key=lambda delimiter: _header_width(text, delimiter))


def _header_width(text: str, delimiter: str) -> int:
    try:
        return len(next(_reader(text, delimiter)))
    except csv.Error:
        return 0


def _rows(text: str, delimiter: str) -> list[TableRow]:
    rows: list[TableRow] = []
    reader = _reader(text, delimiter)
    lines_read = 0
    try:
        for number, cells in enumerate(islice(reader, MOST_ROWS + 1), start=1):
            rows.append(TableRow(number, tuple(map(as_it_was, cells))))
            lines_read = reader.line_num
    except csv.Error:
        # Where the row begins: an open quote is noticed only at the end of the file.
        raise Refusal([Reason(ListRefusal.MALFORMED, {"line": lines_read + 1})]) from None
    if len(rows) > MOST_ROWS:
        raise Refusal([Reason(ListRefusal.TOO_MANY_ROWS, {"limit": MOST_ROWS})])
    return rows


def _reader(text: str, delimiter: str) -> _csv.Reader:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)

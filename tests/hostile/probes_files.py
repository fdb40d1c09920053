"""Probes of what goes out as a file: spreadsheets, mails, papers, calendars."""

from __future__ import annotations

import csv
import io
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import icalendar
from markupsafe import escape

from portal.documents import csv_files, ics, mail_message, pdf
from portal.documents.ics import CalendarEntry, EntryStatus
from portal.kernel.clock import JST
from tests.hostile.feeder import Findings
from tests.hostile.inputs import HONEST, MARKUP, TEMPLATES, formula_cells
from tests.hostile.world import Bench


def spreadsheet_cells(_bench: Bench) -> Findings:
    """Cells of our own exports, read back as a spreadsheet reads them."""
    findings = Findings()
    honest = {"-1", "+81-24-944-3601", "-12.5", "+1,000"}
    cells = [*formula_cells(), *honest, "\u200b=1", " =1", "\ufeff=1", "＝1", "＋A1", "－A1", "＠A"]
    cells += [
        f"{start}{sign}HYPERLINK(A1)"
        for start in ("", " ", "\t", "\u3000", "\u2060")
        for sign in "=+-@＝＋－＠"
    ]
    for encoding in ("utf-8-sig", "cp932"):
        data = csv_files.csv_bytes(["a", "b"], [[cell, "x"] for cell in cells], encoding).data
        rows = list(csv.reader(io.StringIO(data.decode(encoding), newline="")))[1:]
        assert len(rows) == len(cells), "every cell is its own row"
        for cell, row in zip(cells, rows, strict=True):
            findings.tries["formula"] += 1
            bare = row[0].strip(" \t\r\n\u3000\u200b\u2060\ufeff")
            if cell in honest:
                if row[0] != cell:
                    findings.broke(f"honest {cell!r} became {row[0]!r}")
            elif bare[:1] and bare[0] in "=+-@＝＋－＠" and not _is_number(bare):
                findings.broke(f"{encoding}: {cell!r} runs")
    return findings


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(",", "").replace(".", "").replace("-", "").isdigit()


NOW = datetime(2026, 11, 20, 9, tzinfo=JST)
BREAKS = (
    "\r\n",
    "\n",
    "\r",
    "\u2028",
    "\x0b",
    "\x0c",
    "\x85",
    "\x00",
    "%0d%0a",
    "\r\n ",
    "=?utf-8?q?=0a?=",
)
INJECTED = ("Bcc: all@evil.test", "Content-Type: text/html", "X-Evil: 1", "\r\n<script>")


def mail_headers(_bench: Bench) -> Findings:
    """Line breaks in subjects, names and addresses make no header."""
    findings = Findings()
    good = _mail(subject="予約がきまりました")
    assert b"Subject: =?utf-8?" in good, "a good mail is written"
    for place in ("subject", "to_name", "to_addr", "reply_to"):
        for break_ in BREAKS:
            for injected in INJECTED:
                findings.tries["mail"] += 1
                value = f"hanako@example.jp{break_}{injected}"
                try:
                    wire = _mail(**{place: value})
                except ValueError:
                    continue
                head = wire.partition(b"\r\n\r\n")[0].replace(b"\r\n ", b" ").split(b"\n")
                if any(line.lower().startswith((b"bcc:", b"x-evil:")) for line in head):
                    findings.broke(f"{place}: {value!r} is a header")
                if sum(line.lower().startswith(b"content-type:") for line in head) > 1:
                    findings.broke(f"{place}: {value!r} is a header")
    return findings


def _mail(**changed: str) -> bytes:
    parts: dict[str, Any] = {"to_addr": "hanako@example.jp", "subject": "x", "text": "x", **changed}
    return mail_message.build(
        message_id="<1@portal.example>", sender=("園", "a@example.jp"), date=NOW, **parts
    ).as_bytes()


class Listener:
    """Somebody on loopback who counts who comes."""

    def __init__(self) -> None:
        self.hits = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._socket.accept()
            except OSError:
                return
            self.hits += 1
            with caller:
                caller.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")

    def close(self) -> None:
        self._socket.close()


@contextmanager
def listening() -> Iterator[Listener]:
    """Give a listener that has been heard once."""
    listener = Listener()
    with socket.create_connection(("127.0.0.1", listener.port), timeout=5) as caller:
        caller.recv(64)
    assert listener.hits == 1, "the listener hears"
    listener.hits = 0
    yield listener
    listener.close()


def vectors(port: int) -> Iterator[str]:
    """Yield bodies that name something to fetch or to attach."""
    for url in (f"http://127.0.0.1:{port}/x", "file:///etc/passwd"):
        yield f'<img src="{url}">'
        yield f'<object data="{url}"></object>'
        yield f'<embed src="{url}">'
        yield f'<link rel="stylesheet" href="{url}">'
        yield f'<link rel="attachment" href="{url}">'
        yield f'<a rel="attachment" href="{url}">x</a>'
        yield f"<style>@import url({url});</style>"
        yield f"<style>@font-face{{font-family:x;src:url({url})}}p{{font-family:x}}</style><p>x</p>"
        yield f'<p style="background:url({url})">x</p>'
        yield f"<style>li{{list-style-image:url({url})}}</style><ul><li>x</li></ul>"
        yield f'<svg width="9" height="9"><image href="{url}" width="9" height="9"/></svg>'
        yield f'<svg><use href="{url}#x"/></svg>'
        yield f"<style>p::before{{content:url({url})}}</style><p>x</p>"
        yield f'<iframe src="{url}"></iframe><p style="list-style:url({url})">x</p>'


PAGE = '<!DOCTYPE html><html lang="ja"><head><title>x</title></head><body>{}</body></html>'


def paper_fetches(_bench: Bench) -> Findings:
    """HTML on its way to paper fetches and attaches nothing."""
    findings = Findings()
    assert pdf.pdf_bytes(PAGE.format("<p>髙﨑</p>")).startswith(b"%PDF-"), "a good page prints"
    with listening() as listener:
        for body in vectors(listener.port):
            findings.tries["pdf"] += 1
            try:
                data = pdf.pdf_bytes(PAGE.format(body))
            except pdf.ForeignResource:
                continue
            if b"/EmbeddedFile" in data or b"root:" in data:
                findings.broke(f"attached: {body}")
        if listener.hits:
            findings.broke(f"fetched {listener.hits} times")
    return findings


def papers_of_typed_texts(_bench: Bench) -> Findings:
    """Typed texts, escaped as templates do, on paper: neither markup nor a fetch."""
    findings = Findings()
    with listening() as listener:
        texts = (*MARKUP, *TEMPLATES, *vectors(listener.port), *HONEST, "x" * 3_000, "あ\u202eい")
        for start in range(0, len(texts), 6):
            body = "<br>".join(str(escape(text)) for text in texts[start : start + 6])
            findings.tries["text"] += len(texts[start : start + 6])
            assert pdf.pdf_bytes(PAGE.format(body)).startswith(b"%PDF-")
        if listener.hits:
            findings.broke(f"fetched {listener.hits} times")
    return findings


_BETWEEN = ("\r\n", "\n", "\r", "\u2028", "\x0b", "\x0c", "\x85", "\\n", "\r\n ", "\x00")
_LINES = ("END:VEVENT", "ATTENDEE:mailto:x@evil.test", "X-EVIL:1", "髙" * 120, ';,:\\"')


def our_calendar(entry: CalendarEntry) -> bytes:
    """Return a feed of one entry."""
    return ics.feed([entry], name="園")


def calendar_lines(_bench: Bench) -> Findings:
    """Texts in calendar entries make no line of their own; no line is too long or cut in two."""
    findings = Findings()
    assert b"BEGIN:VEVENT" in our_calendar(_entry(summary="園")), "a good entry is written"
    for place in ("summary", "description", "location"):
        for break_ in _BETWEEN:
            for injected in _LINES:
                findings.tries["ics"] += 1
                data = our_calendar(_entry(**{place: f"園{break_}{injected}"}))
                findings.add(f"{place} {break_!r} {injected[:12]}", _bad_lines(data))
    return findings


def _entry(**texts: str) -> CalendarEntry:
    parts = {"summary": "x", "description": "x", "location": "x", **texts}
    return CalendarEntry(
        uid="1@portal.example",
        sequence=0,
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=3),
        status=EntryStatus.CONFIRMED,
        updated_at=NOW,
        **parts,
    )


def _bad_lines(data: bytes) -> Iterator[str]:
    lines = data.split(b"\r\n")
    if any(b"\r" in line or b"\n" in line for line in lines):
        yield "a bare line break"
    if max(map(len, lines)) > 75:
        yield "a line of more than 75 octets"
    if any(line.startswith((b"ATTENDEE", b"X-EVIL")) for line in lines):
        yield "a text became a line"
    if data.count(b"\r\nBEGIN:VEVENT") != 1 or data.count(b"\r\nEND:VEVENT") != 1:
        yield "another number of entries"
    try:
        for line in lines:
            line.decode()
        icalendar.Calendar.from_ical(data)
    except ValueError as error:
        yield f"unreadable: {error}"

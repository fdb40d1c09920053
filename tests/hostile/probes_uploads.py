"""Probes of what comes in as a file: uploads that are no tables, tables with difficult cells."""

from __future__ import annotations

import csv
import io
import struct
import time
import zipfile
import zlib

from tests.hostile.feeder import Findings, complaints_about
from tests.hostile.inputs import HONEST, MARKUP, STATEMENTS, TEMPLATES, UNICODE, formula_cells
from tests.hostile.probes_web import form_of
from tests.hostile.world import Bench
from tests.pages.authorization_world import LIST

#: Seconds of work for one upload: a bomb would take minutes.
SLOWEST = 8.0


def _png(width: int, height: int) -> bytes:
    """Return a small file that says it is a picture of this size."""
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunk = b"IHDR" + head
    body = struct.pack(">I", len(head)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return b"\x89PNG\r\n\x1a\n" + body


def _zip(name: str, data: bytes, times: int = 1) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(times):
            archive.writestr(name.format(number), data)
    return file.getvalue()


def no_tables() -> dict[str, bytes]:
    """Return files that are no list of facilities, whatever their name says."""
    script = b"<script>alert(1)</script>"
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    entity = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        b"<x>&b;</x>"
    )
    return {
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + script + b"</svg>",
        "html": b"<!doctype html><html>" + script,
        "xml entities": entity,
        "png that is a page": _png(1, 1) + script,
        "gif that is a script": b"GIF89a/*" + script + b"*/=1;",
        "2.5 gigapixels": _png(50_000, 50_000),
        "zip bomb": _zip("xl/worksheets/sheet1.xml", b"0" * 60_000_000),
        "zip of many parts": _zip("xl/{}.xml", sheet, 3_000),
        "zip that climbs": _zip("../../../../tmp/{}.csv", b"a,b\r\n1,2\r\n"),
        "zip with entities": _zip("xl/workbook.xml", entity),
        "broken zip": b"PK\x03\x04" + b"\x00" * 400,
        "pdf": b"%PDF-1.7\n" + script,
        "executable": b"MZ" + bytes(range(256)) * 8,
        "elf": b"\x7fELF" + b"\x00" * 300,
        "nothing": b"",
        "nul": b"\x00" * 3_000,
        "noise": bytes((n * 97 + 13) % 256 for n in range(4_000)),
        "utf-16": "施設名,住所\r\n".encode("utf-16-be"),
        "open quote": b'"' + b"x," * 5_000,
        "long line": b"x," * 400_000,
        "json": b'{"a": 1}',
        "deep json": b"[" * 100_000,
        "nul in json": b'{"title": "\\u0000"}',
        "long number": b"9" * 200_000,
        "gzip": zlib.compress(b"0" * 1_000_000),
        "too large": b"x" * 5_900_000,
    }


FILE_NAMES = (
    *("../../etc/passwd", "..\\..\\windows\\system.ini", "/etc/passwd", "C:\\x.csv", "a/b/c.csv"),
    *("x\r\nSet-Cookie: a=b.csv", "x\n.csv", 'x".csv', "x';.csv", "CON", "NUL.csv", ".", "..", ""),
    *("x" * 3000 + ".csv", "a\x00b.csv", "\u202evsc.exe", "=cmd|' /C calc'!A0.csv", "%00.csv"),
    *("<script>alert(1)</script>.csv", MARKUP[1], TEMPLATES[0], STATEMENTS[0], "$(id).csv", "`id`"),
    *(
        ".htaccess",
        "x.php",
        "x.csv.html",
        "髙橋の一覧.csv",
        "葛\U000e0100.csv",
        "名前　.csv",
        "-rf",
    ),
    *(
        "file:///etc/passwd",
        "http://evil.test/x.csv",
        "|id",
        "~/x.csv",
        "con.csv::$DATA",
        "x;y.csv",
    ),
)


def uploads(bench: Bench) -> Findings:
    """Files that are no tables, and tables with odd names."""
    findings = Findings()
    good = LIST.read_bytes()
    first = _upload(bench, findings, "list.csv", good)
    assert first == 303, "a real list is taken"
    findings.tries.clear()
    for name, data in no_tables().items():
        status = _upload(bench, findings, "list.csv", data)
        if status not in {409, 413, 422}:
            findings.broke(f"{name} is answered with {status}")
        _rules_file(bench, findings, name, data)
    for name in FILE_NAMES:
        status = _upload(bench, findings, name, good)
        if status not in {303, 409, 422}:
            findings.broke(f"file name {name[:40]!r} is answered with {status}")
    return findings


def _rules_file(bench: Bench, findings: Findings, name: str, data: bytes) -> None:
    """Send the same as rules; ``no rules`` of any shape may open as a draft."""
    found = form_of(bench, "office_rules.file")
    with bench.attempt():
        browser = found.browser(bench)
        body: dict[str, object] = dict(found.form.body())
        body["file"] = (io.BytesIO(data), "rules.json")
        answer = browser.post(found.form.action, body, content_type="multipart/form-data")
        findings.tries["file"] += 1
        findings.add(f"rules {name}", complaints_about(bench, answer, ""))
    if answer.status_code not in {409, 413, 422}:
        findings.broke(f"rules {name} are answered with {answer.status_code}")


def _upload(bench: Bench, findings: Findings, name: str, data: bytes) -> int:
    found = form_of(bench, "liaison_imports.index")
    field = next(f.name for f in found.form.fields if f.kind == "file")
    started = time.process_time()
    with bench.attempt():
        browser = found.browser(bench)
        body: dict[str, object] = dict(found.form.body())
        body[field] = (io.BytesIO(data), name)
        answer = browser.post(found.form.action, body, content_type="multipart/form-data")
        findings.tries["file"] += 1
        findings.add(f"file {name[:30]!r}", complaints_about(bench, answer, name))
        if answer.status_code == 303:
            page = browser.get(answer.headers["Location"])
            findings.add(f"file {name[:30]!r}", complaints_about(bench, page, name))
            if "etc/passwd" in page.get_data(as_text=True):
                findings.broke(f"file {name!r}: the path is kept")
    if time.process_time() - started > SLOWEST:
        findings.broke(f"file {name[:30]!r}: too slow")
    return answer.status_code


def imported_cells(bench: Bench) -> Findings:
    """Lists whose cells are difficult: previewed and taken without breaking, shown escaped."""
    findings = Findings()
    header, first = LIST.read_bytes().decode("cp932").split("\r\n")[:2]
    row = next(csv.reader([first]))
    values = (*MARKUP, *TEMPLATES, *STATEMENTS, *UNICODE, *formula_cells(), *HONEST)
    for number, value in enumerate((*values, *values)):
        cells = list(row)
        cells[(number * 7) % len(cells)] = value
        line = io.StringIO()
        csv.writer(line, lineterminator="\r\n").writerow(cells)
        data = f"{header}\r\n{line.getvalue()}".encode("utf-8", "surrogatepass")
        findings.tries["cell"] += 1
        _take_list(bench, findings, data, value)
    return findings


def _take_list(bench: Bench, findings: Findings, data: bytes, value: str) -> None:
    found, taking = form_of(bench, "liaison_imports.index"), form_of(bench, "liaison_imports.apply")
    field = next(f.name for f in found.form.fields if f.kind == "file")
    with bench.attempt():
        browser = found.browser(bench)
        body: dict[str, object] = dict(found.form.body())
        body[field] = (io.BytesIO(data), "list.csv")
        answer = browser.post(found.form.action, body, content_type="multipart/form-data")
        findings.add(f"cell {value[:30]!r}", complaints_about(bench, answer, value))
        if answer.status_code != 303:
            return
        where = answer.headers["Location"]
        page = browser.get(where)
        findings.add(f"preview of {value[:30]!r}", complaints_about(bench, page, value))
        seen = page.get_data(as_text=True).partition('name="seen"')[2].partition('value="')[2]
        rest = [(k, v) for k, v in taking.form.body() if k not in {"seen", "csrf_token"}]
        token = dict(found.form.body())["csrf_token"]
        done = browser.post(
            f"{where.rstrip('/')}/apply",
            {**dict(rest), "seen": seen.partition('"')[0], "csrf_token": token, "is_meant": "y"},
        )
        findings.add(f"taking {value[:30]!r}", complaints_about(bench, done, value))

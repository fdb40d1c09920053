"""PDFs: our font, every name's characters, tags and language, and nothing fetched."""

from __future__ import annotations

import importlib
import io
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject

from portal.documents import pdf
from portal.documents.pdf import ForeignResource, PdfUnavailable, pdf_bytes

DATA = Path(__file__).parent.parent / "data"
NAMES = "髙橋 山﨑 𠮷野 葛󠄀城 神田 渡邉󠄁 草彅"


def page(body: str, *, title: str = "実施状況報告書", head: str = "") -> str:
    return (
        f'<!DOCTYPE html><html lang="ja"><head><meta charset="utf-8"><title>{title}</title>{head}'
        f"</head><body><main>{body}</main></body></html>"
    )


def run(tool: str, *arguments: str, data: bytes, tmp_path: Path) -> str:
    if shutil.which(tool) is None:
        pytest.fail(f"{tool} is missing: make setup installs it")
    file = tmp_path / "sheet.pdf"
    file.write_bytes(data)
    # Fixed tools on a file of this test.
    answer = subprocess.run(
        [tool, *(argument.replace("FILE", str(file)) for argument in arguments)],
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return answer.stdout


@pytest.fixture(scope="module")
def sheet() -> bytes:
    return pdf_bytes((DATA / "sheet.html").read_text(encoding="utf-8"))


def test_both_fonts_are_ours_embedded_with_their_text(sheet: bytes, tmp_path: Path) -> None:
    rows = run("pdffonts", "FILE", data=sheet, tmp_path=tmp_path).splitlines()[2:]

    assert {re.sub(r"^[A-Z]{6}\+", "", row.split()[0]) for row in rows} == {
        "PortalPDF",  # Noto Sans CJK JP under our name: a fallback would show its own
        "PortalPDF-Bold",
    }
    for row in rows:
        embedded, subset, has_unicode = row.split()[-5:-2]
        assert (embedded, subset, has_unicode) == ("yes", "yes", "yes")


def test_names_come_back_as_their_owners_write_them(tmp_path: Path) -> None:
    data = pdf_bytes(page(f"<p>{NAMES}</p><p><strong>{NAMES}</strong></p>"))
    text = run("pdftotext", "FILE", "-", data=data, tmp_path=tmp_path)

    assert text.count(NAMES) == 2


def test_a_form_is_one_a4_page_with_its_own_number(sheet: bytes, tmp_path: Path) -> None:
    reader = PdfReader(io.BytesIO(sheet))
    text = run("pdftotext", "-layout", "FILE", "-", data=sheet, tmp_path=tmp_path)

    assert len(reader.pages) == 1
    assert [round(float(side)) for side in reader.pages[0].mediabox[2:]] == [595, 842]
    assert "1 / 1 ページ" in text
    assert "整理番号 R-2026-10-31-0042-1（第1版）" in text


@pytest.mark.proves("R30")
def test_a_fax_of_it_has_no_grey_and_no_small_print(sheet: bytes) -> None:
    sizes: set[float] = set()
    reader = PdfReader(io.BytesIO(sheet))
    for one in reader.pages:
        one.extract_text(
            visitor_text=lambda text, _cm, tm, _font, size: sizes.add(
                round(abs(size * tm[3]) * 0.75, 2) if text.strip() else 99
            )
        )
        content = one.get_contents()
        assert content is not None
        colours = set(re.findall(rb"([\d.]+ [\d.]+ [\d.]+) (?:rg|RG)\b", content.get_data()))
        assert colours <= {b"0 0 0", b"1 1 1"}
    assert min(sizes) >= 10


def test_it_is_tagged_with_title_and_language(sheet: bytes, tmp_path: Path) -> None:
    run("qpdf", "--check", "FILE", data=sheet, tmp_path=tmp_path)
    reader = PdfReader(io.BytesIO(sheet))
    root = reader.root_object
    tags = {str(item["/S"]) for item in objects(root["/StructTreeRoot"]) if "/S" in item}

    assert str(root["/Lang"]) == "ja"
    assert cast("DictionaryObject", root["/MarkInfo"])["/Marked"]
    assert cast("DictionaryObject", root["/ViewerPreferences"])["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert reader.metadata.title == "一時預かり事業 実施状況報告書（2026年10月分）"
    assert {"/H1", "/Table", "/TH", "/TD"} <= tags


def objects(node: PdfObject) -> Iterator[DictionaryObject]:
    """Walk the tree of tags from its root."""
    found = node.get_object()
    if isinstance(found, ArrayObject):
        for item in found:
            yield from objects(item)
    elif isinstance(found, DictionaryObject):
        yield found
        if "/K" in found:
            yield from objects(found["/K"])


@pytest.mark.parametrize(
    "body",
    [
        '<img src="http://127.0.0.1:9/x.png" alt="">',
        '<img src="file:///etc/passwd" alt="">',
        '<img src="data:image/png;base64,AAAA" alt="">',
        '<link rel="attachment" href="file:///etc/passwd">',
        '<a rel="attachment" href="file:///etc/passwd">x</a>',
        '<p style="background: url(file:///etc/passwd)">x</p>',
        '<svg width="9" height="9"><image href="file:///etc/passwd" width="9" height="9"/></svg>',
        "<style>@import url(file:///etc/passwd);</style>",
        "<style>@font-face{font-family:X;src:url(file:///etc/passwd)} p{font-family:X}</style>",
        '<link rel="stylesheet" href="http://127.0.0.1:9/x.css">',
        '<object data="file:///etc/passwd"></object>',
    ],
)
def test_nothing_named_in_the_page_is_fetched(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib.request.OpenerDirector.open", pytest.fail)
    with pytest.raises(ForeignResource, match="not packaged"):
        pdf_bytes(page(f"<p>本文</p>{body}"))


def test_title_and_language_are_needed() -> None:
    with pytest.raises(ValueError, match="title"):
        pdf_bytes(page("<p>x</p>", title=""))
    with pytest.raises(ValueError, match="lang"):
        pdf_bytes(page("<p>x</p>").replace(' lang="ja"', ""))


def test_an_unknown_sheet_is_a_mistake_and_no_way_out_of_the_folder() -> None:
    for name in ("other.css", "../pdf.py"):
        with pytest.raises(ValueError, match="no style sheet"):
            pdf_bytes(page("<p>x</p>"), base_css=name)


def test_without_pango_the_page_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_pango(_name: str) -> None:
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(pdf, "_loaded", [])
    monkeypatch.setattr(importlib, "import_module", no_pango)

    assert not pdf.is_available()
    with pytest.raises(PdfUnavailable, match=r"印刷できます.*libharfbuzz-subset0"):
        pdf_bytes(page("<p>x</p>"))


def test_threads_print_one_after_the_other() -> None:
    pdf_bytes(page("<p>x</p>"))  # the libraries are loaded: from here a page takes 0.2 s
    made: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: made.append(pdf_bytes(page(f"<p>{NAMES}</p>"))))
        for _ in range(4)
    ]
    with pdf._LOCK:
        for thread in threads:
            thread.start()
        threads[0].join(1)
        assert not made
    for thread in threads:
        thread.join(30)

    assert [len(PdfReader(io.BytesIO(data)).pages) for data in made] == [1] * 4

"""HTML to PDF: tagged, in Japanese, with our own fonts, and without fetching anything."""

from __future__ import annotations

import importlib
import threading
import warnings
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from portal.documents import readings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from importlib.resources.abc import Traversable

FONT_FAMILY: Final = "PortalPDF"
_FONT_PACKAGES: Final = {400: "noto_cjk_sans_jp_regular", 700: "noto_cjk_sans_jp_bold"}
_SHEETS: Final = resources.files("portal.documents") / "sheets"

#: Pango's font map is shared by the process, and not safe to use from two threads at once.
_LOCK = threading.Lock()


class PdfUnavailable(Exception):  # noqa: N818 - a state of this machine, not a fault of the caller
    """This machine cannot make PDFs: Pango, which pip cannot install, is missing.

    The text is a Japanese sentence for the page; the page itself can always be printed instead.
    """

    def __init__(self) -> None:
        super().__init__(
            "いまPDFを作れません。かわりに、画面をそのまま印刷できます。"
            "管理する方へ：libpango-1.0-0、libpangoft2-1.0-0、libharfbuzz-subset0 を"
            "入れると、PDFを作れます。"
        )


class TooManyPages(ValueError):  # noqa: N818 - named for what came out
    """The document is longer than was asked for; the caller leaves something out."""


class ForeignResource(ValueError):  # noqa: N818 - named for what was found in the page
    """The HTML names a resource that is not packaged with the portal: a template's mistake."""


def pdf_bytes(
    html: str, *, base_css: str | None = "sheet.css", with_readings: bool = False
) -> bytes:
    """Return a tagged PDF (PDF/UA-1) of one HTML document, with both Japanese fonts at hand.

    Takes about 0.2 s a page and one page at a time per process: anything longer than a few
    pages belongs into a job. Pictures must stand in the HTML as ``<svg>``.

    Args:
        html: A whole document with ``<title>`` and ``<html lang>``; a PDF reader announces both.
        base_css: Name of a style sheet in ``portal/documents/sheets``, or None for fonts alone.
        with_readings: Keep the readings of kanji; the style sheet has to put them above.

    Raises:
        PdfUnavailable: Pango is missing on this machine.
        ForeignResource: the HTML names a picture, font, style sheet or attachment by address.
        ValueError: title or language is missing, or there is no such style sheet.
    """
    with _LOCK:
        return _press().print(html if with_readings else readings.without(html), base_css)


def pdf_of_several(
    documents: Sequence[str], *, base_css: str | None = "sheet.css", with_readings: bool = False
) -> bytes:
    """Return one PDF of several HTML documents, each beginning on a page of its own.

    Pages are counted for each document, so that a sheet says of itself ``1 / 1``. As ``pdf_bytes``.

    Args:
        documents: At least one.
    """
    with _LOCK:
        kept = documents if with_readings else [readings.without(html) for html in documents]
        return _press().print_several(kept, base_css)


def pdf_on_one_page(documents: Iterable[str], *, base_css: str | None = "sheet.css") -> bytes:
    """Return the first of several HTML documents that fits one page; if none does, the last.

    As ``pdf_bytes``.

    Args:
        documents: The same paper, from the fullest to the shortest; at least one.
    """
    with _LOCK:
        press, html = _press(), ""
        for each in documents:
            html = readings.without(each)
            try:
                return press.print_several([html], base_css, most_pages=1)
            except TooManyPages:
                continue
        return press.print(html, base_css)


def is_available() -> bool:
    """Say whether this machine can make PDFs; loads the libraries on the first call."""
    try:
        with _LOCK:
            _press()
    except PdfUnavailable:
        return False
    return True


class _Press:
    """WeasyPrint with our fonts loaded; one per process, used under the lock."""

    def __init__(self, weasyprint: Any) -> None:
        self._weasyprint = weasyprint
        self._fonts = weasyprint.text.fonts.FontConfiguration()
        self._fetch = _OnlyOurFonts(weasyprint.urls)
        self._sheets: dict[str, Any] = {}
        faces = "".join(
            f"@font-face{{font-family:{FONT_FAMILY};font-weight:{weight};src:url({address})}}"
            for weight, address in _ADDRESSES.items()
        )
        # The two faces differ from system fonts in their metrics: the line height is always ours.
        self._base = self._css(f"{faces}:root{{font-family:{FONT_FAMILY};line-height:1.6}}")

    def print(self, html: str, base_css: str | None) -> bytes:
        return self.print_several([html], base_css)

    def print_several(
        self, documents: Sequence[str], base_css: str | None, *, most_pages: int | None = None
    ) -> bytes:
        sheets = [self._base] if base_css is None else [self._base, self._sheet(base_css)]
        self._fetch.refused = None
        try:
            laid_out = [
                self._weasyprint.HTML(string=html, url_fetcher=self._fetch).render(
                    font_config=self._fonts, stylesheets=sheets, pdf_variant="pdf/ua-1"
                )
                for html in documents
            ]
            if not all(each.metadata.title and each.metadata.lang for each in laid_out):
                raise ValueError("a PDF needs <title> and <html lang>")
            whole = laid_out[0]
            if len(laid_out) > 1:
                whole = whole.copy([page for each in laid_out for page in each.pages])
            if most_pages is not None and len(whole.pages) > most_pages:
                raise TooManyPages(len(whole.pages))
            pdf: bytes = whole.write_pdf(pdf_variant="pdf/ua-1")
        except self._weasyprint.urls.FatalURLFetchingError as error:
            raise ForeignResource(str(error)) from None
        # Drawing an <svg>, WeasyPrint swallows even its fatal error.
        if self._fetch.refused is not None:
            raise ForeignResource(self._fetch.refused)
        return pdf

    def _sheet(self, name: str) -> Any:
        if name not in self._sheets:
            if name not in {entry.name for entry in _SHEETS.iterdir()}:
                raise ValueError(f"no style sheet {name!r} in portal/documents/sheets")
            self._sheets[name] = self._css((_SHEETS / name).read_text(encoding="utf-8"))
        return self._sheets[name]

    def _css(self, text: str) -> Any:
        return self._weasyprint.CSS(string=text, font_config=self._fonts, url_fetcher=self._fetch)


class _OnlyOurFonts:
    """What WeasyPrint asks for every address in a page: gives our fonts, stops at all else.

    It raises WeasyPrint's fatal error, since for any other WeasyPrint leaves the thing out and
    goes on, and a form with a hole in it would be sent to the city.
    """

    def __init__(self, urls: Any) -> None:
        self._urls = urls
        self.refused: str | None = None

    def __call__(self, url: str) -> Any:
        for weight, address in _ADDRESSES.items():
            if url == address:
                font = _font(_FONT_PACKAGES[weight]).read_bytes()
                return self._urls.URLFetcherResponse(url, font, {"Content-Type": "font/otf"})
        self.refused = f"not packaged with the portal: {url}"
        raise self._urls.FatalURLFetchingError(self.refused)


#: Addresses of our own making: nothing on this machine or any other answers to them.
_ADDRESSES: Final = {weight: f"portal-font:{weight}" for weight in _FONT_PACKAGES}

_loaded: list[_Press] = []


def _press() -> _Press:
    """Return the process's press. Call it under the lock."""
    if not _loaded:
        try:
            with warnings.catch_warnings():
                # A machine without fonts of its own is none the worse: ours are embedded.
                warnings.filterwarnings("ignore", "No fonts configured")
                _loaded.append(_Press(importlib.import_module("weasyprint")))
        except OSError as error:
            raise PdfUnavailable from error
    return _loaded[0]


def _font(package: str) -> Traversable:
    return next(file for file in resources.files(package).iterdir() if file.name.endswith(".otf"))

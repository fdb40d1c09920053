"""Letters as PDF, one after the other, each with its own count of pages."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from jinja2 import Environment

from portal.documents import i18n
from portal.documents.pdf import pdf_of_several
from portal.documents.templating import environment
from portal.letters.service import LetterSheet

#: More take too long for somebody who waits at the screen; the list offers the next ones.
MOST_AT_ONCE = 20


@cache
def _papers() -> Environment:
    return environment()


def letter_html(sheet: LetterSheet, *, is_demo: bool) -> str:
    """Return a letter as the HTML that becomes the PDF, in the language of who gets it."""
    template = _papers().get_template("letters/letter.html")
    with i18n.use_language(sheet.receiver.language):
        return template.render(sheet=sheet, language=i18n.language(), is_demo=is_demo)


def letters_pdf(sheets: Sequence[LetterSheet], *, is_demo: bool) -> bytes:
    """Return the letters as one PDF; about 0.2 s each.

    Raises:
        PdfUnavailable: this machine makes no PDFs.
    """
    return pdf_of_several(
        [letter_html(sheet, is_demo=is_demo) for sheet in sheets],
        base_css="letter.css",
        with_readings=True,
    )

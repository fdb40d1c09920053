"""The language of what is written: gettext with Japanese as the source language.

Every text on screen passes ``_()``; its Japanese wording is the key. Other languages are catalogues
in ``translations/<language>/LC_MESSAGES/messages.mo``; extraction is set up in
``translations/babel.cfg``. A text without a translation stays Japanese.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import NullTranslations
from pathlib import Path

from babel.support import Translations

#: The language the texts are written in; also what is used when nobody chose.
SOURCE_LANGUAGE = "ja"
#: Where the catalogues lie.
CATALOGUES = Path(__file__).parent / "translations"

_language: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)


@cache
def _catalogue(folder: Path, language: str) -> NullTranslations:
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    return Translations.load(str(folder), [language])


def language() -> str:
    """Return the language in use, as for an HTML ``lang``."""
    return _language.get()


@contextmanager
def use_language(code: str) -> Iterator[None]:
    """Write in another language until the end of the ``with`` block (this task or thread only)."""
    token = _language.set(code)
    try:
        yield
    finally:
        _language.reset(token)


def gettext(text: str) -> str:
    """Return ``text`` in the language in use; Japanese where no translation exists."""
    return _catalogue(CATALOGUES, _language.get()).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Return the wording for ``count``; Japanese has one wording, so give both alike there."""
    return _catalogue(CATALOGUES, _language.get()).ngettext(one, many, count)


_ = gettext

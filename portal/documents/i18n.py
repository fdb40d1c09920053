"""The language of what is written: Japanese is the source, every other language is one file.

Every text that a family can see passes ``_()``; its Japanese wording is the key. Another language
is ``translations/<code>.po`` and nothing else: its name, HTML ``lang``, dates and plurals stand in
the file too. A text without a translation stays Japanese.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, reduce
from gettext import c2py
from pathlib import Path
from typing import Self

from babel.messages.pofile import read_po

from portal.documents.readings import noted, parsed

#: The language the texts are written in; also what is used when nobody chose.
SOURCE_LANGUAGE = "ja"
#: Where the other languages lie, one file each.
CATALOGUES = Path(__file__).parent / "translations"


class Forms(str):  # noqa: SLOT000 - a str cannot have slots of its own that are set later
    """A text whose wording goes by a number: ``%`` takes the form that fits.

    The number is the value called ``count``, else the first whole number among the values.
    """

    forms: tuple[str, ...]
    plural: Callable[[int], int]

    def __new__(cls, forms: tuple[str, ...], plural: Callable[[int], int]) -> Self:
        """Return the text; as a plain string it reads like its last form."""
        text = super().__new__(cls, forms[-1])
        text.forms, text.plural = forms, plural
        return text

    def form(self, values: object) -> str:
        """Return the wording for ``values``: a mapping, a tuple or one value."""
        number = _number(values)
        return self.forms[-1] if number is None else self.forms[self.plural(number)]

    def __mod__(self, values: object) -> str:
        """Fill in the form that fits."""
        return self.form(values) % values


def _number(values: object) -> int | None:
    if isinstance(values, Mapping):
        if isinstance(values.get("count"), int):
            return int(values["count"])
        return _number(tuple(values.values()))
    found = values if isinstance(values, tuple) else (values,)
    return next((one for one in found if isinstance(one, int)), None)


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its code is the file's name, ``tag`` what HTML calls it."""

    code: str
    name: str
    tag: str
    texts: Mapping[str, str]
    #: Texts whose key alone does not tell what is meant: weekdays, patterns of dates.
    in_context: Mapping[tuple[str, str], str]
    #: Whether texts carry the readings of their kanji.
    has_readings: bool = False


_JAPANESE = Language(SOURCE_LANGUAGE, "日本語", "ja", {}, {})
_chosen: ContextVar[Language | None] = ContextVar("language", default=None)


@cache
def _load(folder: Path) -> dict[str, Language]:
    found = {SOURCE_LANGUAGE: _JAPANESE}
    for file in sorted(folder.glob("*.po")):
        found[file.stem] = _read(file)
    return found


def _read(file: Path) -> Language:
    with file.open("rb") as opened:
        catalogue = read_po(opened)
    plural: Callable[[int], int] = c2py(catalogue.plural_expr)
    has_readings = any(noted(str(message.string)) for message in catalogue)
    understood = parsed if has_readings else str
    texts: dict[str, str] = {}
    in_context: dict[tuple[str, str], str] = {}
    for message in catalogue:
        key = message.id if isinstance(message.id, str) else message.id[0]
        text = _text(message.string or "", plural, understood)
        if not key or message.fuzzy or not text:
            continue
        if message.context:
            in_context[message.context, key] = text
        else:
            texts[key] = text
    name = in_context.get(("language name", _JAPANESE.name), file.stem)
    tag = in_context.get(("language tag", SOURCE_LANGUAGE), file.stem)
    return Language(file.stem, str(name), tag, texts, in_context, has_readings)


def _text(
    said: str | Iterable[str], plural: Callable[[int], int], understood: Callable[[str], str]
) -> str:
    if isinstance(said, str):
        return understood(said)
    return Forms(tuple(map(understood, said)), plural)


def languages() -> tuple[Language, ...]:
    """Return the languages there are, Japanese first; read once per process."""
    return tuple(_load(CATALOGUES).values())


def known(code: str | None) -> bool:
    """Say whether there is such a language."""
    return code in _load(CATALOGUES)


def code() -> str:
    """Return the code of the language in use."""
    return (_chosen.get() or _JAPANESE).code


def language() -> str:
    """Return the language in use, as for an HTML ``lang``."""
    return (_chosen.get() or _JAPANESE).tag


def start(wanted: str) -> None:
    """Write in a language from now on (this task or thread only); unknown ones are Japanese."""
    found = None if wanted == SOURCE_LANGUAGE else _load(CATALOGUES).get(wanted)
    _chosen.set(found)


@contextmanager
def use_language(wanted: str) -> Iterator[None]:
    """Write in another language until the end of the ``with`` block (this task or thread only)."""
    before = _chosen.get()
    start(wanted)
    try:
        yield
    finally:
        _chosen.set(before)


def gettext(text: str) -> str:
    """Return ``text`` in the language in use; Japanese where no translation exists."""
    chosen = _chosen.get()
    return text if chosen is None else chosen.texts.get(text, text)


def has(text: str) -> bool:
    """Say whether the language in use has its own wording of a text."""
    chosen = _chosen.get()
    return chosen is not None and text in chosen.texts


def pgettext(context: str, text: str) -> str:
    """Return ``text`` as it is said in a context, such as 月 as a day of the week."""
    chosen = _chosen.get()
    return text if chosen is None else chosen.in_context.get((context, text), text)


def has_readings() -> bool:
    """Say whether the language in use gives the readings of its kanji."""
    chosen = _chosen.get()
    return chosen is not None and chosen.has_readings


def is_source() -> bool:
    """Say whether Japanese is in use, for what then needs no look-up."""
    return _chosen.get() is None


def sentences(*parts: str) -> str:
    """Return sentences one after the other, with a space where the language wants one."""
    between = pgettext("sentences", "%(first)s%(next)s")
    said = ""
    for part in filter(None, parts):
        said = between % {"first": said, "next": part} if said else part
    return said


def listed(parts: list[str], by: str = "、") -> str:
    """Return words in a row, put apart by ``by`` as the language does it."""
    between = pgettext("list", by)
    return reduce(lambda said, part: said + between + part, parts) if parts else ""


def either(text: str) -> str:
    """Return a name, or names of which one is enough, put into quotation marks by the sentence.

    A name that the portal itself proposes is translated; a nursery's own stays as typed.
    """
    first, *others = text.split("」か「")
    return reduce(
        lambda said, name: said + pgettext("either", "」か「") + gettext(name),
        others,
        gettext(first),
    )


class Later(str):  # noqa: SLOT000 - as Forms
    """A Japanese text put together before any language was chosen; ``str`` of it is Japanese."""

    template: str
    values: Mapping[str, str]

    def __new__(cls, template: str, values: Mapping[str, str]) -> Self:
        """Return the text with its Japanese values filled in."""
        text = super().__new__(cls, template % values)
        text.template, text.values = template, values
        return text


def resolved(text: str) -> str:
    """Return a text of import time in the language in use: one for ``Later``, or a plain key."""
    if _chosen.get() is None:
        return text
    if isinstance(text, Later):
        return gettext(text.template) % {
            name: gettext(value) for name, value in text.values.items()
        }
    return gettext(text)


_ = gettext

"""How words are read, above them: texts of a catalogue that carry the readings of their kanji.

A catalogue writes a reading as 青空文庫 does, ``予約《よやく》``: it belongs to the kanji before
it, or to what follows a ``｜``, as in ``｜1日《ついたち》``. ``日《》`` says that no one reading
fits (1日, 2日, 3日); ``｜｜`` is a ``｜`` before a reading. Such a text is a ``WithReadings``: a
plain string without readings wherever it goes, and ``<ruby>`` where a page shows it. Its values
are escaped as always, so what somebody typed is never read as a reading.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self, SupportsIndex

from markupsafe import Markup, escape

KANJI = r"々〆㐀-䶿一-鿿"
_NOTED = re.compile(
    rf"(?:｜(?P<marked>[^｜《》]+)|(?P<kanji>[{KANJI}]+))《(?P<reading>[^｜《》]*)》"
)
_ONE = Markup("<span>{}</span>")
_RUBY = re.compile(r"<ruby>(.*?)<rp>（</rp><rt>.*?</rt><rp>）</rp></ruby>", re.DOTALL)
_IN_TAG = r"(?:[^\"'<>]++|\"[^\"]*+\"|'[^']*+')*+"
#: Where a browser shows no ruby: attributes, and elements that hold nothing but text.
_TEXT_ONLY = re.compile(
    r"<!--.*?-->"
    rf"|<(?P<holder>title|option|textarea|script|style|text)\b{_IN_TAG}>.*?</(?P=holder)\s*>"
    rf"|<[a-zA-Z]{_IN_TAG}>",
    re.DOTALL | re.IGNORECASE,
)


class WithReadings(str):  # noqa: SLOT000 - a str cannot have slots of its own that are set later
    """A text that is a plain string everywhere, and has readings where a page shows it.

    ``%``, ``format`` and ``+`` keep the readings; any other way to put strings together loses
    them and nothing else.
    """

    markup: Markup

    def __new__(cls, plain: str, markup: Markup) -> Self:
        """Return the text; both hold the same placeholders."""
        text = super().__new__(cls, plain)
        text.markup = markup
        return text

    def __html__(self) -> str:
        """Return the text for a page, values escaped. Jinja and MarkupSafe ask for this.

        It is one element: in a flexible box each piece of text and each ``<ruby>`` would be laid
        out by itself.
        """
        return _ONE.format(self.markup) if "<ruby>" in self.markup else self.markup

    def __mod__(self, values: object) -> WithReadings:
        """Fill in values, escaping them for the page."""
        return WithReadings(str.__mod__(self, values), self.markup % _markup_of(values))

    def format(self, *args: object, **values: object) -> WithReadings:
        """Fill in values, escaping them for the page."""
        markup = self.markup.format(*_markup_of(args), **_markup_of(values))
        return WithReadings(str.format(self, *args, **values), markup)

    def __add__(self, other: str) -> WithReadings:
        """Return both, each as it is."""
        return WithReadings(str.__add__(self, other), self.markup + _markup_of(other))

    def __radd__(self, other: str) -> WithReadings:
        """Return both, each as it is."""
        return WithReadings(other + str(self), escape(_markup_of(other)) + self.markup)

    def split(self, sep: str | None = None, maxsplit: SupportsIndex = -1) -> list[str]:
        """Return the parts between ``sep``, which is no letter of our elements, each as it is."""
        plain, markup = str.split(self, sep, maxsplit), self.markup.split(sep, maxsplit)
        return [WithReadings(*both) for both in zip(plain, markup, strict=True)]

    def by(self, fill: Callable[[str, Callable[[Any], str]], str]) -> WithReadings:
        """Fill in values in a way of the caller's: ``fill(template, escaping)``."""
        return WithReadings(fill(str(self), str), Markup(fill(str(self.markup), _escaped)))  # noqa: S704 # nosec B704 - what is filled in is escaped

    def spelled(self) -> str:
        """Return the text for a mail, which has no ruby: ``予約（よやく）``."""
        return html.unescape(re.sub(r"<[^<>]*>", "", self.markup))


def _markup_of(values: Any) -> Any:
    """Return what is filled in without an element around each: the whole text has one."""
    if isinstance(values, WithReadings):
        return values.markup
    if isinstance(values, tuple):
        return tuple(map(_markup_of, values))
    if isinstance(values, Mapping):
        return {name: _markup_of(value) for name, value in values.items()}
    return values


def _escaped(value: Any) -> str:
    return escape(_markup_of(value))


def noted(text: str) -> bool:
    """Say whether a text of a catalogue gives a reading."""
    return _NOTED.search(text) is not None


def count(text: str) -> int:
    """Return how many readings a text of a catalogue gives."""
    return sum(bool(match["reading"]) for match in _NOTED.finditer(text))


def parsed(text: str) -> WithReadings:
    """Return a text of a catalogue that gives readings.

    Texts without any are such too, since readings of others may be filled into them.
    """
    plain, markup, end = "", Markup(""), 0
    for match in _NOTED.finditer(text):
        before, base = text[end : match.start()], match["marked"] or match["kanji"]
        plain, markup, end = plain + before + base, markup + before, match.end()
        markup += _ruby(base, match["reading"]) if match["reading"] else base
    return WithReadings(plain + text[end:], markup + text[end:])


def _ruby(base: str, reading: str) -> Markup:
    return Markup("<ruby>{}<rp>（</rp><rt>{}</rt><rp>）</rp></ruby>").format(base, reading)


def unread(text: str) -> list[str]:
    """Return the kanji of a catalogue's text that have no reading, run by run."""
    return re.findall(rf"[{KANJI}]+", _NOTED.sub(" ", text))


def odd_readings(text: str) -> Iterator[str]:
    """Yield what is no notation: a reading with kanji in it, or a mark that belongs to nothing."""
    yield from (
        m["reading"] for m in _NOTED.finditer(text) if re.search(rf"[{KANJI}]", m["reading"])
    )
    yield from re.findall(r"[《》]", _NOTED.sub(" ", text))


def without(page: str) -> str:
    """Return HTML without readings, as for a printer that knows no ruby."""
    return _RUBY.sub(r"\1", page)


def _as_text(part: str) -> str:
    """Return an attribute or element that holds text alone, without our elements."""
    return without(part).replace("<span>", "").replace("</span>", "")


def where_shown(page: str) -> str:
    """Return HTML with readings only where they are shown: not in attributes, ``<title>``….

    What people typed holds no tag, since templates escape it: only our own readings go.
    """
    if "<ruby>" not in page:
        return page
    return _TEXT_ONLY.sub(
        lambda match: _as_text(match[0]) if "<ruby>" in match[0] else match[0], page
    )

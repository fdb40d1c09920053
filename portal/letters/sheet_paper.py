"""Forms as PDF: blank or filled, with or without the readings of their kanji."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, Self

from jinja2 import Environment
from markupsafe import escape

from portal.consents.wordings import Asked, ConsentPurpose, asked
from portal.documents.i18n import gettext, sentences, use_language
from portal.documents.pdf import pdf_bytes
from portal.documents.readings import WithReadings, noted, parsed
from portal.documents.templating import environment
from portal.facilities.models import Facility
from portal.letters.sheet_choices import Choices, choices_of, how_used, lines_more
from portal.letters.sheet_facts import SheetFacts
from portal.letters.sheet_parts import Box, Ink, Part, Sheet, Table
from portal.letters.sheets import BY_KIND
from portal.letters.sheets_days import DAYS
from portal.policies.document import RulesDocument
from portal.slots.published import FacilityShown

#: The language whose catalogue writes readings; texts of other features stand in it.
_WITH_READINGS = "ja_easy"
#: Of signs as the form's style sheet sets them, in points: a reading, and what it stands above.
_READING, _WORD = 6, 10
#: So far a reading may stand over its neighbours without touching theirs; and where the neighbour
#: has a reading too, what is left free between the two.
_LAP, _GAP = 4, -2
_END = "<rp>）</rp></ruby>"
_RUBY = re.compile(r"<ruby>([^<]*)(<rp>（</rp><rt>([^<]*)</rt>)")
#: So many days can be wished for on a form of booking however much else stands on it.
_FEWEST_DAYS = 2
_AGREES = (("yes", "同意《どうい》します"), ("no", "同意《どうい》しません"))


@dataclass(frozen=True, slots=True)
class Desk:
    """To whom a form goes back: a facility as it is printed on it."""

    name: str
    address: str
    building: str | None
    phone: str | None
    fax: str | None
    #: Who runs it; receives what is agreed to.
    owner: str | None = None
    #: What its rules let families choose; None where they are not known.
    choices: Choices | None = None

    @classmethod
    def of(
        cls, facility: Facility | FacilityShown, documents: Collection[RulesDocument] = ()
    ) -> Self:
        """Return a facility's, with what the rules of its programmes let families choose."""
        return cls(
            facility.name,
            facility.address,
            facility.building,
            facility.phone,
            facility.fax,
            facility.owner_name,
            choices_of(documents) if documents else None,
        )


def _plain(text: str) -> str:
    return str(text if isinstance(text, WithReadings) else parsed(text))


def _read(text: str) -> str:
    """Return a text with its readings: its own, else the easy wording of the catalogue."""
    if isinstance(text, WithReadings):
        return text
    return parsed(text) if noted(text) else gettext(text)


def _parts(sheet: Sheet, desk: Desk | None) -> tuple[Part, ...]:
    """Return a form's parts, each consent one of its own, in the language in use."""
    if sheet.offers_choices and desk is not None and desk.choices is not None:
        return tuple(_own(part, desk.choices) for part in sheet.parts)
    if not sheet.asks_consents:
        return sheet.parts
    name = desk.name if desk else "園"
    consents = [
        asked(purpose, facility=name, provider=(desk and desk.owner) or name)
        for purpose in ConsentPurpose
    ]
    return (*sheet.parts, *map(_consent, consents))


def _own(part: Part, choices: Choices) -> Part:
    """Return a part of a form of booking with a facility's choices; they take lines from days."""
    if part == how_used(None):
        return how_used(choices)
    if part.table is None or part.table.key != DAYS.key:
        return part
    lines = max(_FEWEST_DAYS, DAYS.blank - lines_more(choices))
    return replace(part, table=replace(DAYS, blank=lines, heads=DAYS.heads[:lines]))


def _consent(one: Asked) -> Part:
    tick = Box("同意《どうい》", ink=Ink.TICKS, options=_AGREES)
    said = sentences(_as_it_is(one.wording), _as_it_is(one.if_refused), _as_it_is(one.until))
    return Part(_as_it_is(one.title), ((tick,),), lead=_as_it_is(said))


def _as_it_is(words: str) -> str:
    """Return words in which a name may stand: its signs are no notation of readings."""
    return words if isinstance(words, WithReadings) else WithReadings(words, escape(words))


def plain_title(sheet: Sheet) -> str:
    """Return a form's title without readings, for pages and names of files."""
    return _plain(sheet.title)


def lines_of(table: Table, known: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Return a table's lines: what is known, then blank ones up to its size.

    Where the lines have words of their own (foods, vaccines), what is known stands at its words.
    """
    first = table.columns[0].key
    of = {line.get(first, ""): line for line in known}
    named = [of.pop(words, {first: words}) for words in table.rows]
    lines = [*named, *(known if not table.rows else of.values())]
    return [*lines, *({} for _ in range(table.blank - len(lines)))]


@cache
def _papers() -> Environment:
    return environment()


def sheet_html(
    sheet: Sheet,
    desk: Desk | None,
    facts: SheetFacts | None,
    *,
    with_readings: bool,
    is_demo: bool,
) -> str:
    """Return a form as the HTML that becomes the PDF. Without a desk its lines are blank."""
    values: dict[str, Any] = {
        "sheet": sheet,
        "facility": desk,
        "facts": facts or SheetFacts(""),
        "is_filled": facts is not None,
        "is_demo": is_demo,
        "lines_of": lines_of,
        "parts_of": _parts,
        "plain_title": plain_title(sheet),
        "with_readings": with_readings,
    }
    template = _papers().get_template("papers/sheet.html")
    if not with_readings:
        return template.render(say=_plain, **values)
    with use_language(_WITH_READINGS):
        return _RUBY.sub(_with_room, template.render(say=_read, **values))


def _with_room(ruby: re.Match[str]) -> str:
    """Give a word the room of a reading longer than it: two readings do not run together."""
    has_neighbour = ruby.string.endswith("</ruby>", 0, ruby.start()) or ruby.string.startswith(
        f"{_END}<ruby>", ruby.end()
    )
    beyond = len(ruby[3]) * _READING - len(ruby[1]) * _WORD - (_GAP if has_neighbour else _LAP)
    style = f' style="padding: 0 {beyond / 2:g}pt"' if beyond > 0 else ""
    return f"<ruby{style}>{ruby[1]}{ruby[2]}"


def sheet_pdf(
    sheet: Sheet,
    desk: Desk | None,
    facts: SheetFacts | None = None,
    *,
    with_readings: bool = False,
    is_demo: bool = False,
) -> bytes:
    """Return a form as PDF; about 0.3 s a page.

    Raises:
        PdfUnavailable: this machine makes no PDFs.
    """
    html = sheet_html(sheet, desk, facts, with_readings=with_readings, is_demo=is_demo)
    return pdf_bytes(html, base_css="paper.css", with_readings=with_readings)


@lru_cache(maxsize=100)
def blank_pdf(kind: str, desk: Desk | None, *, with_readings: bool, is_demo: bool) -> bytes:
    """Return a blank form as PDF; made once, since anybody may ask for it as often as she likes.

    Raises:
        KeyError: there is no such form. PdfUnavailable: this machine makes no PDFs.
    """
    return sheet_pdf(BY_KIND[kind], desk, with_readings=with_readings, is_demo=is_demo)

"""What a facility's rules let families choose, on its form of booking. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import escape

from portal.bookings.extras import Extra, options_offered
from portal.bookings.use_kinds import offered
from portal.documents.readings import WithReadings, noted, parsed
from portal.homes.asked import asked_by
from portal.letters.sheet_boxes import PURPOSES
from portal.letters.sheet_parts import Box, Ink, Part
from portal.policies.document import RulesDocument

#: Who comes without a booking fills no form for one.
_NEVER_BOOKED = "walk_in"
_LUNCHES = {"lunch", "own_lunch"}
#: In signs: what fits a line of the form beside its label, and what a tick takes with its gap.
_WIDEST, _TICK = 36, 4
#: Room for a number behind what is counted.
_NUMBER = "（　　　　）"
_TICKETS = parsed("（　　　　枚《まい》）")

_LUNCH = Box("昼食《ちゅうしょく》", ink=Ink.TICKS, options=(("yes", "いる"), ("no", "いらない")))
_PICK_UP = Box("お迎《むか》えの人《ひと》")
_WORD = Box("伝《つた》えたいこと")


@dataclass(frozen=True, slots=True)
class Choices:
    """Code and words of each: for what families come, what they choose beside it, tickets."""

    uses: tuple[tuple[str, str], ...]
    options: tuple[tuple[str, str], ...]
    tickets: tuple[tuple[str, str], ...]


def choices_of(documents: Iterable[RulesDocument]) -> Choices:
    """Return what the rules of a facility's programmes let families choose, each thing once."""
    uses: dict[str, str] = {}
    options: dict[str, str] = {}
    tickets: dict[str, str] = {}
    for document in documents:
        uses |= {kind.written: words for kind, words in offered(document)}
        options |= {each.code: _option(each) for each in options_offered(document, by_staff=True)}
        tickets |= asked_by([document]).coupons
    options.pop(_NEVER_BOOKED, None)
    return Choices(
        tuple((code, _as_written(words)) for code, words in uses.items()),
        tuple(options.items()),
        tuple((code, words + _TICKETS) for code, words in tickets.items()),
    )


def how_used(choices: Choices | None) -> Part:
    """Return the part of the form about how care is used; with blank lines for rules unknown."""
    return Part(
        "使《つか》い方《かた》",
        tuple(_rows(choices) if choices else _blank_rows()),
        lead="体《からだ》のことは、FAX に書《か》かないでください。"
        "電話《でんわ》で聞《き》きます。",
    )


def lines_more(choices: Choices) -> int:
    """Return how many lines the part takes beyond the blank one: the form stays one page."""
    rows = list(_rows(choices))
    lines = sum(max(1, -(-_width(box) // _WIDEST)) for row in rows for box in row[:1])
    return max(0, lines - len(list(_blank_rows())))


def _width(box: Box) -> int:
    return sum(len(words) + _TICK for _code, words in box.options)


def _rows(choices: Choices) -> Iterator[tuple[Box, ...]]:
    if choices.uses:
        yield (_ticks("使《つか》う理由《りゆう》", choices.uses),)
    if choices.options:
        yield (_ticks("えらぶもの", choices.options),)
    if choices.tickets:
        yield (_ticks("使《つか》う券《けん》", choices.tickets),)
    asks_lunch = not _LUNCHES & {code for code, _words in choices.options}
    yield (_LUNCH, _PICK_UP) if asks_lunch else (_PICK_UP,)
    yield (_WORD,)


def _blank_rows() -> Iterator[tuple[Box, ...]]:
    yield (_ticks("使《つか》う理由《りゆう》", PURPOSES),)
    yield _LUNCH, _PICK_UP
    # Own lunch, nappies and what else the rules of each facility let families choose.
    yield (Box("えらぶもの・券《けん》"),)
    yield (_WORD,)


def _ticks(label: str, options: tuple[tuple[str, str], ...]) -> Box:
    return Box(label, ink=Ink.TICKS, options=options)


def _option(extra: Extra) -> str:
    words = _as_written(extra.words)
    return words + _NUMBER if extra.most > 1 else words


def _as_written(words: str) -> str:
    """Return words of a provider: what looks like a reading in them is none."""
    return WithReadings(words, escape(words)) if noted(words) else words

"""From a reason to its sentence and to what would help, in the language in use."""

from __future__ import annotations

import importlib
import pkgutil
import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from functools import cache
from typing import Any, Final

from portal.documents import dates, i18n, wording
from portal.documents.money import yen
from portal.documents.readings import WithReadings
from portal.documents.wording.cap_words import (
    cap_amount,
    cap_of_home,
    cap_period,
    cap_scope,
    weekdays,
)
from portal.documents.wording.entries import HelpLink, HelpTemplate, Template
from portal.documents.wording.step_names import step_name
from portal.kernel.errors import Reason
from portal.kernel.spans import Span, cell_label


def _choices(values: Iterable[object]) -> str:
    """Return ``9:00、13:00``; a block of label, start and end reads ``午前 9:00〜12:00``.

    A label that the portal itself proposes is translated; a nursery's own stays as typed.
    """
    return i18n.listed(
        [
            f"{i18n.gettext(value[0])} {dates.jspan(value[1], value[2])}"
            if isinstance(value, tuple)
            else i18n.gettext(value)
            if isinstance(value, str)
            else str(value)
            for value in values
        ]
    )


def _durations(minutes: Iterable[int]) -> str:
    """Return ``2時間、4時間``."""
    return i18n.listed([dates.jduration(each) for each in minutes])


def _spans(values: str | Iterable[tuple[time, time]]) -> str:
    """Return ``8:30〜12:30、15:00〜17:00``; what is written already stays."""
    if isinstance(values, str):
        return values
    return i18n.listed([dates.jspan(start, end) for start, end in values])


_PLAIN: Final[Mapping[str, Callable[..., str]]] = {
    "yen": yen,
    "jtime": dates.jtime,
    "jspan": dates.jspan,
    "jmonth": dates.jmonth,
    "jduration": dates.jduration,
    "wareki": dates.wareki,
    "cell_label": cell_label,
    "choices": _choices,
    "spans": _spans,
    "durations": _durations,
    "step_name": step_name,
    "cap_amount": cap_amount,
    "cap_period": cap_period,
    "cap_scope": cap_scope,
    "weekdays": weekdays,
}
_WITH_TODAY: Final[Mapping[str, Callable[..., str]]] = {
    "jdate": dates.jdate,
    "jdatetime": dates.jdatetime,
    "jlimit": dates.jlimit,
}


@dataclass(frozen=True, slots=True)
class Help:
    """What would help against a reason: a sentence, and where to go for it, if anywhere."""

    text: str
    link: HelpLink | None


def key_of(code: StrEnum) -> str:
    """Return the key under which a code's wording stands: ``BookingRefusal.too_late``."""
    return f"{type(code).__name__}.{code.value}"


def sentence(reason: Reason, *, child: str | None = None, today: date | None = None) -> str:
    """Return what a reason says, plain text in the language in use (Japanese where it has none).

    Args:
        child: How to name ``reason.child_id``, with さん; without it, お子さん.
        today: Leaves the year out of dates in its own year.

    Raises:
        KeyError: the code has no wording, or a value it cannot do without is missing. A
            programmer's omission, found by the tests.
    """
    sentences, _ = _registry()
    return _fill(sentences[key_of(reason.code)], reason, child, today)


def help_for(reason: Reason, *, child: str | None = None, today: date | None = None) -> Help | None:
    """Return what would help against a reason, or None where only another wish would.

    Arguments are those of ``sentence``.
    """
    _, helps = _registry()
    found = helps.get(key_of(reason.code))
    if found is None:
        return None
    return Help(_fill(found.text, reason, child, today), found.link)


def template(code: StrEnum) -> str:
    """Return the Japanese sentence of a code as it is written, ``{values}`` not filled in.

    Raises:
        KeyError: the code has no wording.
    """
    found = _registry()[0][key_of(code)]
    return found if isinstance(found, str) else found[0]


def values_said(reason: Reason) -> dict[str, object]:
    """Return those values of a reason that its sentence takes, as far as they are known."""
    found = _registry()[0][key_of(reason.code)]
    taken = set().union(*map(fields_of, (found,) if isinstance(found, str) else found))
    return {
        name: value for name, value in reason.values.items() if name in taken and value is not None
    }


def known_codes() -> frozenset[str]:
    """Return the keys of all codes that have a sentence in Japanese; for tests."""
    return frozenset(_registry()[0])


@cache
def _registry() -> tuple[dict[str, Template], dict[str, HelpTemplate]]:
    """Merge the modules of wording; other languages are in the catalogue, by the Japanese text.

    Raises:
        ValueError: two modules word the same code, or help stands without sentence.
    """
    sentences: dict[str, Template] = {}
    helps: dict[str, HelpTemplate] = {}
    for module in pkgutil.iter_modules(wording.__path__):
        if not module.name.endswith(f"_{i18n.SOURCE_LANGUAGE}"):
            continue
        found = importlib.import_module(f"{wording.__name__}.{module.name}")
        twice = sentences.keys() & found.SENTENCES.keys() | helps.keys() & found.HELPS.keys()
        if twice:
            raise ValueError(f"worded twice: {sorted(twice)}")
        sentences |= found.SENTENCES
        helps |= found.HELPS
    if helps.keys() - sentences.keys():
        raise ValueError(f"help without sentence: {sorted(helps.keys() - sentences.keys())}")
    return sentences, helps


def _fill(template: Template, reason: Reason, child: str | None, today: date | None) -> str:
    values = {name: value for name, value in reason.values.items() if value is not None}
    values["child"] = child or _whose(reason)
    variants = (template,) if isinstance(template, str) else template
    chosen = next((text for text in variants if fields_of(text) <= values.keys()), variants[-1])
    said = i18n.gettext(chosen)
    if isinstance(said, i18n.Forms):
        said = said.form(values)
    if isinstance(said, WithReadings):
        return said.by(lambda text, escaping: _Formatter(today, escaping).vformat(text, (), values))
    return _Formatter(today).vformat(said, (), values)


def _whose(reason: Reason) -> str:
    """Return what stands for a child whom nobody names; a limit can be that of the household."""
    if reason.child_id is None and key_of(reason.code) == "BookingRefusal.cap_reached":
        return cap_of_home()
    return i18n.pgettext("the child", "お子さん")


def fields_of(text: str) -> set[str]:
    """Return the names of the values a template takes."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


class _Formatter(string.Formatter):
    """``{day:jdate}``: the spec names one of the portal's ways to write a value."""

    def __init__(self, today: date | None, escaping: Callable[[Any], str] = str) -> None:
        self._today = today
        self._escaping = escaping

    def format_field(self, value: Any, format_spec: str) -> str:
        """Write one value; without a spec, dates, times and lists go by their type."""
        return self._escaping(self._written(value, format_spec or _spec_by_type(value)))

    def _written(self, value: Any, spec: str) -> str:
        if spec in _WITH_TODAY:
            return _WITH_TODAY[spec](value, self._today)
        if spec in _PLAIN:
            return _PLAIN[spec](value)
        # A name that the portal itself proposes, such as that of a paper, is translated.
        if spec:
            return format(value, spec)
        return i18n.either(value) if isinstance(value, str) else str(value)


def _spec_by_type(value: object) -> str:
    for kind, spec in (
        (datetime, "jdatetime"),
        (date, "jdate"),
        (time, "jtime"),
        (Span, "jspan"),
        (tuple, "choices"),
    ):
        if isinstance(value, kind):
            return spec
    return ""

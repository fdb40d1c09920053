"""What every template may use, whether a page, a mail or a paper; knows no Flask."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    pass_context,
    pass_eval_context,
    select_autoescape,
)
from jinja2.nodes import EvalContext
from jinja2.runtime import Context
from markupsafe import Markup, escape

from portal.documents import dates, i18n
from portal.documents.money import yen
from portal.documents.readings import WithReadings
from portal.documents.wording.step_names import step_name
from portal.kernel.spans import cell_label

#: The templates of the portal.
TEMPLATES = Path(__file__).parents[2] / "templates"


class Problem(NamedTuple):
    """One thing to put right in a form: its sentence and the control to go to, or none."""

    message: str
    target: str | None


@pass_context
def _jdate(context: Context, value: date | datetime, today: date | None = None) -> str:
    return dates.jdate(value, today or context.get("today"))


@pass_context
def _jdatetime(context: Context, value: datetime, today: date | None = None) -> str:
    return dates.jdatetime(value, today or context.get("today"))


@pass_context
def _jlimit(context: Context, value: datetime, today: date | None = None) -> str:
    return dates.jlimit(value, today or context.get("today"))


@lru_cache(maxsize=4000)
def _marked(text: str) -> Markup:
    # Texts without values are the same for everybody: a page has dozens of them.
    return Markup(text)  # noqa: S704 # nosec B704 - our own words


@pass_eval_context
def _say(eval_context: EvalContext, text: str, **values: object) -> str:
    """Return a text of the portal's own with values filled in; only the values are escaped."""
    found = i18n.gettext(text)
    if isinstance(found, i18n.Forms):
        found = found.form(values)
    if isinstance(found, WithReadings):
        if eval_context.autoescape:
            return Markup(found % values if values or "%" in found else found)  # noqa: S704 # nosec B704 - it escapes its values
        spelled = found.spelled()
        return spelled % values if values or "%" in spelled else spelled
    if not values and "%" not in found:
        return _marked(found) if eval_context.autoescape else found
    return (Markup(found) if eval_context.autoescape else found) % values  # noqa: S704 # nosec B704 - our words, values escaped


@pass_eval_context
def _in_japanese(eval_context: EvalContext, words: str | None) -> str | None:
    """Mark what a facility wrote, or is called, on pages of another language.

    Words that many use alike, such as those of a template of rules, have a translation.
    """
    if words and i18n.has(words):
        return i18n.gettext(words)
    if not words or not eval_context.autoescape or i18n.language() == i18n.SOURCE_LANGUAGE:
        return words
    return Markup('<span lang="ja">{}</span>').format(words)


@pass_eval_context
def _day_and_time(eval_context: EvalContext, day: str, clock: str) -> str:
    """Join a day with its time, either of which may be marked up."""
    if not eval_context.autoescape:
        return dates.day_and_time(day, clock)
    return Markup(dates.day_and_time("{day}", "{clock}")).format(day=day, clock=clock)  # noqa: S704 # nosec B704 - our words, values escaped


@pass_eval_context
def _sentences(eval_context: EvalContext, *parts: str) -> str:
    """Join sentences, any of which may be marked up."""
    if not eval_context.autoescape:
        return i18n.sentences(*parts)
    names = [f"{{{number}}}" for number, part in enumerate(parts) if part]
    return Markup(i18n.sentences(*names)).format(*parts)  # noqa: S704 # nosec B704 - our words, values escaped


#: ``8:30〜17:00``, however the language in use joins the two.
_SPAN_OF_TIMES = re.compile(r"\d{1,2}:\d\d[〜–-]\d{1,2}:\d\d")


@pass_eval_context
def _unbroken(eval_context: EvalContext, words: object) -> object:
    """Keep each span of times in a text on one line; what is marked up already stays as it is."""
    is_text = isinstance(words, str) and not isinstance(words, Markup)
    if not eval_context.autoescape or not is_text or not _SPAN_OF_TIMES.search(str(words)):
        return words
    escaped = str(escape(words))  # plain: what is put into markup would be escaped once more
    return Markup(_SPAN_OF_TIMES.sub(r'<span class="nowrap">\g<0></span>', escaped))  # noqa: S704 # nosec B704 - escaped before


def first_control(field: object) -> str:
    """Return the id of the control that a link to ``field`` goes to.

    A group of choices has no control of its own, so its first option is named.
    """
    own = getattr(field, "first_id", None)
    if own is not None:
        return str(own)
    identity = str(getattr(field, "id", ""))
    widget = getattr(field, "widget", None)
    is_list = type(widget).__name__ == "Select" and not getattr(widget, "multiple", False)
    if hasattr(field, "iter_choices") and not is_list:
        return f"{identity}-0"
    return identity


def problems(form: Iterable[object] | None) -> list[Problem]:
    """Return everything wrong with a WTForms form, the form's own refusals first.

    Fields that hold fields (``FormField``, ``FieldList``) give the problems of their parts. Hidden
    fields have no control to go to, so their sentence comes without a link.
    """
    if form is None:
        return []
    found = [Problem(_as_said(message), None) for message in getattr(form, "form_errors", ())]
    for field in form:
        found.extend(_problems_of(field))
    return found


def _as_said(message: object) -> str:
    return message if isinstance(message, str) else str(message)  # a text keeps its readings


def _problems_of(field: object) -> list[Problem]:
    inner = getattr(field, "form", None)
    if inner is not None:
        return problems(inner)
    entries = getattr(field, "entries", None)
    if entries is not None:
        found = [problem for entry in entries for problem in _problems_of(entry)]
        if found:
            return found
    hidden = getattr(getattr(field, "widget", None), "input_type", None) == "hidden"
    target = None if hidden else first_control(field)
    return [
        Problem(_as_said(message), target)
        for message in getattr(field, "errors", ())
        if isinstance(message, str)
    ]


def together(rows: Iterable[tuple[object, object]]) -> list[tuple[object, list[object]]]:
    """Put the values of neighbours of one name together: a list names nothing twice."""
    return [(name, [each[1] for each in found]) for name, found in groupby(rows, itemgetter(0))]


def install(env: Environment) -> None:
    """Give ``env`` the portal's filters, functions and gettext. Side effect on ``env`` only.

    Filters: ``jdate``, ``jdatetime`` and ``jlimit`` (they take the template variable ``today``
    when none is given), ``jday``, ``jtime``, ``jspan``, ``jmonth``, ``jduration``, ``jage``,
    ``wareki``, ``wareki_date``, ``in_japanese``, ``yen``, ``cell_label``, ``step_name``,
    ``together``, ``unbroken``. Functions:
    ``_`` (write a literal percent sign ``%%``), ``language()``, ``is_source()``,
    ``weekday(short)``, ``after_day()``, ``listed(words, by)``, ``sentences(…)``,
    ``day_and_time(day, time)``, ``problems(form)``, ``first_control(field)``.
    Lines with block tags alone leave no line behind, which text mails need.
    """
    env.trim_blocks = True
    env.lstrip_blocks = True
    callables: dict[str, Callable[..., object]] = {
        "together": together,
        "unbroken": _unbroken,
        "jdate": _jdate,
        "jdatetime": _jdatetime,
        "jlimit": _jlimit,
        "jtime": dates.jtime,
        "jspan": dates.jspan,
        "jday": dates.jday,
        "jmonth": dates.jmonth,
        "jduration": dates.jduration,
        "jage": dates.jage,
        "wareki": dates.wareki,
        "wareki_date": dates.wareki_date,
        "in_japanese": _in_japanese,
        "translated": i18n.gettext,
        "yen": yen,
        "cell_label": cell_label,
        "step_name": step_name,
    }
    env.filters.update(callables)
    env.globals.update(
        language=i18n.language,
        is_source=i18n.is_source,
        day_and_time=_day_and_time,
        listed=i18n.listed,
        weekday=dates.weekday,
        after_day=dates.after_day,
        sentences=_sentences,
        problems=problems,
        first_control=first_control,
    )
    env.globals.update(_=_say, gettext=_say)


def environment(templates: Path = TEMPLATES) -> Environment:
    """Return an environment for mails and papers, outside any request; unknown names are errors."""
    env = Environment(
        loader=FileSystemLoader(templates),
        autoescape=select_autoescape(("html", "xml", "svg")),
        undefined=StrictUndefined,
    )
    install(env)
    return env

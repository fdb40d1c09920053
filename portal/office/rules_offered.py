"""Choices of a rules form that hang on the document: its types of use, its own circumstances."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from wtforms import SelectMultipleField

from portal.office.rules_inputs import Choices, offered
from portal.office.rules_reductions import REDUCED_MARKS
from portal.office.rules_rest import Rest
from portal.policies.purposes import PURPOSE_WORDS

_OF_USES = re.compile(r"(step_\d+_opens|(cap|red)_\d+_purposes)")
_OF_MARKS = re.compile(r"red_\d+_marks")
#: A name that a document made itself, offered where it stands already.
_OWN = re.compile(r"\w{1,40}")
#: What most nurseries tell apart, where the text names no types of use.
_USUAL = ("irregular_work", "emergency", "respite")


def offer(form: Any) -> None:
    """Give the fields of reasons and circumstances their choices, those ticked already among them.

    That a type of use is not named elsewhere is said by the document, at the field.
    """
    uses = tuple(_uses(Rest(form.rest.data).content.get("purposes")))
    usual = uses or tuple((code, PURPOSE_WORDS[code]) for code in _USUAL)
    for field in form:
        if _OF_USES.fullmatch(field.name):
            _offer(field, usual)
        elif _OF_MARKS.fullmatch(field.name):
            _offer(field, REDUCED_MARKS)


def _offer(field: SelectMultipleField, choices: Choices) -> None:
    known = {code for code, _words in choices}
    own = [one for one in field.data or () if one not in known and _OWN.fullmatch(one)]
    field.choices = offered((*choices, *((one, PURPOSE_WORDS.get(one, one)) for one in own)))


def _uses(written: object) -> Iterator[tuple[str, str]]:
    """Yield the types of use that a text names, whatever else is wrong with it."""
    types = written.get("types") if isinstance(written, Mapping) else None
    for one in types if isinstance(types, list) else ():
        code = one.get("code") if isinstance(one, Mapping) else None
        if isinstance(code, str) and _OWN.fullmatch(code):
            yield code, str(one.get("label") or PURPOSE_WORDS.get(code, code))

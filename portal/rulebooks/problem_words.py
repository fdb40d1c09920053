"""What pydantic finds wrong, as sentences with the remedy, in plain Japanese."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.policies.calendar import WEEKDAY_WORDS
from portal.rulebooks.objections import sentences
from portal.rulebooks.reading.mistakes import Path
from portal.rulebooks.shapes import closest, fields_of, kinds_of, models_at, places_of

#: So many places where a name would be right are told.
_PLACES_TOLD = 3
#: No more choices than these are listed beside the one that was meant.
_CHOICES_TOLD = 12
#: No more names than these are listed.
_NAMES_TOLD = 30
#: The words that people write for the codes of weekdays.
_WEEKDAYS = {word: day.value for day, word in WEEKDAY_WORDS.items()}
_NUMBERS = frozenset(
    {"int_type", "int_parsing", "float_parsing", "decimal_type", "decimal_parsing"}
)
_IN_TEXT = re.compile(r"\d+")
_WELL_FORMED = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2})?$")


def unknown_name_words(path: Path, content: Any, model: type[BaseModel]) -> str:
    """Return what is wrong with a name that does not belong where it stands, and what would."""
    name = str(path[-1]) if path else ""
    if kinds := _kinds_with(path, model):
        said = _("ここには、kind が %(kinds)s のときだけ書けます。")
        return said % {"kinds": _("か").join(f'"{kind}"' for kind in kinds)}
    here = [each for at in models_at(model, path[:-1], content) for each in fields_of(at)]
    if any(at.model_config.get("extra") == "allow" for at in models_at(model, path[:-1], content)):
        here += fields_of(model)  # a variant takes every kind of rule
    if meant := closest(name, here):
        return _("知らない名前です。「%(name)s」のことではありませんか。") % {"name": meant}
    if places := places_of(model).get(name):
        told = listed(
            [f"[{place}]" if place else _("いちばん上") for place in places[:_PLACES_TOLD]]
        )
        return _("ここには書けません。書けるところは %(places)s です。") % {"places": told}
    names = list(dict.fromkeys(here))
    if not names or len(names) > _NAMES_TOLD:
        return _("知らない名前です。つづりを確かめるか、消してください。")
    said = _("知らない名前です。ここに書けるのは、次のどれかです：%(names)s")
    return said % {"names": listed(names)}


def or_last(said: str) -> str:
    """Return what is wrong with a number where ``"last"`` could stand too."""
    return _('%(said)s最後なら "last" と書きます。') % {"said": said}


def _kinds_with(path: Path, model: type[BaseModel]) -> tuple[str, ...]:
    """Return the kinds of what stands around a name under which it would be right."""
    for cut in range(len(path) - 1, 0, -1):
        found = [
            kind
            for each in models_at(model, path[:cut], None)
            for kind in kinds_of(each)
            if any(path[-1] in fields_of(at) for at in models_at(each, path[cut:-1], None))
        ]
        if found:
            return tuple(dict.fromkeys(found))
    return ()


def words_for(found: Mapping[str, Any]) -> str:
    """Return what is wrong as a sentence that names the remedy."""
    kind, context = str(found["type"]), found.get("ctx") or {}
    if own := _own_words(kind, found, context) or _of_input(kind, found.get("input")):
        return own
    if plain := _PLAIN.get(_FAMILIES.get(kind, kind)):
        return _(plain)
    if kind in _WITH_LIMIT:
        sentence, name = _WITH_LIMIT[kind]
        return _(sentence) % {"limit": context.get(name)}
    if kind in {"literal_error", "enum", "union_tag_invalid"}:
        expected = str(context.get("expected") or context.get("expected_tags") or "")
        return _choices(found.get("input"), expected)
    return _("書き方を確かめてください。")


def _own_words(kind: str, found: Mapping[str, Any], context: Mapping[str, Any]) -> str:
    """Return what a rule, a pattern or a case says for itself; empty for all the rest."""
    if kind == "value_error":
        return _objection(str(context["error"]))
    if kind == "said":  # by the cases, in Japanese
        return str(found["msg"])
    return _of_pattern(str(context.get("pattern"))) if kind == "string_pattern_mismatch" else ""


def _choices(written: Any, expected: str) -> str:
    """Return what may stand there: what was meant if that can be seen, and all if they are few."""
    choices = expected.replace(" or ", ", ").replace("'", "").split(", ")
    meant = closest(written, choices) if isinstance(written, str) else None
    if isinstance(written, str) and (day := _WEEKDAYS.get(written[:1])) in choices:
        meant = day
    said = _("書けるのは、次のどれかです：%(choices)s") % {"choices": listed(choices, "、")}
    if meant is None:
        return said
    near = _("「%(name)s」のことではありませんか。") % {"name": meant}
    return near + said if len(choices) <= _CHOICES_TOLD else near


def _of_input(kind: str, written: Any) -> str:
    """Return the remedy that what was written itself points to; empty for all the rest."""
    if written is None and kind in _NUMBERS:
        return _(_PLAIN["missing"])
    if kind in {"tuple_type", "list_type", "frozen_set_type"} and isinstance(written, Mapping):
        return _(
            "いくつも並べるものです。見出しなら [[ ]] とかっこを2つずつ、"
            "行の中なら [{ … }] と書いてください。"
        )
    number = _IN_TEXT.match(written) if isinstance(written, str) and kind in _NUMBERS else None
    if number is not None:
        return _('数字だけを、" " でかこまずに書いてください（%(number)s）。') % {
            "number": number[0]
        }
    if kind == "int_from_float" and isinstance(written, float) and 0 < written < 1:
        return _("小数のない数字で書いてください（50%なら 50）。")
    if _FAMILIES.get(kind) in {"date", "moment"} and _WELL_FORMED.match(str(written)):
        return _("その日は、暦にありません。")
    return ""


def _objection(message: str) -> str:
    """Return the sentence of what a rule objects to; what stands after ``:`` is its value."""
    known = sentences()
    if message in known:
        return known[message]
    plain, _colon, value = message.partition(": ")
    if plain in known:
        return _("%(said)s（%(value)s）") % {"said": known[plain], "value": value}
    return _("この書き方どうしが合いません：%(said)s") % {"said": message}


def _of_pattern(pattern: str) -> str:
    if "24:00" in pattern:
        return _("時刻を 09:00 の形で書いてください。終わりは 24:00 までです。")
    if "3[01]" in pattern:
        return _('毎年の日は "12-29"（月-日）の形で書いてください。')
    if "[a-z]" in pattern:
        return _('半角の小文字と数字と「_」で書いてください（例："respite"）。')
    if "-(0[1-9]" in pattern:
        return _('月と日を "12-29" の形で書いてください。')
    return _("書ける文字と形が決まっています（%(pattern)s）。") % {"pattern": pattern}


#: Mistakes that have one remedy.
_FAMILIES: Mapping[str, str] = {
    **dict.fromkeys(("int_type", "int_parsing", "int_parsing_size"), "int"),
    **dict.fromkeys(("float_type", "float_parsing", "finite_number"), "number"),
    **dict.fromkeys(("decimal_type", "decimal_parsing"), "number"),
    **dict.fromkeys(("bool_type", "bool_parsing"), "bool"),
    **dict.fromkeys(("model_type", "model_attributes_type", "dict_type"), "table"),
    **dict.fromkeys(("tuple_type", "frozen_set_type", "list_type", "set_type"), "list"),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing"), "date"),
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing"), "moment"),
}

_PLAIN: Mapping[str, str] = {
    "missing": "書かれていません。書き加えてください。",
    "extra_forbidden": "知らない名前です。つづりを確かめるか、消してください。",
    "int": "数字で書いてください。",
    "int_from_float": "小数のない数字で書いてください。",
    "number": "数字で書いてください。",
    "bool": "true か false で書いてください。",
    "string_type": '文字で書いてください（" " でかこみます）。',
    "string_too_short": "1文字以上で書いてください。",
    "table": "{ } でかこんだ形か、[見出し] の下に書いてください。",
    "list": "[ ] でかこんで並べてください。",
    "date": '日付を "2026-04-01" の形で書いてください。',
    "date_from_datetime_inexact": '日付だけを "2026-04-01" の形で書いてください。',
    "moment": '日時を "2026-04-01 09:00" の形で書いてください。',
    "union_tag_not_found": "種類（kind）が書かれていません。",
    "none_required": "ここには何も書きません。消してください。",
    "decimal_max_places": "小数のけたが多すぎます。",
}

_WITH_LIMIT: Mapping[str, tuple[str, str]] = {
    "string_too_long": ("%(limit)s文字までにしてください。", "max_length"),
    "too_long": ("%(limit)s個までにしてください。", "max_length"),
    "too_short": ("%(limit)s個以上を書いてください。", "min_length"),
    "greater_than_equal": ("%(limit)s以上の数にしてください。", "ge"),
    "less_than_equal": ("%(limit)s以下の数にしてください。", "le"),
    "greater_than": ("%(limit)sより大きい数にしてください。", "gt"),
    "less_than": ("%(limit)sより小さい数にしてください。", "lt"),
    "multiple_of": ("%(limit)sの倍数にしてください。", "multiple_of"),
}

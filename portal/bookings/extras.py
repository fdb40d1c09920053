"""Choices beside a stay that the rules name (own lunch, tickets), as forms offer them. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from portal.bookings.tickets import MOST_CHOSEN
from portal.documents.i18n import gettext as _
from portal.policies.document import RulesDocument
from portal.policies.facts import Coupon
from portal.policies.fee_items import ItemPer
from portal.policies.marks import OPTION_WORDS
from portal.policies.regular import REGULAR

#: Nobody chooses them on the web: who comes unasked, and who comes by a plan, stands at the desk.
_BY_STAFF_ALONE = frozenset({REGULAR, "walk_in"})
_NUMBERED = re.compile(r"(?P<code>.+):(?P<count>[0-9]{1,3})", re.DOTALL)
_ONE = ("with_option", "without_option")
_SEVERAL = ("with_options", "without_options", "options")


@dataclass(frozen=True, slots=True)
class Extra:
    """One choice. ``most`` above one: how many of it can be chosen."""

    code: str
    words: str
    most: int = 1


def options_offered(document: RulesDocument | None, *, by_staff: bool = False) -> list[Extra]:
    """Return the choices that the rules name, in their order."""
    if document is None:
        return []
    content = document.model_dump(mode="json")
    found: dict[str, Extra] = {}
    for table in _tables(content):
        named = [(key, table[key]) for key in _ONE if table.get(key)]
        named += [(key, code) for key in _SEVERAL for code in _listed(table.get(key))]
        if table.get("per") == ItemPer.COUNT.value and not table.get("with_option"):
            named.append(("with_option", table["label"]))
        for key, code in named:
            offered = Extra(code, _words(code, key, table), _most(table))
            if code not in found or offered.most > found[code].most:
                found[code] = offered
    if document.regular is not None:
        found.setdefault(REGULAR, Extra(REGULAR, _(OPTION_WORDS[REGULAR])))
    return [each for each in found.values() if by_staff or each.code not in _BY_STAFF_ALONE]


def options_known(
    document: RulesDocument, chosen: Collection[str], *, by_staff: bool
) -> frozenset[str]:
    """Return what of a wish's choices the rules name, and whoever asks may choose."""
    if not chosen:
        return frozenset()
    most = {each.code: each.most for each in options_offered(document, by_staff=by_staff)}
    return frozenset(each for each in chosen if number_of(each) <= most.get(code_of(each), 0))


def options_words(
    document: RulesDocument | None, chosen: Iterable[str], *, children: int = 1
) -> list[str]:
    """Return what was chosen, in words; numbers behind.

    Args:
        children: How many come together; of several it is said that each has that number.
    """
    numbered = _("%(name)s：お子さん1人につき%(said)s") if children > 1 else _("%(name)s：%(said)s")
    words = {each.code: each.words for each in options_offered(document, by_staff=True)}
    told = []
    for each in sorted(chosen):
        code = code_of(each)
        said = words.get(code, _(OPTION_WORDS.get(code, code)))
        values = {"name": said, "said": number_of(each)}
        told.append(said if each == code else numbered % values)
    return told


def tickets_offered(document: RulesDocument | None, held: Iterable[Coupon]) -> list[Extra]:
    """Return the tickets that the rules take and the home holds; ``held`` with what is left."""
    left: dict[str, int] = {}
    for coupon in held:
        left[coupon.code] = left.get(coupon.code, 0) + coupon.left
    found: dict[str, Extra] = {}
    for rule in _coupon_rules(document):
        code, most = str(rule["code"]), rule.get("most_per_use") or MOST_CHOSEN
        here = min(left.get(code, 0), 1 if rule.get("pays_all") else most)
        if here > 0:
            words = _("%(ticket)s（のこり%(left)s枚）")
            said = words % {"ticket": _(str(rule["label"])), "left": left[code]}
            found.setdefault(code, Extra(code, said, here))
    return list(found.values())


def takes_tickets(document: RulesDocument | None) -> bool:
    """Say whether the rules take any tickets."""
    return any(True for _rule in _coupon_rules(document))


def _coupon_rules(document: RulesDocument | None) -> Iterator[Mapping[str, Any]]:
    if document is None:
        return
    for rule in document.fee.coupons if document.fee else ():
        yield rule.model_dump(mode="json")
    for variant in document.variants:
        fee = variant.laid.get("fee")
        if isinstance(fee, Mapping):
            yield from fee.get("coupons") or ()


def _tables(content: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(content, Mapping):
        yield content
        content = list(content.values())
    if isinstance(content, list | tuple):
        for inner in content:
            yield from _tables(inner)


def _listed(codes: object) -> list[str]:
    return [each for each in codes if isinstance(each, str)] if isinstance(codes, list) else []


def _most(table: Mapping[str, Any]) -> int:
    return MOST_CHOSEN if table.get("per") == ItemPer.COUNT.value else 1


def _words(code: str, key: str, table: Mapping[str, Any]) -> str:
    """What a choice is called: by its usual words, or after what it is for."""
    label = _(str(table.get("label") or code))
    if table.get("per") == ItemPer.COUNT.value:
        return _("%(label)sの数") % {"label": label}
    if code in OPTION_WORDS or key in _SEVERAL:
        return _(OPTION_WORDS.get(code, code))
    words = _("%(label)sをたのむ") if key == "with_option" else _("%(label)sはいらない")
    return words % {"label": label}


def code_of(written: str) -> str:
    """Return what was chosen, without how many of it."""
    numbered = _NUMBERED.fullmatch(written)
    return numbered["code"] if numbered else written


def number_of(written: str) -> int:
    """Return how many were chosen: ``nappies:3`` is three, a code alone is one."""
    numbered = _NUMBERED.fullmatch(written)
    return int(numbered["count"]) if numbered else 1

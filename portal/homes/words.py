"""What facts of a home are called, for families and staff."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.documents.money import yen
from portal.homes.asked import Asked
from portal.homes.rules import HomeFact, HomeFactKind
from portal.policies.enrolment import ENROLMENT_WORDS
from portal.policies.marks import MARK_WORDS
from portal.policies.proofs import PAPER_WORDS
from portal.policies.residence import CIRCUMSTANCE_WORDS

KIND_WORDS: Mapping[HomeFactKind, str] = MappingProxyType(
    {
        HomeFactKind.PREFECTURE: "都道府県",
        HomeFactKind.CITY: "市区町村",
        HomeFactKind.WARD: "区",
        HomeFactKind.CIRCUMSTANCE: "よそに住んでいて利用する事情",
        HomeFactKind.STATEMENT: "事情を書いた紙（申立書）",
        HomeFactKind.MARK: "世帯やお子さんの事情",
        HomeFactKind.TAX: "市区町村民税の所得割の額",
        HomeFactKind.PAPER: "見せていただいた書類",
        HomeFactKind.COUPON: "利用券",
        HomeFactKind.ENROLMENT: "通っているところ",
        HomeFactKind.GATE: "お子さんのようす",
    }
)


def kind_words(kind: HomeFactKind) -> str:
    """Return what a kind of fact is called, in the language in use."""
    return _(KIND_WORDS[kind])


def gate_words(code: str, asked: Asked) -> str:
    """Return a question about a child, in every wording that a facility has for it."""
    return listed([_(words) for words in asked.gate_words(code)], "／")


def fact_words(fact: HomeFact, asked: Asked) -> str:
    """Return what a fact says: in the words of the rules, else the usual ones, else its code."""
    code = fact.code
    if fact.kind is HomeFactKind.TAX:
        return yen(fact.number or 0)
    if fact.kind is HomeFactKind.GATE:
        said = _("はい") if fact.number else _("いいえ")
        values = {"question": gate_words(code, asked), "answer": said}
        return _("%(question)s：%(answer)s") % values
    if fact.kind is HomeFactKind.COUPON:
        values = {"ticket": _(asked.coupons.get(code, code)), "count": str(fact.number or 0)}
        return _("%(ticket)s　残り%(count)s枚") % values
    return _(_code_words(fact.kind, code, asked))


def _code_words(kind: HomeFactKind, code: str, asked: Asked) -> str:
    about: Mapping[HomeFactKind, tuple[Mapping[str, str], Mapping[str, str]]] = {
        HomeFactKind.CIRCUMSTANCE: (asked.circumstances, CIRCUMSTANCE_WORDS),
        HomeFactKind.STATEMENT: ({**asked.circumstances, **asked.statements}, CIRCUMSTANCE_WORDS),
        HomeFactKind.MARK: (asked.marks, MARK_WORDS),
        HomeFactKind.PAPER: (asked.papers, PAPER_WORDS),
        HomeFactKind.ENROLMENT: ({}, {each.value: its for each, its in ENROLMENT_WORDS.items()}),
    }
    of_rules, usual = about.get(kind, ({}, {}))
    return of_rules.get(code) or usual.get(code, code)

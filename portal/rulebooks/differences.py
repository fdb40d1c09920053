"""In what two rules documents differ, in the words families read."""

from __future__ import annotations

from typing import NamedTuple

from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.policies.document import RulesDocument
from portal.rulebooks.describe import facts, fee_facts


class Difference(NamedTuple):
    """One line of the rules that reads otherwise; nothing where it is missing."""

    term: str
    before: str
    after: str


def differences(before: RulesDocument, after: RulesDocument) -> list[Difference]:
    """Return every line that differs, in the order of the page."""
    old, new = _lines(before), _lines(after)
    terms = list(dict.fromkeys([*new, *old]))
    none = _("なし")
    return [
        Difference(term, old.get(term, none), new.get(term, none))
        for term in terms
        if old.get(term) != new.get(term)
    ]


def _lines(document: RulesDocument) -> dict[str, str]:
    texts = document.texts
    said = {
        _("ひとこと"): texts.summary,
        _("予約について"): texts.booking,
        _("料金について"): texts.fee,
        _("取り消しについて"): texts.cancel,
        _("病気のとき"): texts.illness,
        _("持ち物"): texts.belongings,
    }
    found = [(fact.term, fact.text) for fact in facts(document)]
    found += [
        (_("料金：%(for)s") % {"for": fact.term}, fact.text)
        for fact in fee_facts(document.fee, document.purposes, document.age)
    ]
    lines: dict[str, str] = {}
    for term, text in found:  # two rules may go by one name
        before = [lines[term].removesuffix("。")] if term in lines else []
        lines[term] = listed([*before, text], "。")
    return {**lines, **{term: text for term, text in said.items() if text}}

"""Sentences that stand one behind the other are parted once, never twice and never not at all."""

from __future__ import annotations

from portal.policies.document import RulesDocument
from portal.rulebooks.describe import facts
from portal.rulebooks.differences import differences


def written(**parts: object) -> RulesDocument:
    return RulesDocument.model_validate(parts)


def test_two_rules_of_one_name_are_parted_once_where_they_are_compared() -> None:
    gates = [{"code": "no_fever", "asked_at": "arrival"}, {"code": "weaned"}]
    [found] = differences(written(), written(gates=gates))
    assert "確かめます。「離乳" in found.after


def test_a_hint_without_a_full_stop_gets_one() -> None:
    documents = [{"name": "母子健康手帳", "hint": "予防接種のページ"}]
    said = {fact.term: fact.text for fact in facts(written(application={"documents": documents}))}
    assert "予防接種のページ。あとからでも" in said["登録のときに見せる書類"]
    documents = [{"name": "母子健康手帳", "hint": "予防接種のページです。"}]
    said = {fact.term: fact.text for fact in facts(written(application={"documents": documents}))}
    assert "ページです。あとからでも" in said["登録のときに見せる書類"]

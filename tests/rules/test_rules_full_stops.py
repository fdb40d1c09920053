"""Sentences that stand one behind the other are parted once, never twice and never not at all."""

from __future__ import annotations

import re

import pytest

from portal.documents.i18n import use_language
from portal.policies.document import RulesDocument, load_template, template_names
from portal.rulebooks.describe import facts
from portal.rulebooks.differences import differences
from portal.rulebooks.explain import explained
from portal.rulebooks.fact import ended
from portal.rulebooks.files import read_document
from portal.rulebooks.places import load_place, place_names
from portal.rulebooks.reference.page import example_names, text_of


def written(**parts: object) -> RulesDocument:
    return RulesDocument.model_validate(parts)


def test_two_rules_of_one_name_are_parted_once_where_they_are_compared() -> None:
    gates = [{"code": "no_fever", "asked_at": "arrival"}, {"code": "weaned"}]
    [found] = differences(written(), written(gates=gates))
    assert "確かめます。「離乳" in found.after


def test_a_hint_stands_in_brackets_with_no_full_stop_before_the_last() -> None:
    for hint in ("予防接種のページ", "予防接種のページ。"):
        documents = [{"name": "母子健康手帳", "hint": hint}, {"name": "医療証"}]
        said = {
            fact.term: fact.text for fact in facts(written(application={"documents": documents}))
        }
        assert "1人ごと。予防接種のページ）、「医療証」" in said["登録のときに見せる書類"]


def every_document() -> dict[str, RulesDocument]:
    examples = {
        name: read_document(text_of(f"examples/{name}.toml").encode()) for name in example_names()
    }
    places = {name: load_place(name) for name in place_names()}
    return examples | places | {name: load_template(name) for name in template_names()}


#: A provider's own words and names are never touched.
OWN = {
    "名前",
    "ひとこと",
    "予約について",
    "料金について",
    "取り消しについて",
    "病気のとき",
    "持ち物",
}
SENTENCE = re.compile(r"(です|ます|ません|ました|ください|でした|下さい)$")


@pytest.mark.proves("R6")
@pytest.mark.parametrize(("name", "document"), every_document().items())
def test_a_sentence_ends_with_a_full_stop_and_a_few_words_do_not(
    name: str, document: RulesDocument
) -> None:
    for fact in explained(document):
        if fact.term in OWN:
            continue
        text = re.sub(r"（[^（）]*）", "", re.sub(r"（[^（）]*）", "", fact.text))
        is_ended, bare = text.endswith("。"), text.removesuffix("。")
        assert is_ended or ("。" not in bare and not SENTENCE.search(bare)), (name, fact)
        if is_ended and "：" not in text:
            last = re.split("[。」]", bare)[-1]
            assert SENTENCE.search(bare) or not last, (name, fact)


def test_names_of_rules_stand_before_their_sentences_and_are_not_said_twice() -> None:
    documents = every_document()
    lines = {fact.term: fact.text for fact in explained(documents["M03"])}
    assert "1人の、1つの事情につき、14日まで" in lines["緊急の利用日数"]
    assert "無料です。園が証明を確かめてから引きます。" in lines["料金：減免A"]
    terms = {fact.term: fact.text for fact in explained(documents["M09"])}
    assert "次のとおりです。2024年10月1日" in terms["定期利用"]
    assert terms["定期利用"].count("次のとおりです") == 1
    assert terms["休みの曜日"] == "毎週土曜日、毎週日曜日"
    assert "料金：数え方" in lines, "not a second time after the name of its section"
    terms = {fact.term: fact.text for fact in explained(documents["M10"])}
    assert terms["預かりの時間"] == "30分きざみ、1時間から"
    signs = {fact.term: fact.text for fact in explained(documents["M01"])}["空きの見せ方"]
    assert "いっぱいの時間帯がある日は、△です。" in signs
    assert "残りわずか" not in signs, "that is not what this place calls it"


def test_lines_in_english_end_where_there_are_several_sentences() -> None:
    with use_language("en"):
        lines = {fact.term: fact.text for fact in facts(load_place("M01"))}
        assert lines["Cancelling"].endswith("of the Fee is charged.")
        assert ended("from 9.30 to 10.30") == "from 9.30 to 10.30"

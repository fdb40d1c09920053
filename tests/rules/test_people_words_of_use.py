"""What families read of people and papers: the second half of ``test_people_words``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from portal.policies.document import RulesDocument
from tests.rules.test_people_words import GATES, KINDS, MONTHS, YEARS, said


@pytest.mark.parametrize(("base", "changes"), KINDS, ids=[next(iter(base)) for base, _ in KINDS])
def test_each_field_changes_what_families_read(
    base: Mapping[str, Any], changes: list[Mapping[str, Any]]
) -> None:
    ((kind, usual),) = base.items()
    written = [said(base), *(said({kind: {**usual, **change}}) for change in changes)]
    for index, lines in enumerate(written):
        assert all(term and text for term, text in lines)
        twin = written.index(lines)
        assert twin == index, (changes[index - 1], changes[twin - 1] if twin else base)


def test_each_field_of_a_gate_changes_what_families_read() -> None:
    written = [said({"gates": [{"code": "walks_alone", **change}]}) for change in GATES]
    for index, lines in enumerate(written):
        assert written.index(lines) == index, GATES[index]


def test_no_field_is_forgotten_here() -> None:
    tried = {
        kind: {field for change in changes for field in (*usual, *change)}
        for base, changes in KINDS
        for kind, usual in base.items()
    }
    for kind, fields in tried.items():
        annotation = RulesDocument.model_fields[kind].annotation
        models: Sequence[Any] = getattr(annotation, "__args__", (annotation,))
        model = next(each for each in models if hasattr(each, "model_fields"))
        assert set(model.model_fields) == fields, kind


def test_words_are_sentences_a_parent_can_read() -> None:
    lines = dict(
        said(
            {
                "age": {"min": MONTHS, "max": {**YEARS, "days_before": 2}},
                "residence": {
                    "cities": ["松戸市"],
                    "others": [{"circumstance": "homecoming", "statement": True}],
                },
                "enrolment": {"also": [{"enrolments": ["kindergarten"], "own_place_closed": True}]},
                "registration": {"early": {"days_before": 14}, "answer_days": 3},
                "allocation": {"method": "staff_approval", "answer_days": 3},
            }
        )
    )
    assert lines["対象"] == "生後6か月から3歳の誕生日の2日前まで"
    assert lines["住んでいるところ"] == (
        "松戸市に住む方が使えます。里帰りなどで、しばらくこちらにいる方は、"
        "よそに住んでいても使えます（「事情を書いた紙（申立書）」がいります）。"
    )
    assert lines["ほかの園に通うお子さん"].startswith("どこにも通っていないお子さんが使えます。")
    assert lines["登録の申し込み"] == "利用できる年齢になる14日前から申し込めます。"
    assert lines["予約の決まり方"] == (
        "園が1件ずつ確かめて決めます。返事は、開いている日で3日以内にします。"
    )

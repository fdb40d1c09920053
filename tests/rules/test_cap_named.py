"""Of several limits, a refusal names the one that was reached."""

from __future__ import annotations

import pytest

from portal.documents.wording.sentences import sentence
from portal.policies.decide import decide
from tests.rules.policy_cases import ASKED_AT, FRIDAY, case, document


@pytest.mark.proves("G6", "R5")
def test_a_limit_with_a_name_is_refused_by_it() -> None:
    caps = [
        {"label": "リフレッシュの上限", "metric": "days", "amount": 0, "period": "month"},
        {"metric": "days", "amount": 0, "period": "week"},
        {"label": "緊急の上限", "metric": "days", "amount": 0, "per_cause": True},
    ]
    reasons = decide(case(document(caps=caps)), now=ASKED_AT).reasons
    named, nameless, of_a_cause = (sentence(each, today=FRIDAY) for each in reasons)
    assert "11月の利用（リフレッシュの上限）は" in named
    assert "（" not in nameless
    assert "お子さんの利用（緊急の上限）は、0日まで" in of_a_cause


@pytest.mark.proves("G6")
def test_a_limit_that_brothers_and_sisters_share_is_that_of_the_home() -> None:
    cap = {"metric": "days", "amount": 0, "period": "month"}
    for per, whose in (("household", "ご家庭全体の11月"), ("child", "お子さんの11月")):
        (reason,) = decide(case(document(caps=[cap | {"per": per}])), now=ASKED_AT).reasons
        assert sentence(reason, today=FRIDAY).startswith(whose)

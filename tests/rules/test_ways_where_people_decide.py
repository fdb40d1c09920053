"""Where people decide who gets a place, rules in words promise no booking by the web."""

from __future__ import annotations

from typing import Any

import pytest

from portal.documents.i18n import either, use_language
from portal.documents.wording.sentences import sentence
from portal.kernel.errors import Reason
from portal.policies.document import RulesDocument
from portal.policies.proofs import ProofRule
from portal.policies.reasons import BookingRefusal
from portal.rulebooks.describe import facts

WEB = "インターネットで"
NOT_BY_WEB = "予約と変更は、園が確かめてから決めるので、ほかの方法で申し込みます。"
ROUNDS = [{"name": "一次", "allocation": "lottery"}, {"name": "二次", "allocation": "first_come"}]


def ways(**parts: Any) -> list[str]:
    channels = {"ways": [{"channel": "web"}, {"channel": "phone", "actions": ["book"]}]}
    document = RulesDocument.model_validate({"channels": channels, **parts})
    return [fact.text for fact in facts(document) if fact.term == "申し込みの方法"]


@pytest.mark.proves("G8", "G9")
@pytest.mark.parametrize("method", ["staff_approval", "provisional", "lottery"])
def test_nobody_is_sent_to_the_web_for_a_booking_that_people_decide(method: str) -> None:
    by_web, by_phone = ways(allocation={"method": method})
    assert by_web == f"{WEB}、予約と変更のほかの手続きができます。{NOT_BY_WEB}"
    assert by_phone == "電話で、予約ができます。"


@pytest.mark.proves("G8", "G9")
@pytest.mark.parametrize(
    ("actions", "said"),
    [
        (["book", "change", "cancel"], f"{WEB}、取り消しができます。{NOT_BY_WEB}"),
        (["book"], NOT_BY_WEB),
        (["register", "cancel"], f"{WEB}、登録の申し込み、取り消しができます。"),
    ],
)
def test_what_the_web_does_take_stays(actions: list[str], said: str) -> None:
    channels = {"ways": [{"channel": "web", "actions": actions}]}
    approval = {"method": "staff_approval"}
    assert ways(channels=channels, allocation=approval) == [said]


@pytest.mark.proves("G8", "G9")
def test_one_round_in_which_asking_settles_it_is_enough() -> None:
    assert NOT_BY_WEB not in ways(booking_window={"phases": ROUNDS})[0]
    drawn = [{**each, "allocation": "lottery"} for each in ROUNDS]
    assert NOT_BY_WEB in ways(booking_window={"phases": drawn})[0]
    assert NOT_BY_WEB not in ways()[0]
    agreed = {"types": [{"code": "respite", "approved_by": "facility"}]}
    assert NOT_BY_WEB in ways(purposes=agreed)[0]


@pytest.mark.proves("G5")
def test_papers_of_which_one_is_enough_are_named_in_the_language_in_use() -> None:
    rule = ProofRule(kinds=("employment_certificate", "medical_certificate"))
    reason = Reason(BookingRefusal.PROOF_MISSING, {"paper": rule.paper})
    assert "」か「" in sentence(reason)
    assert either("うちの書類") == "うちの書類"
    with use_language("en"):
        said = sentence(reason)
        assert "か" not in said
        assert "” or “" in said

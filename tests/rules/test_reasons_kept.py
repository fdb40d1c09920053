"""What staff set aside is read again in the words in which they ticked it."""

from __future__ import annotations

import json
import uuid
from datetime import date, datetime

import pytest
from hypothesis import given

from portal.bookings.set_aside import reasons_as_kept, reasons_kept
from portal.documents.wording.sentences import sentence
from portal.kernel.errors import Reason
from portal.policies.case import Case
from portal.policies.decide import decide
from portal.policies.reasons import BookingRefusal
from tests.rules.policy_cases import cases, moments

R = BookingRefusal
OF_THE_CHILD = {R.GATE_NOT_MET, R.GATE_UNANSWERED, R.GATE_OUTDATED, R.GATE_UNCONFIRMED}


def again(reason: Reason) -> Reason:
    """Return a reason as it comes back from the database."""
    kept = {"reasons": reasons_as_kept([reason], lambda child_id: child_id)}
    [found] = reasons_kept(json.loads(json.dumps(kept)))
    return found


@pytest.mark.proves("G26")
@given(cases(), moments)
def test_a_sentence_is_the_same_after_it_was_kept(wish: Case, now: datetime) -> None:
    for reason in decide(wish, now=now).reasons:
        found = again(reason)
        assert (found.code, found.child_id) == (reason.code, reason.child_id)
        if reason.code not in OF_THE_CHILD:
            assert sentence(found, child="はなさん") == sentence(reason, child="はなさん")


@pytest.mark.proves("G26")
def test_how_a_child_is_and_what_it_used_elsewhere_is_not_kept() -> None:
    child = uuid.uuid4()
    gate = Reason(R.GATE_NOT_MET, {"gate": "アレルギーがないこと", "gate_so": "x"}, child)
    assert again(gate) == Reason(R.GATE_NOT_MET, {}, child)
    week = ("week", date(2026, 12, 14), date(2026, 12, 20))
    used = {"cap": "週3日", "limit": (3, "days"), "used": (3, "days"), "period": week}
    assert again(Reason(R.CAP_REACHED, used)).values == {
        "cap": "週3日",
        "limit": (3, "days"),
        "period": week,
    }


@pytest.mark.proves("G26")
def test_of_an_older_booking_the_codes_alone_are_told() -> None:
    older = {"codes": ["cap_reached"], "because": "急な通院のため"}
    assert reasons_kept(older) == [Reason(R.CAP_REACHED)]
    assert reasons_kept({}) == []

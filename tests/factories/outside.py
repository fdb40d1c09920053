"""A referral as another program sends it, and the token that lets it in."""

from __future__ import annotations

import copy
import uuid
from datetime import datetime, timedelta
from typing import Any

from portal.accounts.api_tokens import Scope, issue_token, tokens_of
from portal.consents.sharing import SHARING_VERSION
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from tests.factories.places import Site

KEY = "a-key-of-our-own-1"


def token(worker: Actor, *scopes: Scope, now: datetime | None = None) -> str:
    with acting_as(worker), transaction() as session:
        return issue_token(
            session, "母子保健", scopes or tuple(Scope), 90, actor=worker, now=now or clock.now()
        )


def issued(worker: Actor) -> uuid.UUID:
    """Issue a token and return its row; the token itself is nobody's to see again."""
    token(worker)
    with acting_as(worker), transaction() as session:
        return tokens_of(session, actor=worker)[0].id


def content(site: Site, **changes: Any) -> dict[str, Any]:
    """Twins expected, an elder child, tired; both records on a paper of today."""
    on = clock.today(clock.now())
    signed = {
        "agreed_on": on.isoformat(),
        "wording_version": SHARING_VERSION,
        "source": "paper_form",
        "reference": "R8-12",
    }
    due = (on + timedelta(days=60)).isoformat()
    whole: dict[str, Any] = {
        "number": "K-2026-0012",
        "interview": {
            "stage": "eighth_month",
            "held_on": on.isoformat(),
            "guide_ticked_on": on.isoformat(),
        },
        "guardian": {
            "name": "高橋 あかり",
            "name_kana": "たかはし あかり",
            "relation": "母",
            "phone": "090-0000-2468",
            "address": "みほん市中央1-2-3",
        },
        "children": [
            {"born_on": "2024-06-15", "name": "高橋 そら"},
            {"due_on": due},
            {"due_on": due},
        ],
        "learned": {"fatigue": "夜に何度も起きます", "health": "血圧の薬"},
        "receivers": [{"facility_id": str(site.facility_id)}],
        "urgency": "soon",
        "target_on": (on + timedelta(days=90)).isoformat(),
        "consents": {
            "sharing": {
                **signed,
                "items": ["name_and_phone", "children", "fatigue"],
                "until_on": (on + timedelta(days=180)).isoformat(),
            },
            "told": {
                **signed,
                "channels": ["phone"],
                "times": ["weekday_morning"],
                "until_on": (on + timedelta(days=5)).isoformat(),
                "person": "佐藤",
            },
        },
    }
    whole.update(changes)
    return copy.deepcopy(whole)

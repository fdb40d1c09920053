"""What the demo's facilities ask before the first stay: steps, registration, papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

#: So many registrations are there at the facility that limits them, of 400 families.
LIMIT, _OF_FAMILIES = 30, 400

#: A tour, an interview, and a trial in two parts: the first in the morning, with the guardian.
KNOWING_EACH_OTHER: Final[Mapping[str, Any]] = {
    "registration": {"answer_days": 5},
    "application": {
        "documents": [
            {
                "name": "母子健康手帳の予防接種のページ",
                "hint": "お子さんの名前があるページも、いっしょに写してください。",
            },
        ],
        "photographs": True,
    },
    "steps": {
        "steps": [
            {
                "kind": "tour",
                "demand": "recommended",
                "before": "acceptance",
                "words": "30分ほどです。お子さんといっしょに、部屋と庭を見られます。",
            },
            {
                "kind": "interview",
                "demand": "required",
                "before": "acceptance",
                "words": "ふだんの様子や、心配なことを聞かせてください。20分ほどです。",
            },
            {
                "kind": "trial_care",
                "demand": "recommended",
                "before": "use",
                "words": "1回目は、園の部屋で、保護者の方とあそびます。",
                "trial": {
                    "parts": [
                        {"longest_minutes": 120, "with_guardian": True, "ends_by": "12:00"},
                        {"longest_minutes": 240},
                    ],
                    "fee": "free",
                    "counts_toward_caps": False,
                },
            },
            {"kind": "consultation", "demand": "ordered", "before": "use"},
        ]
    },
}
#: Both sides agree, and it is renewed after half a year; documents are asked for.
HALF_A_YEAR: Final[Mapping[str, Any]] = {
    "registration": {
        "validity": "months",
        "months": 6,
        "renewal": {"days_before": 60, "confirm": ["record", "agreement"]},
        "agreement": True,
        "answer_days": 5,
    },
    "application": {
        "documents": [
            {
                "name": "母子健康手帳の予防接種のページ",
                "hint": "お子さんの名前があるページも、いっしょに写してください。",
            },
            {
                "name": "健康保険の資格が分かるもの",
                "hint": "記号・番号は、かくしてかまいません。",
                "each_child": False,
            },
        ],
        "photographs": True,
    },
}
#: It asks where families live, where else children go and how they are; and lowers its price for
#: some, by what their papers show. Days elsewhere count against its limit.
ASKS_HOMES: Final[Mapping[str, Any]] = {
    "residence": {
        "cities": ["郡山市"],
        "others": [
            {"circumstance": "homecoming", "statement": True},
            {"circumstance": "workplace"},
        ],
    },
    "enrolment": {"accepts": ["none", "unlicensed", "kindergarten"]},
    "gates": [
        {"code": "no_medical_care", "asked_at": "registration"},
        {"code": "no_fever", "asked_at": "arrival", "max_temperature": "37.5"},
    ],
    "caps": [{"metric": "days", "amount": 14, "period": "month", "scope": "everywhere"}],
    "fee": {
        "reductions": [
            {"label": "減免A", "marks": ["welfare", "tax_exempt"], "percent": 100},
            {"label": "減免B", "marks": ["multiple_birth"], "percent": 50},
        ],
        "coupons": [
            {"code": "trial_ticket", "label": "おためし券", "pays_all": True, "most_per_use": 1}
        ],
    },
}
#: A trial opens the use for work; whoever wants to rest comes without.
GATE: Final[Mapping[str, Any]] = {
    "steps": {
        "steps": [
            {"kind": "tour", "demand": "recommended", "before": "acceptance"},
            {
                "kind": "trial_care",
                "demand": "required",
                "before": "use",
                "opens": ["irregular_work"],
                "words": "仕事のための長い時間の前に、半日をいちどためします。",
                "trial": {"parts": [{"longest_minutes": 240}], "fee": "usual"},
            },
        ]
    },
}


def limited(families: int) -> Mapping[str, Any]:
    """Return the rules of a facility that registers a limited number of children."""
    return {"registration": {"limit": max(3, LIMIT * families // _OF_FAMILIES), "answer_days": 7}}

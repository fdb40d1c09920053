"""Why a priority is not written down, and what to do."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, Sentences

SENTENCES: Sentences = {
    "PriorityRefusal.priority_day_is_past": "いつまでかは、今日か、今日よりあとの日にしてください",
    "PriorityRefusal.priority_too_long": (
        "いつまでかは、1年以内の日にしてください。続けるときは、そのときにまた決めます"
    ),
    "PriorityRefusal.priority_reason_missing": "理由を書いてください",
    "PriorityRefusal.priority_there_is_one": (
        "もう、優先するご家庭になっています。変えるときは、いまのものを終わりにしてください"
    ),
}

HELPS: Helps = {}

"""Why a fact of a home is not written down, and what to do."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, Sentences

SENTENCES: Sentences = {
    "HomeFactRefusal.home_fact_code_missing": "何についてかを入れてください",
    "HomeFactRefusal.home_fact_code_too_long": "60文字までで入れてください",
    "HomeFactRefusal.home_fact_number_missing": "数を、0以上で入れてください",
    "HomeFactRefusal.home_fact_number_too_large": "数は、{most}までで入れてください",
    "HomeFactRefusal.home_fact_child_missing": "どのお子さんのことかをえらんでください",
    "HomeFactRefusal.home_fact_ends_before_start": "終わりの日は、始まりの日よりあとにしてください",
    "HomeFactRefusal.home_fact_not_there": (
        "この記録は、もう終わっています。ページを開きなおしてください"
    ),
}

HELPS: Helps = {}

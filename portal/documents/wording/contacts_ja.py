"""Why a family's wish is not kept so, as the family reads it; the rest: ``outreach_ja``."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, Sentences

SENTENCES: Sentences = {
    "ContactRefusal.not_before_past": (
        "「この日までは連絡しない」の日は、今日かあとの日にしてください"
    ),
}

HELPS: Helps = {}

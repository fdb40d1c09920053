"""Why a decision to pass on without consent does not stand, and what to do."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "GroundRefusal.reason_missing": "理由を書いてください",
    "GroundRefusal.items_missing": "伝えることを1つ以上えらんでください",
    "GroundRefusal.second_person_needed": (
        "決めた本人は確認できません。ほかの職員に確認してもらってください"
    ),
    "GroundRefusal.phone_first": "先に相手へ電話し、その時刻を入れてください",
    "GroundRefusal.phoned_later": "電話した時刻が、今より後です",
    "GroundRefusal.already_decided": "この決定は、もう返事がすんでいます",
}

HELPS: Helps = {
    "GroundRefusal.phone_first": HelpTemplate("命にかかわるときは、110番か119番、189番へ。", None),
}

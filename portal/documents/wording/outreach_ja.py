"""Why a plan of contacts is not made or a call not recorded; staff read it."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "OutreachRefusal.plan_exists": "この紹介には、もう連絡の予定があります",
    "OutreachRefusal.plan_over": "この連絡の予定は、もう終わっています",
    "OutreachRefusal.referral_over": "この紹介は、もう連絡するところではありません",
    "OutreachRefusal.recorded_meanwhile": (
        "{name}さんが、先に {at:jdatetime} に電話をかけています",
        "ほかの職員が、先に {at:jdatetime} に電話をかけています",
        "ほかの職員が、先に電話をかけています",
    ),
    "OutreachRefusal.next_day_past": "次に連絡する日は、今日かあとの日にしてください",
    "OutreachRefusal.next_day_far": "次に連絡する日は、半年より先にはできません",
}

HELPS: Helps = {
    "OutreachRefusal.recorded_meanwhile": HelpTemplate(
        "同じご家庭に、続けて電話しないでください。結果は、下の記録にあります。"
    ),
}

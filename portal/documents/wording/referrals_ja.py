"""Why a referral is not sent or not changed, and what to do."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "ReferralRefusal.not_possible_now": "この紹介は、ほかの画面でもう進んでいます",
    "ReferralRefusal.no_consent": "園に情報を伝えることの同意（同意1）の記録が、まだありません",
    "ReferralRefusal.not_told": "園から連絡が来ることの説明（同意2）の記録が、まだありません",
    "ReferralRefusal.no_guide_tick": (
        "「子育てガイド」で一時預かりに印をつけた日が、まだ入っていません"
    ),
    "ReferralRefusal.item_not_consented": "同意のない内容が入っています",
    "ReferralRefusal.needed_item_missing": (
        "お名前・電話と、お子さんのことを伝える同意がそろっていません"
    ),
    "ReferralRefusal.already_referred": "このご家庭は、同じところへもう紹介しています",
    "ReferralRefusal.age_not_taken": "この園は、お子さんの年齢では預かっていません",
    "ReferralRefusal.outcome_missing": "結果と、そのわけを入れてください",
    "ReferralRefusal.no_child": "紹介するお子さんを入れてください",
    "ReferralRefusal.no_receiver": "紹介先をえらんでください",
    "ReferralRefusal.held_in_future": "面談の日が、今日より後です",
    "ReferralRefusal.target_past": "利用したい日が、今日より前です",
    "ReferralRefusal.no_family_record": (
        "このご家庭の記録が、こちらにまだありません。先に、ご家庭を登録するか、つないでください"
    ),
}

HELPS: Helps = {
    "ReferralRefusal.age_not_taken": HelpTemplate("ほかの園をえらんでください。", None),
    "ReferralRefusal.not_possible_now": HelpTemplate("いまのようすを見てください。", None),
}

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
    "ReferralRefusal.ticked_in_future": "ガイドに印をつけた日が、今日より後です",
    "ReferralRefusal.target_past": "利用したい日が、今日より前です",
    "ReferralRefusal.no_family_record": (
        "このご家庭の記録が、こちらにまだありません。先に、ご家庭を登録するか、つないでください"
    ),
    "ReferralRefusal.received_in_future": "受け付けた日時が、いまより後です",
    "ReferralRefusal.wording_unknown": "同意の文面の版が、いまの版（{version}）とちがいます",
    "ReferralRefusal.record_unknown": (
        "この番号の同意の記録が、このご家庭と紹介先について、いまは見つかりません"
    ),
    "ReferralRefusal.record_differs": "ポータルにある同意の記録とちがいます",
    "ReferralRefusal.receiver_unknown": "この紹介先は見つかりません",
    "ReferralRefusal.receiver_of_two": "同じ事業者の園は、1つだけにしてください",
    "ReferralRefusal.mail_unreadable": "メールアドレスをたしかめてください（例：hana@example.jp）",
    "ReferralRefusal.not_reachable": "電話番号、メールアドレス、住所のどれかを入れてください",
    "ReferralRefusal.number_taken": "この番号の紹介は、もう受け取っています",
    "ReferralRefusal.address_not_shared": "手紙で連絡が来るので、住所も伝える同意が要ります",
    "ReferralRefusal.way_unreachable": "{ways}の連絡先がないので、この方法では連絡できません",
    "ReferralRefusal.child_in_use": (
        "このお子さんのことは、もう紹介先に伝えたか、申し込みや予約があるので、消せません"
    ),
}

HELPS: Helps = {
    "ReferralRefusal.child_in_use": HelpTemplate(
        "お名前と生年月日のまちがいは「直す」で直せます。紹介をやめるときは、取り下げてください。",
        None,
    ),
    "ReferralRefusal.wording_unknown": HelpTemplate(
        "いまの用紙で、もう一度ご本人に確かめてください。", None
    ),
    "ReferralRefusal.record_unknown": HelpTemplate(
        "番号は、同意の控えと「同意の記録」のページにあります。"
        "取りやめと期限切れのものは使えません。保護者の名前と電話は、記録と同じにしてください。",
        None,
    ),
    "ReferralRefusal.record_differs": HelpTemplate(
        "記録と同じことを入れるか、ご本人にもう一度確かめてください。", None
    ),
    "ReferralRefusal.receiver_unknown": HelpTemplate(
        "紹介先の一覧にあるところを、名前どおりに入れてください。", None
    ),
    "ReferralRefusal.no_guide_tick": HelpTemplate("印をつけた日を入れてください。", None),
    "ReferralRefusal.no_consent": HelpTemplate(
        "ご本人の同意をもらい、その記録を入れてください。", None
    ),
    "ReferralRefusal.not_told": HelpTemplate("ご本人に説明し、その記録を入れてください。", None),
    "ReferralRefusal.number_taken": HelpTemplate(
        "別のご家庭なら、別の番号をつけてください。", None
    ),
    "ReferralRefusal.age_not_taken": HelpTemplate("ほかの園をえらんでください。", None),
    "ReferralRefusal.not_possible_now": HelpTemplate("いまのようすを見てください。", None),
}

"""Why a request about one's own data does not go on, as a parent reads it."""

from __future__ import annotations

from portal.documents.wording.entries import HelpLink, Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "DataRequestRefusal.text_missing": "どこが違うか、どう直してほしいかを書いてください",
    "DataRequestRefusal.answer_missing": "ご家庭への返事を書いてください",
    "DataRequestRefusal.already_answered": (
        "この求めは、もう返事がすんでいるか、取り下げられています"
    ),
    "DataRequestRefusal.already_asked": "消去の求めは、もう届いています。園の返事をお待ちください",
    "DataRequestRefusal.bookings_still_open": (
        "終わっていない予約があります。すべて終わるか、取り消してから、消せます"
    ),
    "DataRequestRefusal.not_confirmed": (
        "「消したあとは、もとにもどせないことが分かりました」にしるしをつけてください"
    ),
    "DataRequestRefusal.provider_knows_nothing": (
        "この園には、ご家庭のデータがありません。園をえらびなおしてください"
    ),
    "DataRequestRefusal.not_hers_to_erase": (
        "ご家庭のデータをすべて消すことは、はじめに登録した保護者だけが求められます"
    ),
    "DataRequestRefusal.received_in_future": "受け付けた日時が、いまより後です",
}

HELPS: Helps = {
    "DataRequestRefusal.bookings_still_open": HelpTemplate(
        "予約の一覧で、これからの予約を取り消してください。", HelpLink.OWN_BOOKINGS
    ),
    "DataRequestRefusal.not_hers_to_erase": HelpTemplate(
        "ご自分の登録だけを消したいときは、園に電話してください。", HelpLink.PHONE
    ),
}

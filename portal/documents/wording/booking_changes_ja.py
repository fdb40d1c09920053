"""Why a booking is not changed, or not at this price, as a parent reads it."""

from __future__ import annotations

from portal.documents.wording.entries import HelpLink, Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "BookingChangeRefusal.too_late_to_change": (
        "画面からの変更は、{until_at:jlimit} まででした",
        "画面からの変更は、もう終わりました",
    ),
    "BookingChangeRefusal.nothing_to_change": "いまの予約と同じ日時です",
    "BookingChangeRefusal.fee_changed": "料金が {amount_yen:yen} に変わりました",
    "BookingChangeRefusal.moved_meanwhile": "この予約は、画面を開いているあいだに変わりました",
    "BookingChangeRefusal.rest_fee_changed": "のこる予約の料金は {amount_yen:yen} になります",
    "BookingChangeRefusal.registration_waits": (
        "{child}の事前登録は申し込みずみで、園の返事を待っています"
    ),
    "BookingChangeRefusal.registration_in_line": "{child}は、この園の登録の空きを待っています",
    "BookingChangeRefusal.registration_asked_back": ("{child}の事前登録に、園から質問がきています"),
    "BookingChangeRefusal.home_not_told": (
        "利用できるのは、{places:choices}に住んでいる方です。お住まいを、まだ聞いていません",
        "住んでいるところを、まだ聞いていません",
    ),
    "BookingChangeRefusal.enrolment_not_told": (
        "{child}がほかの園に通っているかどうかを、まだ聞いていません"
    ),
}

HELPS: Helps = {
    "BookingChangeRefusal.too_late_to_change": HelpTemplate(
        "急ぎのときは、園に電話で相談できます。", HelpLink.PHONE
    ),
    "BookingChangeRefusal.nothing_to_change": HelpTemplate(
        "ほかの日や時間をえらんでください。", HelpLink.OTHER_TIMES
    ),
    "BookingChangeRefusal.fee_changed": HelpTemplate(
        "新しい料金でよければ、もう一度押してください。"
    ),
    "BookingChangeRefusal.moved_meanwhile": HelpTemplate(
        "いまの予約をたしかめて、よければもう一度押してください。"
    ),
    "BookingChangeRefusal.rest_fee_changed": HelpTemplate(
        "この料金でよければ、もう一度押してください。"
    ),
    "BookingChangeRefusal.registration_waits": HelpTemplate(
        "園が登録を決めると、メールでお知らせします。そのあとで予約できます。",
        HelpLink.OWN_APPLICATION,
    ),
    "BookingChangeRefusal.registration_in_line": HelpTemplate(
        "空きが出たら、受け付けた順にお知らせします。", HelpLink.OWN_APPLICATION
    ),
    "BookingChangeRefusal.registration_asked_back": HelpTemplate(
        "質問に答えると、園が登録を決めます。そのあとで予約できます。",
        HelpLink.OWN_APPLICATION,
    ),
    "BookingChangeRefusal.home_not_told": HelpTemplate(
        "住んでいるところを入れると、予約できるかどうかがわかります。", HelpLink.HOME_FACTS
    ),
    "BookingChangeRefusal.enrolment_not_told": HelpTemplate(
        "「住まいとお子さんのこと」で答えると、予約できるかどうかがわかります。",
        HelpLink.HOME_FACTS,
    ),
}

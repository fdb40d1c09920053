"""Why a session is not made, or a visit not recorded, as staff read it."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "VisitRefusal.in_the_past": "もう過ぎた日時です",
    "VisitRefusal.too_far": "1年より先の日です",
    "VisitRefusal.past_midnight": "終わりが、夜の12時をこえます",
    "VisitRefusal.length": "始まる時刻か長さが、えらべるものではありません",
    "VisitRefusal.seats": ("1回に受け付けるのは、1組から{seats}組までです", "組の数が合いません"),
    "VisitRefusal.until_missing": "くり返しの最後の日が入っていません",
    "VisitRefusal.until_before_first": "くり返しの最後の日が、はじめの日より前です",
    "VisitRefusal.plan_too_long": "くり返しは、1年までです",
    "VisitRefusal.too_many_dates": (
        "一度に作れるのは、{most}回までです",
        "一度に作る回数が多すぎます",
    ),
    "VisitRefusal.every": "くり返しの間は、1から12までの数です",
    "VisitRefusal.no_dates": "開く日が、1つもえらばれていません",
    "VisitRefusal.place_missing": "園のほかで開くときの場所が、書かれていません",
    "VisitRefusal.link_wrong": "オンラインのリンクが、https:// で始まるアドレスではありません",
    "VisitRefusal.text_too_long": (
        "場所は{place}文字、持ちものとお知らせは{words}文字までです",
        "書いた文が長すぎます",
    ),
    "VisitRefusal.tour_is_open": "見学は、事前登録の前の方も、出産前の方も来られます",
    "VisitRefusal.seats_are_taken": (
        "もう{taken}組が予約しています",
        "予約より少ない組の数にはできません",
    ),
    "VisitRefusal.already_cancelled": "この回は、中止してあります",
    "VisitRefusal.not_cancelled": "この回は、中止されていません",
    "VisitRefusal.not_yet_begun": "まだ来ていない日です",
    "VisitRefusal.outcome_needs_attendance": "「来た」を押したあとに、結果を書けます",
    "VisitRefusal.received_in_future": "受け付けた時刻が、まだ来ていない時刻です",
}

HELPS: Helps = {
    "VisitRefusal.in_the_past": HelpTemplate("これからの日と時刻をえらんでください。"),
    "VisitRefusal.too_far": HelpTemplate("1年以内の日をえらんでください。"),
    "VisitRefusal.past_midnight": HelpTemplate("始まりを早くするか、長さを短くしてください。"),
    "VisitRefusal.until_missing": HelpTemplate("くり返しの最後の日を入れてください。"),
    "VisitRefusal.until_before_first": HelpTemplate(
        "最後の日に、はじめの日よりあとの日を入れてください。"
    ),
    "VisitRefusal.plan_too_long": HelpTemplate("最後の日を、はじめの日から1年以内にしてください。"),
    "VisitRefusal.too_many_dates": HelpTemplate("2回に分けて作ってください。"),
    "VisitRefusal.no_dates": HelpTemplate("開く日に、しるしをつけてください。"),
    "VisitRefusal.place_missing": HelpTemplate("建物と部屋の名前を書いてください。"),
    "VisitRefusal.link_wrong": HelpTemplate(
        "リンクを、まるごと写してください。まだないときは、空らんのままにします。"
    ),
    "VisitRefusal.seats_are_taken": HelpTemplate("組の数を、予約の数より多くしてください。"),
    "VisitRefusal.not_yet_begun": HelpTemplate("その日になったら、つけてください。"),
}

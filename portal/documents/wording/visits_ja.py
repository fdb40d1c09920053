"""Why a session is not made, or a visit not booked, as staff and families read it."""

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
    "VisitRefusal.over": "この回は、もう終わりました",
    "VisitRefusal.stands_not": "この回は、中止になりました",
    "VisitRefusal.booking_closed": (
        "この回の受付は、{until:jlimit} で終わりました",
        "この回の受付は、終わりました",
    ),
    "VisitRefusal.full": "この回は、満員になりました",
    "VisitRefusal.already_booked": "この回は、もう予約してあります",
    "VisitRefusal.registration_needed": "この回は、事前登録を申し込んだ方の回です",
    "VisitRefusal.expecting_not_taken": "この回は、生まれたお子さんがいる方の回です",
    "VisitRefusal.children_stay_home": "この回は、保護者の方だけの回です",
    "VisitRefusal.child_needed": "いっしょに来るお子さんが、えらばれていません",
    "VisitRefusal.adults": ("おとなは、1人から{most}人までです", "おとなの人数が合いません"),
    "VisitRefusal.note_too_long": ("書けるのは、{most}文字までです", "書いた文が長すぎます"),
    "VisitRefusal.step_first": (
        "この園では、先に{step}をします",
        "この園では、先にすることがあります",
    ),
    "VisitRefusal.cancel_too_late": (
        "ここで取り消せるのは、{until:jlimit} まででした",
        "ここで取り消せる時刻が、過ぎました",
    ),
    "VisitRefusal.not_booked": "この予約は、もう変えられません",
    "VisitRefusal.not_yet_begun": "まだ来ていない日です",
    "VisitRefusal.outcome_needs_attendance": "「来た」を押したあとに、結果を書けます",
    "VisitRefusal.received_in_future": "受け付けた時刻が、まだ来ていない時刻です",
    "VisitRefusal.same_session": "同じ園の、ほかの回をえらんでください",
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
    "VisitRefusal.over": HelpTemplate("ほかの回をえらんでください。"),
    "VisitRefusal.stands_not": HelpTemplate("ほかの回をえらんでください。"),
    "VisitRefusal.booking_closed": HelpTemplate(
        "園に電話すると、入れることがあります。ほかの回もえらべます。"
    ),
    "VisitRefusal.full": HelpTemplate("ほかの回をえらんでください。"),
    "VisitRefusal.already_booked": HelpTemplate("予約は「見学・面談」のページで見られます。"),
    "VisitRefusal.registration_needed": HelpTemplate(
        "先に、この園の事前登録を申し込んでください。見学は、申し込みの前でも来られます。"
    ),
    "VisitRefusal.expecting_not_taken": HelpTemplate(
        "見学は、出産前の方も来られます。ほかの回をえらんでください。"
    ),
    "VisitRefusal.children_stay_home": HelpTemplate("お子さんのしるしを外してください。"),
    "VisitRefusal.child_needed": HelpTemplate("お子さんに、しるしをつけてください。"),
    "VisitRefusal.step_first": HelpTemplate(
        "先にすることの日を予約すると、そのあとの日がえらべます。"
    ),
    "VisitRefusal.cancel_too_late": HelpTemplate("来られないときは、園に電話してください。"),
    "VisitRefusal.not_yet_begun": HelpTemplate("その日になったら、つけてください。"),
    "VisitRefusal.same_session": HelpTemplate("別の園の回は、その園のページから予約します。"),
}

"""Why a notice to families is not sent, as staff read it."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "NoticeRefusal.title_missing": "見出しが書かれていません",
    "NoticeRefusal.body_missing": "文が書かれていません",
    "NoticeRefusal.text_too_long": (
        "見出しは{title}文字、文は{body}文字までです",
        "見出しか文が長すぎます",
    ),
    "NoticeRefusal.days_needed": "お休みにする日が入っていません",
    "NoticeRefusal.days_reversed": "終わりの日が、始まりの日より前です",
    "NoticeRefusal.day_over": "もう過ぎた日です",
    "NoticeRefusal.day_too_far": "半年より先の日です",
    "NoticeRefusal.hours_reversed": "終わりの時刻が、始まりより前か同じです",
    "NoticeRefusal.nobody_to_tell": "お知らせするご家庭が、ありません",
    "NoticeRefusal.already_reminded": "もう一度のお知らせは、送ってあります",
    "NoticeRefusal.withdrawn": "このお知らせは、取りやめてあります",
    "NoticeRefusal.everybody_knows": "メールでもう一度知らせるご家庭は、ありません",
}

HELPS: Helps = {
    "NoticeRefusal.days_needed": HelpTemplate(
        "臨時休園の日を入れてください。日がないときは「お知らせだけ」をえらびます。"
    ),
    "NoticeRefusal.days_reversed": HelpTemplate("終わりの日をたしかめてください。"),
    "NoticeRefusal.day_over": HelpTemplate("今日か、今日よりあとの日をえらんでください。"),
    "NoticeRefusal.day_too_far": HelpTemplate("近くなってから、お知らせしてください。"),
    "NoticeRefusal.hours_reversed": HelpTemplate(
        "終わりに、始まりよりあとの時刻をえらんでください。"
    ),
    "NoticeRefusal.nobody_to_tell": HelpTemplate("だれに知らせるかを、えらび直してください。"),
    "NoticeRefusal.already_reminded": HelpTemplate(
        "まだ読んでいないご家庭には、電話してください。"
    ),
    "NoticeRefusal.everybody_knows": HelpTemplate("のこりのご家庭には、電話してください。"),
}

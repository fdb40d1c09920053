"""Why places are not changed, as staff read it."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "PlacesRefusal.hours_reversed": "終わりの時刻が、始まりより前か同じです",
    "PlacesRefusal.no_weekday": "曜日がえらばれていません",
    "PlacesRefusal.nothing_to_change": "人数が1つも入っていません",
    "PlacesRefusal.in_the_past": "過ぎた日は、変えられません",
    "PlacesRefusal.days_reversed": "終わりの日が、始まりの日より前です",
    "PlacesRefusal.too_long": "お休みは、1年までです",
    "PlacesRefusal.reason_missing": "理由が書かれていません",
    "PlacesRefusal.already_lifted": "このお休みは、もう取りやめてあります",
    "PlacesRefusal.band_reversed": "上のクラスが、下のクラスより小さくなっています",
    "PlacesRefusal.total_stays": "全体の定員は、やめられません",
    "PlacesRefusal.total_exists": "全体の定員は、もうあります",
    "PlacesRefusal.break_half": "昼休みの、始まりか終わりの時刻が入っていません",
    "PlacesRefusal.break_outside": "昼休みが、開いている時間の中にありません",
}

HELPS: Helps = {
    "PlacesRefusal.hours_reversed": HelpTemplate(
        "終わりに、始まりよりあとの時刻をえらんでください。"
    ),
    "PlacesRefusal.no_weekday": HelpTemplate("変える曜日を、1つ以上えらんでください。"),
    "PlacesRefusal.nothing_to_change": HelpTemplate("変える人数を、1つ以上入れてください。"),
    "PlacesRefusal.in_the_past": HelpTemplate("今日よりあとの日をえらんでください。"),
    "PlacesRefusal.days_reversed": HelpTemplate("終わりの日をたしかめてください。"),
    "PlacesRefusal.too_long": HelpTemplate("1年までの日をえらんでください。"),
    "PlacesRefusal.reason_missing": HelpTemplate("保護者にも見えることばで、短く書いてください。"),
    "PlacesRefusal.band_reversed": HelpTemplate("下のクラスから上のクラスの順にえらんでください。"),
    "PlacesRefusal.total_stays": HelpTemplate("受け入れを止めるときは、お休みにしてください。"),
}

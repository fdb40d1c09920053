"""Why something cannot be recorded of a stay, as staff and families read it."""

from __future__ import annotations

from portal.documents.wording.entries import HelpLink, Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "AttendanceRefusal.cancelled": "この予約は、取り消してあります",
    "AttendanceRefusal.other_facility": "この予約は、ほかの施設の予約です",
    "AttendanceRefusal.other_day": "この予約は、{day:jdate}の予約です",
    "AttendanceRefusal.day_to_come": "{day:jdate}は、まだ来ていません",
    "AttendanceRefusal.place_given_back": (
        "お休みの連絡があり、この場所はほかのご家庭が予約できるようになっています"
    ),
    "AttendanceRefusal.not_arrived": "まだ登園していません",
    "AttendanceRefusal.already_arrived": "{at:jtime} に登園しています",
    "AttendanceRefusal.already_departed": "{at:jtime} に降園しています",
    "AttendanceRefusal.not_started": "{starts_at:jtime} の予定です。まだ始まっていません",
    "AttendanceRefusal.child_elsewhere": "お子さんには、同じ時間にほかの予約があります",
    "AttendanceRefusal.time_to_come": "{at:jtime} は、まだ来ていません",
    "AttendanceRefusal.departed_first": "降園の時刻が、登園の時刻より前です",
    "AttendanceRefusal.arrival_needed": "登園の時刻がありません",
    "AttendanceRefusal.stay_over": "この預かりは、{ends_at:jtime} に終わりました",
    "AttendanceRefusal.absence_recorded": "お休みの連絡を、もう受け取っています",
    "AttendanceRefusal.cancel_free_of_charge": "{until:jlimit} までは、無料で取り消せます",
    "AttendanceRefusal.late_outside_stay": (
        "来る時刻は、{starts_at:jtime} から {ends_at:jtime} までの間でえらびます"
    ),
}

_BOOK_AGAIN = HelpTemplate("来るときは、空きをたしかめて、もう一度予約を入れてください。")

HELPS: Helps = {
    "AttendanceRefusal.cancelled": _BOOK_AGAIN,
    "AttendanceRefusal.other_facility": HelpTemplate("その施設のボードで記録してください。"),
    "AttendanceRefusal.other_day": HelpTemplate(
        "登園と降園は、その日のボードで記録します。前の日の分は「時刻を直す」で入れられます。"
    ),
    "AttendanceRefusal.day_to_come": HelpTemplate("来られなくなったときは、予約を取り消します。"),
    "AttendanceRefusal.place_given_back": _BOOK_AGAIN,
    "AttendanceRefusal.not_arrived": HelpTemplate(
        "先に「登園」をおすか、「時刻を直す」で登園の時刻を入れてください。"
    ),
    "AttendanceRefusal.already_arrived": HelpTemplate(
        "まちがいのときは、先に登園を「元にもどす」をおしてください。"
    ),
    "AttendanceRefusal.already_departed": HelpTemplate(
        "まちがいのときは、先に降園を「元にもどす」をおしてください。"
    ),
    "AttendanceRefusal.not_started": HelpTemplate(
        "来ないと連絡があったときは「連絡ありのお休み」をおしてください。"
    ),
    "AttendanceRefusal.time_to_come": HelpTemplate("時刻をたしかめてください。"),
    "AttendanceRefusal.departed_first": HelpTemplate("どちらかの時刻を直してください。"),
    "AttendanceRefusal.arrival_needed": HelpTemplate("登園の時刻も入れてください。"),
    "AttendanceRefusal.stay_over": HelpTemplate(
        "伝えたいことがあるときは、園に電話してください。", HelpLink.PHONE
    ),
    "AttendanceRefusal.absence_recorded": HelpTemplate(
        "やはり来るときは、園に電話してください。", HelpLink.PHONE
    ),
    "AttendanceRefusal.cancel_free_of_charge": HelpTemplate(
        "予約のページから取り消してください。お金はかかりません。",
        HelpLink.OWN_BOOKINGS,
    ),
    "AttendanceRefusal.late_outside_stay": HelpTemplate("一覧から時刻をえらんでください。"),
}

"""Why no more may be used, what follows from absences, and waiting, as a parent reads it."""

from __future__ import annotations

from portal.documents.wording.entries import HelpLink, Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "BookingRefusal.cap_reached": (
        # Several hold at once: with its name, which one it is can be told.
        "{child}の{period:cap_period}の利用（{cap}）は、{scope:cap_scope}{limit:cap_amount}までです",
        "{child}の{period:cap_period}の利用は、{scope:cap_scope}{limit:cap_amount}までです",
        "{child}の利用（{cap}）は、{scope:cap_scope}{limit:cap_amount}までです",
        "{child}の利用は、{scope:cap_scope}{limit:cap_amount}までです",
        "{child}の利用は、上限に達しています",
    ),
    "BookingRefusal.cap_reached_meanwhile": ("いま、ほかの予約が先に入り、利用の上限に達しました"),
    "BookingRefusal.no_show_stop": (
        "{child}の利用は、{last_on:jdate}までお休みです",
        "{child}の利用は、いまお休みです",
    ),
    "BookingRefusal.too_many_siblings": (
        "1度に予約できるきょうだいは、{most}人までです",
        "1度に予約できるきょうだいの人数を、こえています",
    ),
    "BookingRefusal.regular_use_only": "ここは、曜日を決めて使う「定期利用」だけです",
    "BookingRefusal.regular_use_not_offered": "この理由では、「定期利用」はできません",
    "BookingRefusal.regular_weekday_not_offered": (
        "定期利用は、{weekdays:weekdays}曜日にできます",
        "この曜日には、定期利用がありません",
    ),
    "BookingRefusal.regular_term_not_offered": (
        "{on:jdate}をふくむ定期利用の期間は、ありません",
        "この日をふくむ定期利用の期間は、ありません",
    ),
    "BookingRefusal.too_many_weekdays": (
        "定期利用で申し込めるのは、週に{most}日までです",
        "定期利用で申し込める曜日の数を、こえています",
    ),
    "BookingRefusal.too_few_weekdays": (
        "定期利用は、週に{least}日から申し込めます",
        "定期利用には、曜日が足りません",
    ),
    "BookingRefusal.no_waitlist": "ここでは、空きを待つ申し込みを受けていません",
    "BookingRefusal.waitlist_closed": (
        "空きを待つ申し込みは、{until_at:jlimit} まででした",
        "空きを待つ申し込みは、もう終わりました",
    ),
    "BookingRefusal.waitlist_full": (
        "空きを待てるのは、{most}人までです",
        "空きを待つ方が、もういっぱいです",
    ),
    "BookingRefusal.too_many_waits": (
        "同時に空きを待てるのは、{most}件までです",
        "同時に空きを待てる数に、達しています",
    ),
    "BookingRefusal.withdrawal_closed": (
        "待つのをやめられるのは、{until_at:jlimit} まででした",
        "待つのをやめる手続きは、もう終わりました",
    ),
    "BookingNote.above_cap_rate": (
        "{period:cap_period}の{limit:cap_amount}をこえる分は、別の料金がかかります",
        "{limit:cap_amount}をこえる分は、別の料金がかかります",
        "上限をこえる分は、別の料金がかかります",
    ),
    "BookingNote.cap_needs_staff": (
        "{period:cap_period}の{limit:cap_amount}をこえるため、園が確かめてから決まります",
        "{limit:cap_amount}をこえるため、園が確かめてから決まります",
        "上限をこえるため、園が確かめてから決まります",
    ),
    "BookingNote.no_show_warning": "来られない日は、早めに知らせてください",
    "BookingNote.no_show_talk": "園がご都合をうかがってから決まります",
}

_NEXT_DAY = HelpTemplate(
    (
        # Of this limit alone: the time to book, or another limit, may still be against that day.
        "この上限でまた使えるのは、{next_on:jdate}からです。",
        "こまったときは、園に電話で相談できます。",
    ),
    HelpLink.OTHER_DAYS,
)
_REGULAR = HelpTemplate("定期利用のことは、園に電話で聞けます。", HelpLink.PHONE)
_OTHER_DAY = HelpTemplate("ほかの日をえらべます。", HelpLink.OTHER_DAYS)

HELPS: Helps = {
    "BookingRefusal.cap_reached": _NEXT_DAY,
    "BookingRefusal.no_show_stop": HelpTemplate(
        (
            "{from_on:jdate}から、また使えます。わけがあるときは、園に電話してください。",
            "わけがあるときは、園に電話してください。",
        ),
        HelpLink.PHONE,
    ),
    "BookingRefusal.too_many_siblings": HelpTemplate(
        "人数を分けて、べつべつに予約できます。", HelpLink.OTHER_TIMES
    ),
    "BookingRefusal.regular_use_only": _REGULAR,
    "BookingRefusal.regular_use_not_offered": HelpTemplate(
        "1日ごとの予約ができるかは、園に電話で聞けます。", HelpLink.PHONE
    ),
    "BookingRefusal.regular_weekday_not_offered": _OTHER_DAY,
    "BookingRefusal.regular_term_not_offered": _REGULAR,
    "BookingRefusal.too_many_weekdays": HelpTemplate("曜日をへらすと申し込めます。"),
    "BookingRefusal.too_few_weekdays": HelpTemplate("曜日をふやすと申し込めます。"),
    "BookingRefusal.no_waitlist": _OTHER_DAY,
    "BookingRefusal.waitlist_closed": _OTHER_DAY,
    "BookingRefusal.waitlist_full": _OTHER_DAY,
    "BookingRefusal.too_many_waits": HelpTemplate(
        "待っているものを1つやめると、申し込めます。", HelpLink.OWN_BOOKINGS
    ),
    "BookingRefusal.withdrawal_closed": HelpTemplate(
        "園に電話すると、いまからでもやめられます。", HelpLink.PHONE
    ),
}

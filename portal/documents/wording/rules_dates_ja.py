"""Why a day or an hour is not open, as a parent reads it."""

from __future__ import annotations

from portal.documents.wording.entries import HelpLink, Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "BookingRefusal.suspended": (
        "{until_on:jdate}まで、預かりを休んでいます（{message}）",
        "{until_on:jdate}まで、預かりを休んでいます",
        "預かりを休んでいます（{message}）",
        "この日は、預かりを休んでいます",
    ),
    "BookingRefusal.arrival_outside_times": (
        "登園できるのは、{times:spans} です",
        "この時刻には、登園できません",
    ),
    "BookingRefusal.pick_up_outside_times": (
        "お迎えできるのは、{times:spans} です",
        "この時刻には、お迎えできません",
    ),
    "BookingNote.opens_if_enough": (
        "予約が{at_least}人になると開きます。{decided_at:jlimit} に決まります",
        "予約が{at_least}人になると開きます",
        "予約の人数が足りないときは、開きません",
    ),
}

HELPS: Helps = {
    "BookingRefusal.suspended": HelpTemplate(
        "休んでいるあいだに使える園を、さがせます。", HelpLink.OTHER_FACILITIES
    ),
    "BookingRefusal.arrival_outside_times": HelpTemplate(
        "始まりの時刻を変えると予約できます。", HelpLink.OTHER_TIMES
    ),
    "BookingRefusal.pick_up_outside_times": HelpTemplate(
        "終わりの時刻を変えると予約できます。", HelpLink.OTHER_TIMES
    ),
}

"""Why the shape of a stay does not fit, as a parent reads it."""

from __future__ import annotations

from portal.documents.wording.entries import HelpLink, Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "BookingRefusal.start_off_step": (
        "預かりの始まりは、{every_minutes:jduration}きざみでえらびます",
        "この時刻に始まる預かりは、ありません",
    ),
    "BookingRefusal.end_not_offered": (
        "預かりの終わりは、{ends:choices} からえらびます",
        "この時刻に終わる預かりは、ありません",
    ),
    "BookingRefusal.length_not_offered": (
        "預かりの長さは、{lengths:durations}からえらびます",
        "預かりの長さは、{from_minutes:jduration}から{step_minutes:jduration}きざみです",
        "この長さの預かりは、ありません",
    ),
    "BookingRefusal.afternoon_only": (
        "午後だけの預かりはありません。{noon} より前に始まる時間をえらびます",
        "午後だけの預かりは、ありません",
    ),
    "BookingRefusal.first_visit_too_long": (
        "{child}のはじめての預かりは、{max_minutes:jduration}までです",
        "{child}のはじめての預かりには、長すぎる時間です",
    ),
    "BookingRefusal.first_visit_ends_too_late": (
        "{child}のはじめての預かりは、{ends_at:jtime}までに終わります",
        "{child}のはじめての預かりには、終わりがおそすぎます",
    ),
}

_OTHER_TIME = HelpTemplate("ほかの時間をえらぶと予約できます。", HelpLink.OTHER_TIMES)

HELPS: Helps = {
    "BookingRefusal.start_off_step": _OTHER_TIME,
    "BookingRefusal.end_not_offered": _OTHER_TIME,
    "BookingRefusal.length_not_offered": _OTHER_TIME,
    "BookingRefusal.afternoon_only": _OTHER_TIME,
    "BookingRefusal.first_visit_too_long": HelpTemplate(
        "短い時間をえらぶと予約できます。", HelpLink.OTHER_TIMES
    ),
    "BookingRefusal.first_visit_ends_too_late": HelpTemplate(
        "早く終わる時間をえらぶと予約できます。", HelpLink.OTHER_TIMES
    ),
}

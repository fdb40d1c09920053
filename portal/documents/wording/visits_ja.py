"""Why a visit is not booked or changed, as families read it."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
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
    "VisitRefusal.same_session": "同じ園の、ほかの回をえらんでください",
}

HELPS: Helps = {
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
    "VisitRefusal.same_session": HelpTemplate("別の園の回は、その園のページから予約します。"),
}

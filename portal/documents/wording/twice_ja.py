"""Why the second registration of a child cannot be closed yet, as staff read it."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "TwiceRefusal.bookings_run": (
        "この登録には、これからの予約があります（ほかの園の予約もふくみます）"
    ),
    "TwiceRefusal.applications_run": (
        "この登録には、つづいている事前登録があります（ほかの園への申し込みもふくみます）"
    ),
    "TwiceRefusal.visits_come": "この登録で、これからの見学・面談に来る予定です",
    "TwiceRefusal.no_other": "残すほうの登録をえらんでください。同じご家庭の、いまある登録だけです",
}

HELPS: Helps = {
    "TwiceRefusal.bookings_run": HelpTemplate(
        "予約を取り消して、残すほうの登録で入れ直してください。"
    ),
    "TwiceRefusal.applications_run": HelpTemplate(
        "申し込みを取り下げるか、こちらを残して、もう一つの登録を閉じてください。"
    ),
    "TwiceRefusal.visits_come": HelpTemplate("見学・面談を、残すほうの登録で入れ直してください。"),
}

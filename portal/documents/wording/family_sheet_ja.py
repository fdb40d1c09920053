"""Why there is no sheet for a family, as whoever asks for it reads it."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, Sentences

SENTENCES: Sentences = {
    "SheetRefusal.no_children": "お子さんの生まれた月か、出産の予定の月をえらんでください",
    "SheetRefusal.too_many_children": (
        "1枚の紙に入るのは、お子さん{most}人までです。多いときは、2枚に分けてください"
    ),
    "SheetRefusal.month_of_birth": (
        "お子さんの生まれた年と月をたしかめてください（小学校に入る前のお子さんの紙です）"
    ),
    "SheetRefusal.month_due": "出産の予定の年と月をたしかめてください",
    "SheetRefusal.day": (
        "使いはじめたい日をたしかめてください（今日から1年先までの日を入れられます）"
    ),
}

HELPS: Helps = {}

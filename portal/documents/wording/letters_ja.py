"""Why a letter is not marked as passed on, as staff read it."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "LetterRefusal.nothing_chosen": "おたよりが えらばれていません",
    "LetterRefusal.in_future": "わたした日が、今日より先です",
    "LetterRefusal.before_it_was": (
        "{since:jdate}にできたおたよりなので、それより前の日にはできません",
        "おたよりができた日より前です",
    ),
    "LetterRefusal.closed_already": "ほかの職員が、先に印をつけたおたよりがあります",
}

HELPS: Helps = {
    "LetterRefusal.nothing_chosen": HelpTemplate("一覧の四角をえらんでから、押してください。"),
    "LetterRefusal.in_future": HelpTemplate("今日か、今日より前の日を入れてください。"),
    "LetterRefusal.closed_already": HelpTemplate(
        "画面を開きなおしてください。下の「わたしたおたより」に入っています。"
    ),
}

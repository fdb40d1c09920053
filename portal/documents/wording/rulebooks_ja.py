"""Why new rules are not taken, in Japanese."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "RulebookRefusal.starts_in_the_past": (
        "新しいきまりは、今日か、これからの日から始めてください。"
    ),
    "RulebookRefusal.first_starts_later": "はじめてのきまりは、今日から始めてください。",
    "RulebookRefusal.already_in_force": "このきまりは、もう始まっています。",
    "RulebookRefusal.already_withdrawn": "このきまりは、もう取りやめてあります。",
}

HELPS: Helps = {
    "RulebookRefusal.first_starts_later": HelpTemplate(
        "あとで変わるときは、次のきまりとして日を決めて加えられます。"
    ),
    "RulebookRefusal.already_in_force": HelpTemplate(
        "変えるときは、新しいきまりを、日を決めて加えてください。"
    ),
}

"""Why something about a family is not taken, as a parent reads it."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "FamilyRefusal.name_missing": "お名前を入れてください",
    "FamilyRefusal.name_too_long": "お名前は {limit} 文字までにしてください",
    "FamilyRefusal.kana_expected": "ふりがなは、ひらがなかカタカナで入れてください",
    "FamilyRefusal.control_character": (
        "画面に出ない特別な文字が入っています。その文字を消してください"
    ),
    "FamilyRefusal.text_too_long": "{limit:,} 文字までにしてください",
    "FamilyRefusal.phone_unreadable": (
        "電話番号は、市外局番から 10けたか 11けたの数字で入れてください（例：090-1234-5678）"
    ),
    "FamilyRefusal.born_in_future": (
        "生年月日が、きょうより後です。これから生まれるときは「これから生まれる」をえらんでください"
    ),
    "FamilyRefusal.born_too_long_ago": (
        "生年月日の年をたしかめてください（登録できるのは18歳までです）"
    ),
    "FamilyRefusal.birth_or_due_date": "生年月日か、出産の予定日を入れてください",
    "FamilyRefusal.born_without_name": "生まれたお子さんのお名前を入れてください",
    "FamilyRefusal.due_date_unlikely": (
        "出産の予定日の年と月をたしかめてください（2か月前から10か月先までの日を入れられます）"
    ),
    "FamilyRefusal.already_registered": "もう登録がすんでいます",
}

HELPS: Helps = {
    "FamilyRefusal.already_registered": HelpTemplate("ホームから、内容を直せます。"),
}

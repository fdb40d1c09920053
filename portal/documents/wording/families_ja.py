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
        "生年月日が、今日より後です。これから生まれるときは「これから生まれる」をえらんでください"
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
    "FamilyRefusal.somebody_does_all": (
        "ご家庭に、すべてできる保護者が一人は必要です。先に、ほかの方の設定を変えてください"
    ),
    "FamilyRefusal.reason_missing": "理由を入れてください",
    "FamilyRefusal.another_is_protected": (
        "このご家庭では、ほかの保護者の方がもう「住所非公開」です。先に、そちらを終わりにしてください"
    ),
    "FamilyRefusal.shown_in_future": "書類を見た日が、今日より後です。日をたしかめてください",
    "FamilyRefusal.protection_ended": "期限が過ぎています。今日より後の日を入れてください",
    "FamilyRefusal.protection_too_long": "期限は、書類を見た日から1年までにしてください",
    "FamilyRefusal.has_account": "この方は、もうアカウントを持っています",
    "FamilyRefusal.child_registered": (
        "同じお名前、同じ生年月日のお子さんが、もう登録されています。"
        "べつのお子さんのときは「べつのお子さんです」をえらんでください"
    ),
}

HELPS: Helps = {
    "FamilyRefusal.already_registered": HelpTemplate("ホームから、内容を直せます。"),
}

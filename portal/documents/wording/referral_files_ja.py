"""Why a file of referrals, or a row of it, is not taken, and what to do."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "FileRefusal.too_large": "ファイルが大きすぎます（{limit_kb} KBまで）",
    "FileRefusal.too_many_rows": "1回に取り込めるのは {limit:,} 行までです",
    "FileRefusal.not_a_table": "これは{kind}のファイルです",
    "FileRefusal.unreadable_encoding": "{line}行目の文字が読み取れません",
    "FileRefusal.empty": "ファイルに紹介が1件もありません",
    "FileRefusal.malformed": '{line}行目から先で、引用符（"）が閉じていません',
    "FileRefusal.unknown_columns": "列の名前{missing}がありません",
    "FileRefusal.duplicate_column": "列の名前「{column}」が2回あります",
    "FileRefusal.changed_since_preview": "内容を見たあとで、ようすが変わりました",
    "FileRefusal.portal_number": "受付番号は、ポータルがつける番号です",
    "FileRefusal.number_missing": "管理番号が入っていません",
    "FileRefusal.stage_missing": "どの面談かが入っていません",
    "FileRefusal.day_missing": "日付が入っていません",
    "FileRefusal.day_unreadable": "日付として読めません",
    "FileRefusal.no_choice": "決まったことばではありません（{choices}）",
    "FileRefusal.form_missing": "同意の形が入っていません",
    "FileRefusal.receiver_unclear": "同じ名前の紹介先が2つ以上あります",
}

HELPS: Helps = {
    "FileRefusal.too_large": HelpTemplate("行を分けて、2つのファイルにしてください。", None),
    "FileRefusal.too_many_rows": HelpTemplate("行を分けて、2つのファイルにしてください。", None),
    "FileRefusal.not_a_table": HelpTemplate("CSVで保存して、えらびなおしてください。", None),
    "FileRefusal.unreadable_encoding": HelpTemplate(
        "文字コードをUTF-8かShift_JISにして、保存しなおしてください。", None
    ),
    "FileRefusal.empty": HelpTemplate("1行目が列の名前、2行目からが紹介です。", None),
    "FileRefusal.malformed": HelpTemplate("その行を直してから、もう一度えらんでください。", None),
    "FileRefusal.unknown_columns": HelpTemplate("「ひな形」の列の名前にあわせてください。", None),
    "FileRefusal.duplicate_column": HelpTemplate("どちらかの名前を変えてください。", None),
    "FileRefusal.changed_since_preview": HelpTemplate(
        "下の内容を、もう一度確かめてください。", None
    ),
    "FileRefusal.portal_number": HelpTemplate("新しい紹介では、空にしてください。", None),
    "FileRefusal.number_missing": HelpTemplate(
        "ほかの行とちがう番号を入れてください。2回送るのを防ぎます。", None
    ),
    "FileRefusal.stage_missing": HelpTemplate("面談の種類を入れてください。", None),
    "FileRefusal.day_missing": HelpTemplate("2026-11-22 のように入れてください。", None),
    "FileRefusal.day_unreadable": HelpTemplate(
        "2026-11-22 か 令和8年11月22日 のように入れてください。", None
    ),
    "FileRefusal.no_choice": HelpTemplate("このどれかを入れてください。", None),
    "FileRefusal.form_missing": HelpTemplate("「署名のある紙」と入れてください。", None),
    "FileRefusal.receiver_unclear": HelpTemplate("画面から紹介してください。", None),
}

"""Why a list of facilities is not taken, or a facility left as it is, in Japanese."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "ListRefusal.cannot_open": "ファイル「{file}」が開けません。",
    "ListRefusal.too_large": "ファイルが大きすぎます。取り込めるのは {limit_mb} MB までです。",
    "ListRefusal.too_many_rows": "行が多すぎます。取り込めるのは {limit:,} 行までです。",
    "ListRefusal.not_a_table": "これは{kind}のファイルです。施設の一覧としては読めません。",
    "ListRefusal.unreadable_encoding": "{line}行目の文字が読み取れません。",
    "ListRefusal.empty": "ファイルに施設が1件もありません。",
    "ListRefusal.malformed": (
        '{line}行目から、表の形が読み取れません。「"」の数が合わないようです。'
    ),
    "ListRefusal.broken_map": "{line}行目で、GeoJSONがこわれているか、途中で切れています。",
    "ListRefusal.unknown_columns": ("施設の一覧として読めません。列の名前{missing}がありません。"),
    "ListRefusal.duplicate_column": "列の名前「{column}」が2回あります。",
    "FacilityRefusal.changed_since_preview": (
        "確かめている間に、施設のデータが変わりました。まだ何も取り込んでいません。"
    ),
    "FacilityRefusal.already_imported": "この一覧は、もう取り込んであります。",
    "FacilityRefusal.of_another_city": "住所がすべて、ほかの市区町村です。",
    "FacilityRefusal.run_by_another": "この施設は、ほかの事業者が運営しています。",
    "FacilityRefusal.hidden_by_city": "市区町村の一覧で「非公開」なので、公開できません。",
    "FacilityRefusal.not_confirmed": "市区町村の確認が、まだすんでいません。",
    "FacilityRefusal.already_yours": "この園は、もうえらんであります。",
    "FacilityRefusal.has_bookings": "この園には、もう予約が入っています。",
    "FacilityRefusal.claim_decided": "この申し出には、もう返事がすんでいます。",
    "FacilityRefusal.reason_missing": "確認できない理由を書いてください。",
    "FacilityRefusal.not_ready": "公開の前に、入れるものが残っています。",
}

HELPS: Helps = {
    "ListRefusal.cannot_open": HelpTemplate("ファイルの場所と名前を確かめてください。"),
    "ListRefusal.too_large": HelpTemplate("施設の一覧のファイルかどうかを確かめてください。"),
    "ListRefusal.too_many_rows": HelpTemplate("施設の一覧のファイルかどうかを確かめてください。"),
    "ListRefusal.not_a_table": HelpTemplate(
        "取り込めるのは、CSV、Excel（xlsx）、GeoJSON のファイルです。"
    ),
    "ListRefusal.unreadable_encoding": HelpTemplate(
        "Excelなどで一覧を開き、「CSV UTF-8」の形で保存しなおしてください。"
    ),
    "ListRefusal.empty": HelpTemplate("1行目が列の名前、2行目からが施設の一覧をえらんでください。"),
    "ListRefusal.malformed": HelpTemplate("その行を直してから、もう一度えらんでください。"),
    "ListRefusal.broken_map": HelpTemplate(
        "もとのファイルを、もう一度保存するかダウンロードして、えらんでください。"
    ),
    "ListRefusal.unknown_columns": HelpTemplate("取り込めるのは、{expected}です。"),
    "ListRefusal.duplicate_column": HelpTemplate("どちらかの名前を変えてください。"),
    "FacilityRefusal.changed_since_preview": HelpTemplate(
        "下の新しい内容を確かめてから、もう一度押してください。"
    ),
    "FacilityRefusal.of_another_city": HelpTemplate(
        "ファイルを確かめてください。まちがいでなければ、下の□にしるしをつけてください。"
    ),
    "FacilityRefusal.hidden_by_city": HelpTemplate(
        "公開してよいときは、市区町村の担当に一覧の直しを頼んでください。"
    ),
    "FacilityRefusal.run_by_another": HelpTemplate(
        "自分の園のときは、市区町村の担当に電話でたずねてください。"
    ),
    "FacilityRefusal.not_confirmed": HelpTemplate(
        "確認がすむと、メールで知らせます。準備は、先に進められます。"
    ),
    "FacilityRefusal.has_bookings": HelpTemplate("運用担当に相談してください。"),
    "FacilityRefusal.not_ready": HelpTemplate("下の「まだのこと」から進めてください。"),
}

"""Why an Excel workbook is not taken as a list of facilities, in Japanese."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "ListRefusal.broken_workbook": (
        "Excelのファイルが開けません。こわれているか、途中で切れているようです。"
    ),
    "ListRefusal.too_large_unpacked": (
        "Excelのファイルの中身が大きすぎます。ひらくと、一覧とは思えない大きさになります。"
    ),
}

HELPS: Helps = {
    "ListRefusal.broken_workbook": HelpTemplate(
        "パスワードをかけずに、保存しなおしてください。「CSV UTF-8」の形で保存してもかまいません。"
    ),
    "ListRefusal.too_large_unpacked": HelpTemplate(
        "施設の一覧のシートだけを新しいファイルにうつして、えらんでください。"
    ),
}

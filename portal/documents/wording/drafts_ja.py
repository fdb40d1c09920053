"""Why a part of a form is not saved, and what to do."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, Sentences

SENTENCES: Sentences = {
    "DraftRefusal.changed_elsewhere": (
        "ほかの画面で、このページが新しく保存されています。"
        "下にあるのは、この画面で入れた内容です。これでよければ、もう一度保存してください"
    ),
    "DraftRefusal.too_long": "入れた文章が長すぎて保存できません。短くしてください",
    "DraftRefusal.too_many": (
        "書きかけの申し込みが多すぎます。ホームで、いらないものを消してください"
    ),
}

HELPS: Helps = {}

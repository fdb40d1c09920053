"""Why a place is not found, as a parent reads it."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, Sentences

SENTENCES: Sentences = {
    "PointProblem.unknown": (
        "この場所は、施設の一覧の住所に見つかりません。町の名前だけにするか、下から町をえらんでください"
    ),
    "PointProblem.several": ("同じ名前の町が、いくつかあります。市区町村の名前もつけてください"),
}

HELPS: Helps = {}

"""Why a photo is not taken, and what to do."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, Sentences

SENTENCES: Sentences = {
    "UploadRefusal.nothing_chosen": "写真をえらんでください",
    "UploadRefusal.too_large": "写真が大きすぎます。10MB までの写真にしてください",
    "UploadRefusal.is_pdf": (
        "PDF は受け取れません。書類をスマートフォンで撮った写真か、画面の写真にしてください"
    ),
    "UploadRefusal.is_heic": (
        "この形式（HEIC）の写真は読めません。カメラの設定を「互換性優先」にして撮りなおすか、"
        "JPEG にしてください"
    ),
    "UploadRefusal.not_a_photo": "写真ではないファイルです。JPEG、PNG、WebP の写真にしてください",
    "UploadRefusal.broken": (
        "写真のファイルがこわれているか、とちゅうで切れています。もう一度撮って、送ってください"
    ),
    "UploadRefusal.too_many_pixels": (
        "写真の画素数が多すぎます。カメラの設定で小さくするか、画面の写真にしてください"
    ),
    "UploadRefusal.too_small": "写真が小さすぎて読めません。書類全体を大きく撮ってください",
    "UploadRefusal.family_has_many": (
        "1つのご家庭で保存できる写真は 60枚までです。いらない写真を消してから送ってください"
    ),
}

HELPS: Helps = {}

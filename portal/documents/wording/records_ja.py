"""Why an answer of a child's record is not taken, as a parent reads it."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, Sentences

SENTENCES: Sentences = {
    "RecordRefusal.say_yes_or_no": "食物アレルギーが「ある」か「ない」かをえらんでください",
    "RecordRefusal.allergy_unnamed": "「ある」ときは、食べものと症状を書いてください",
    "RecordRefusal.allergy_named": (
        "食べものが書かれています。「ある」ですか。「ない」ときは、書いたことを消してください"
    ),
    "RecordRefusal.fits_untold": (
        "けいれんが「ある」ときは、さいごの日、熱、何分つづいたかを書いてください。"
        "分からないときは「分からない」と書いてください"
    ),
    "RecordRefusal.temperature_unlikely": (
        "「{label}」が、体温の数になっていません。36.7度 のように入れてください"
    ),
    "RecordRefusal.too_long": (
        "「{label}」は {limit:,}文字までです。いま {count:,}文字あります。短くしてください"
    ),
    "RecordRefusal.unshown_sign": (
        "「{label}」に、画面に出ない特別な文字が入っています。その文字を消してください"
    ),
    "RecordRefusal.day_unreadable": (
        "「{label}」の日が読めません。2026年5月1日 のように入れてください"
    ),
    "RecordRefusal.day_in_future": "「{label}」が、今日より後の日です。日をたしかめてください",
    "RecordRefusal.day_before_birth": (
        "「{label}」が、生まれた日（{born_on}）より前です。日をたしかめてください"
    ),
    "RecordRefusal.phone_unreadable": (
        "「{label}」は、市外局番から 10けたか 11けたの数字で入れてください（例：090-1234-5678）"
    ),
    "RecordRefusal.choice_unknown": "「{label}」を、もう一度えらんでください",
    "RecordRefusal.too_many_rows": (
        "「{label}」は {limit}件までです。いま {count}件あります。多い分を消してください"
    ),
    "RecordRefusal.row_without_name": "「{label}」も入れてください",
    "RecordRefusal.column_missing": "「{label}」も入れてください",
    "RecordRefusal.not_asked_yet": (
        "アレルギーの「ある・ない」を、まだ聞いていません。先に、アレルギーを書いてください"
    ),
    "RecordRefusal.received_in_future": (
        "受け付けた日時が、まだ来ていない時刻です。日と時刻をたしかめてください"
    ),
    "RecordRefusal.written_meanwhile": (
        "書いているあいだに、ほかの人がここを書き直しました。"
        "上の「いまの内容」を見て、よければもう一度保存してください"
    ),
}

HELPS: Helps = {}

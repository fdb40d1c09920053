"""Files of referrals as a body's own program or spreadsheet writes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from portal.consents.sharing import SHARING_VERSION
from portal.documents.csv_files import Encoding, csv_bytes
from portal.kernel import clock
from portal.referrals import file_columns as columns

TODAY = clock.today(clock.now())


def row(**changes: str) -> dict[str, str]:
    cells = {
        "管理番号": "K-1",
        "面談": "妊娠8か月ごろの面談",
        "面談の日": str(TODAY),
        "印をつけた日": f"{TODAY.year}/{TODAY.month}/{TODAY.day}",
        "保護者の名前": "髙橋 あかり",
        "お子さんとの関係": "母",
        "電話": "０９０−００００−２４６８",
        "住所": "みほん市中央1-2-3",
        "お子さん1の名前": "髙橋 そら",
        "お子さん1の生年月日": "R6.6.15",
        "お子さん2の出産予定日": str(TODAY + timedelta(days=60)),
        "お子さん3の出産予定日": str(TODAY + timedelta(days=60)),
        "疲れていること": "=夜に何度も起きます",
        "保護者の健康のこと": "血圧の薬",
        "紹介先": "ひなた 保育園",
        "急ぎ": "早めに",
        "同意1の日": str(TODAY),
        "同意1で伝えること": "お名前と電話番号、お子さんの名前と年齢、出産予定日、疲れていること",
        "同意1の期限": str(TODAY + timedelta(days=180)),
        "同意2の日": str(TODAY),
        "同意2の方法": "電話・メール",
        "同意2の時間": "平日の午前",
        "同意2の期限": str(TODAY + timedelta(days=5)),
        "文面の版": SHARING_VERSION,
        "同意の形": "署名のある紙",
        "書類の番号": "R8-12",
    }
    return {**cells, **changes}


def file_of(*rows: Mapping[str, str], encoding: Encoding = "utf-8-sig") -> bytes:
    header = columns.header(3)
    assert all(set(each) <= set(header) for each in rows)
    cells = [[each.get(name, "") for name in header] for each in rows]
    return csv_bytes(header, cells, encoding).data

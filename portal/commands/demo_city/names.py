"""Families of the demo that one may want to meet. Nobody is meant; numbers begin with 000."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from portal.commands.demo_city.people import Adult, Household, Kid
from portal.kernel.channel import Channel

#: Guardian, kana, relation, phone, and her children: name, kana, born (months before the start;
#: below zero an expected child).
_Written = tuple[str, str | None, str, str, tuple[tuple[str | None, str | None, int], ...]]

HOUSEHOLDS: Final[tuple[_Written, ...]] = (
    (
        "田中 みほ",
        "タナカ ミホ",
        "母",
        "000-1000-0001",
        (("田中 はな", "タナカ ハナ", 20), ("田中 そうた", "タナカ ソウタ", 52)),
    ),
    ("髙橋 由美", "タカハシ ユミ", "母", "000-1000-0002", (("髙橋 そら", "タカハシ ソラ", 30),)),
    ("𠮷田 健", "ヨシダ ケン", "父", "000-1000-0003", (("𠮷田 葵", "ヨシダ アオイ", 14),)),
    (
        "中村 さやか",
        "ナカムラ サヤカ",
        "母",
        "000-1000-0004",
        (("中村 つむぎ", "ナカムラ ツムギ", 17), ("中村 いつき", "ナカムラ イツキ", 44)),
    ),
    ("石田 まなみ", "イシダ マナミ", "母", "000-1000-0005", (("石田 ほのか", "イシダ ホノカ", 9),)),
    (
        "Nguyen Thi Lan",
        "グエン ティ ラン",
        "母",
        "000-1000-0006",
        (("Nguyen Minh", "グエン ミン", 39),),
    ),
    ("松田 りえ", "マツダ リエ", "母", "000-1000-0007", (("松田 あおい", "マツダ アオイ", 11),)),
    ("森 大輔", "モリ ダイスケ", "父", "000-1000-0008", (("森 ゆうと", "モリ ユウト", 62),)),
    (
        "小川 ちひろ",
        "オガワ チヒロ",
        "母",
        "000-1000-0009",
        (("小川 ひなた", "オガワ ヒナタ", 33),),
    ),
    ("木村 かおり", "キムラ カオリ", "母", "000-1000-0010", (("木村 れん", "キムラ レン", 10),)),
    (
        "佐々木 〆子",
        "ササキ シメコ",
        "祖母",
        "000-1000-0011",
        (("佐々木 みお", "ササキ ミオ", 26), ("佐々木 はると", "ササキ ハルト", 57)),
    ),
    ("渡邉 恵", "ワタナベ メグミ", "母", "000-1000-0012", (("渡邉 凛", "ワタナベ リン", 22),)),
    ("SUHARTINI", "スハルティニ", "母", "000-1000-0013", (("BUDI", "ブディ", 41),)),
    ("大野 悠", "オオノ ユウ", "父", "000-1000-0014", (("大野 めい", "オオノ メイ", 16),)),
    ("佐久間 あかね", "サクマ アカネ", "母", "000-1000-0015", ((None, None, -3),)),
    (
        "大沢 みなみ",
        "オオサワ ミナミ",
        "母",
        "000-1000-0016",
        (("大沢 こはる", "オオサワ コハル", 35),),
    ),
    (
        "髙﨑 𠮷男",
        "タカサキ ヨシオ",
        "父",
        "000-1000-0017",
        (("髙﨑 𠮷乃", "タカサキ ヨシノ", 29),),
    ),
    (
        "Juan Carlos de la Cruz Sánchez-González",
        "フアン カルロス デ ラ クルス サンチェス ゴンサレス",
        "父",
        "000-1000-0018",
        (("María del Carmen de la Cruz Yamamoto", "マリア デル カルメン", 24),),
    ),
    ("李 雪梅", None, "母", "000-1000-0019", (("李 子軒", None, 31), ("李 子涵", None, 31))),
    (
        "葛󠄀城 志津香",
        "カツラギ シヅカ",
        "母",
        "000-1000-0020",
        (
            ("葛󠄀城 一", "カツラギ ハジメ", 60),
            ("葛󠄀城 二葉", "カツラギ フタバ", 38),
            ("葛󠄀城 三", "カツラギ サン", 13),
            (None, None, -5),
        ),
    ),
)
#: Families that phone: no mail, no account.
CALLERS: Final[tuple[_Written, ...]] = (
    (
        "山本 一郎",
        "ヤマモト イチロウ",
        "父",
        "000-1000-0101",
        (("山本 さくら", "ヤマモト サクラ", 36),),
    ),
    (
        "加藤 ミサヲ",
        "カトウ ミサヲ",
        "祖母",
        "000-1000-0102",
        (("加藤 こうき", "カトウ コウキ", 48),),
    ),
    (
        "勅使河原 フジ",
        "テシガワラ フジ",
        "祖母",
        "000-1000-0103",
        (("勅使河原 権之助", "テシガワラ ゴンノスケ", 27),),
    ),
)
#: By family, for the board's first flag; the others have none.
ALLERGIES: Final = {
    "中村 つむぎ": "卵、乳（加熱したものも食べません）",
    "森 ゆうと": "落花生。エピペンを事務室にあずけます",
    "渡邉 凛": "小麦",
}
HABITS: Final = {
    "石田 ほのか": "抱っこで寝ます。ミルクは持っていきます。",
    "木村 れん": "ミルクは10時ごろ、200mLです。",
}
PICKUPS: Final = {"石田 まなみ": ("石田 和子", "祖母"), "田中 みほ": ("田中 光江", "祖母")}
#: The second guardian of a family; some live elsewhere and have an account of their own.
SECONDS: Final = {
    "田中 みほ": ("田中 大地", "タナカ ダイチ", "父", None),
    "大沢 みなみ": ("大沢 たける", "オオサワ タケル", "父", "takeru@demo.example"),
    "渡邉 恵": ("渡邉 誠", "ワタナベ マコト", "父", "makoto@demo.example"),
}
#: Phone and address of a second guardian who lives apart.
ELSEWHERE: Final[dict[str, tuple[str, str | None]]] = {
    "大沢 みなみ": ("000-2740-8316", "郡山市例示町4-12"),
    "渡邉 恵": ("000-3195-0427", "郡山市例示町9-3"),
}
#: Keys of families that have a door of the demo.
DOORS: Final = {"guardian": "田中 みほ", "expecting": "佐久間 あかね", "apart": "大沢 みなみ"}
SECOND_DOORS: Final = {"apart_father": "渡邉 恵", "kept_away": "大沢 みなみ"}
ASKS_FOR_PROTECTION, ASKS_FOR_CORRECTION = "木村 かおり", "小川 ちひろ"
PHONED: Final = "山本 一郎"


def households(today: date) -> Iterator[Household]:
    """Yield these families, numbered from 0, their children as old as they are on ``today``."""
    for number, written in enumerate((*HOUSEHOLDS, *CALLERS)):
        name, kana, relation, phone, children = written
        calls = number >= len(HOUSEHOLDS)
        adults = [Adult(name, kana, relation, phone)]
        mail = None
        if name in SECONDS:
            second, second_kana, second_relation, mail = SECONDS[name]
            there = ELSEWHERE.get(name, (phone.replace("1000", "1001"), None))
            adults.append(Adult(second, second_kana, second_relation, *there))
        yield Household(
            number=number,
            adults=tuple(adults),
            # Not all born on the day of the month on which the demo starts.
            kids=tuple(_kid(*child, today - timedelta(days=number * 5 % 27)) for child in children),
            channel=(Channel.PHONE, Channel.FAX, Channel.PHONE)[number % 3]
            if calls
            else Channel.WEB,
            mail=None if calls else f"family{number}@demo.example",
            second_mail=mail,
            works_on=frozenset({number % 5}) if number % 3 == 0 else frozenset(),
            pickup=PICKUPS.get(name),
        )


def _kid(name: str | None, kana: str | None, months: int, today: date) -> Kid:
    away = timedelta(days=round(abs(months) * 30.44))
    if months < 0:
        return Kid(None, None, None, due_on=today + away)
    return Kid(
        name,
        kana,
        today - away,
        allergies=ALLERGIES.get(name or "", ""),
        habits=HABITS.get(name or "", ""),
    )

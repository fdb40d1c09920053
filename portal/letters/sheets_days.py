"""Forms about days: visits, bookings. A change of one raises its version."""

from __future__ import annotations

from portal.letters.sheet_boxes import BORN, CALLER, NAME, VERSION
from portal.letters.sheet_choices import how_used
from portal.letters.sheet_parts import Box, Ink, Part, Sheet, Table

VISIT = Sheet(
    "visit",
    5,
    VERSION,
    "見学《けんがく》・面談《めんだん》 申込書《もうしこみしょ》",
    (
        CALLER,
        Part(
            "お子《こ》さん",
            table=Table("children", (NAME, BORN), 3),
            lead="これから生《う》まれるお子《こ》さんは、予定日《よていび》を書《か》いてください。",
        ),
        Part(
            "申《もう》し込《こ》むこと",
            (
                (
                    Box(
                        "何《なに》を",
                        ink=Ink.TICKS,
                        options=(
                            ("tour", "園《えん》の見学《けんがく》"),
                            ("interview", "面談《めんだん》"),
                            ("consultation", "子育《こそだ》ての相談《そうだん》"),
                            ("prenatal", "生《う》まれる前《まえ》の体験《たいけん》"),
                        ),
                    ),
                ),
                (Box("来《く》る人数《にんずう》（おとな・お子《こ》さん）"),),
            ),
        ),
        Part(
            "来《き》たい日《ひ》",
            table=Table(
                "wishes",
                (
                    Box("日《ひ》", ink=Ink.DATE),
                    Box("時間《じかん》", ink=Ink.SPAN, width=42),
                ),
                3,
                ("第《だい》1", "第《だい》2", "第《だい》3"),
            ),
        ),
        Part(
            "聞《き》きたいこと・伝《つた》えたいこと",
            ((Box("自由《じゆう》に", lines=2),),),
        ),
    ),
    "上《うえ》のとおり、申《もう》し込《こ》みます。",
)

DAYS = Table(
    "wishes",
    (
        Box("日《ひ》", ink=Ink.DATE),
        Box("時間《じかん》", ink=Ink.SPAN, width=42),
    ),
    4,
    ("1", "2", "3", "4"),
)

_NUMBER = Box("予約《よやく》の受付番号《うけつけばんごう》（分《わ》かるとき）")

BOOKING = Sheet(
    "booking",
    6,
    "第3版（2026年11月）",
    "一時預《いちじあず》かり 予約申込書《よやくもうしこみしょ》",
    (
        CALLER,
        Part("お子《こ》さん", table=Table("children", (NAME, BORN), 2)),
        Part(
            "使《つか》いたい日《ひ》と時間《じかん》",
            (
                (
                    Box(
                        "日《ひ》のえらび方《かた》",
                        ink=Ink.TICKS,
                        options=(
                            ("all", "ぜんぶの日《ひ》を使《つか》いたい"),
                            ("one", "どれか1日《にち》でよい（上《うえ》から順《じゅん》に）"),
                        ),
                    ),
                ),
            ),
            DAYS,
        ),
        how_used(None),
        Part(
            "園《えん》からの返事《へんじ》（園《えん》が書《か》きます）",
            (
                (
                    Box(
                        "返事《へんじ》",
                        ink=Ink.TICKS,
                        options=(
                            ("booked", "予約《よやく》できました"),
                            ("full", "空《あ》きがありません"),
                            ("call", "電話《でんわ》をください"),
                        ),
                    ),
                ),
                (
                    Box("予約《よやく》した日《ひ》・時間《じかん》"),
                    Box("受付番号《うけつけばんごう》・料金《りょうきん》"),
                ),
            ),
        ),
    ),
    "上《うえ》のとおり、予約《よやく》を申《もう》し込《こ》みます。",
    offers_choices=True,
)

CHANGE = Sheet(
    "change",
    7,
    VERSION,
    "予約《よやく》の変更《へんこう》・取《と》り消《け》しの届《とどけ》",
    (
        CALLER,
        Part(
            "いまの予約《よやく》",
            (
                (_NUMBER, Box("お子《こ》さんの名前《なまえ》")),
                (Box("日《ひ》", ink=Ink.DATE),),
                (Box("時間《じかん》", ink=Ink.SPAN),),
            ),
        ),
        Part(
            "どうしますか",
            (
                (
                    Box(
                        "すること",
                        ink=Ink.TICKS,
                        options=(
                            ("change", "日時《にちじ》を変《か》える"),
                            ("cancel", "取《と》り消《け》す"),
                            ("some", "一部《いちぶ》のお子《こ》さんだけ取《と》り消《け》す"),
                        ),
                    ),
                ),
                (Box("新《あたら》しい日《ひ》", ink=Ink.DATE),),
                (Box("新《あたら》しい時間《じかん》", ink=Ink.SPAN),),
                (Box("取《と》り消《け》すお子《こ》さんの名前《なまえ》"),),
                (Box("わけ（書《か》かなくてもかまいません）", lines=2),),
            ),
            lead="取《と》り消《け》しに料金《りょうきん》がかかるかは、園《えん》が受《う》けとった"
            "時刻《じこく》で決《き》まります。急《いそ》ぐときは、電話《でんわ》もしてください。",
        ),
    ),
    "上《うえ》のとおり届《とど》けます。",
)

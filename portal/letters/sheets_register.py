"""Forms about the registration. A change of one raises its version."""

from __future__ import annotations

from portal.letters.sheet_boxes import (
    BORN,
    CALLER,
    CHILDREN,
    GUARDIAN,
    NAME,
    PURPOSES,
    REPLY,
    VERSION,
)
from portal.letters.sheet_parts import Box, Ink, Part, Sheet, Table

APPLICATION = Sheet(
    "application",
    1,
    VERSION,
    "事前登録《じぜんとうろく》 申込書《もうしこみしょ》",
    (
        GUARDIAN,
        Part(
            "お子《こ》さん（きょうだいは、いっしょに申《もう》し込《こ》めます）",
            lead="体《からだ》のことは、FAX に書《か》かないでください。"
            "電話《でんわ》で聞《き》きます。",
            table=Table(
                "children",
                (
                    Box("ふりがな", "kana", width=22),
                    Box("名前《なまえ》", "name"),
                    Box(
                        "生年月日《せいねんがっぴ》・予定日《よていび》",
                        "born",
                        Ink.BIRTHDAY,
                        width=32,
                    ),
                ),
                3,
            ),
        ),
        Part(
            "使《つか》い方《かた》",
            (
                (Box("使《つか》う理由《りゆう》", ink=Ink.TICKS, options=PURPOSES),),
                (
                    Box("使《つか》いはじめたい日《ひ》", ink=Ink.DATE),
                    Box("週《しゅう》に何日《なんにち》、何時間《なんじかん》"),
                ),
                (
                    Box(
                        "見学《けんがく》・面談《めんだん》",
                        ink=Ink.TICKS,
                        options=(
                            ("wish", "したい"),
                            ("done", "もうした"),
                            ("ask", "聞《き》いてから決《き》める"),
                        ),
                    ),
                ),
                (Box("ほかに使《つか》っている園《えん》"),),
            ),
        ),
        Part(
            "返事《へんじ》と、園《えん》に伝《つた》えたいこと",
            (
                (
                    Box(
                        "返事《へんじ》を受《う》けとる方法《ほうほう》",
                        ink=Ink.TICKS,
                        options=REPLY,
                    ),
                ),
                (
                    Box("FAX の番号《ばんごう》"),
                    Box("電話《でんわ》がつながる時間《じかん》"),
                ),
                (Box("伝《つた》えたいこと", lines=2),),
            ),
        ),
    ),
    "上《うえ》のとおり、事前登録《じぜんとうろく》を申《もう》し込《こ》みます。",
)

PICKUP = Sheet(
    "pickup",
    3,
    VERSION,
    "お迎《むか》えの人《ひと》の届《とどけ》",
    (
        CALLER,
        CHILDREN,
        Part(
            "お迎《むか》えに来《く》る人《ひと》（保護者《ほごしゃ》のほか）",
            table=Table(
                "pickups",
                (
                    Box("名前《なまえ》", "name"),
                    Box("お子《こ》さんとの関係《かんけい》", "relation", width=22),
                    Box("電話《でんわ》", "phone", width=25),
                    Box(
                        "写真《しゃしん》",
                        ink=Ink.TICKS,
                        options=(("given", "渡《わた》した"),),
                        width=17,
                    ),
                ),
                5,
            ),
            lead="登録《とうろく》した人《ひと》のほかには、お子《こ》さんを渡《わた》しません。"
            "はじめて来《く》る日《ひ》は、顔写真《かおじゃしん》のある証明書《しょうめいしょ》を"
            "見《み》せてください。",
        ),
        Part(
            "もう迎《むか》えに来《こ》ない人《ひと》",
            ((Box("名前《なまえ》", lines=2),),),
        ),
    ),
    "お迎《むか》えの人《ひと》を、上《うえ》のとおり届《とど》けます。",
)

RENEWAL = Sheet(
    "renewal",
    10,
    VERSION,
    "事前登録《じぜんとうろく》の更新届《こうしんとどけ》",
    (
        GUARDIAN,
        Part(
            "つづけて使《つか》うお子《こ》さん",
            table=Table(
                "children",
                (
                    NAME,
                    BORN,
                    Box(
                        "つづけて",
                        ink=Ink.TICKS,
                        options=(("yes", "使《つか》う"), ("no", "使《つか》わない")),
                        width=30,
                    ),
                ),
                4,
            ),
        ),
        Part(
            "変《か》わったこと",
            (
                (
                    Box(
                        "体《からだ》のこと・アレルギー",
                        ink=Ink.TICKS,
                        options=(
                            ("same", "変《か》わらない"),
                            ("changed", "変《か》わった（児童票《じどうひょう》に書《か》きます）"),
                        ),
                    ),
                ),
                (
                    Box(
                        "お迎《むか》えの人《ひと》",
                        ink=Ink.TICKS,
                        options=(
                            ("same", "変《か》わらない"),
                            ("changed", "変《か》わった（届《とどけ》に書《か》きます）"),
                        ),
                    ),
                ),
                (Box("仕事先《しごとさき》・緊急《きんきゅう》の電話《でんわ》など", lines=3),),
            ),
        ),
    ),
    "いまの期限《きげん》のあとも、つづけて登録《とうろく》します。",
)

WITHDRAWAL = Sheet(
    "withdrawal",
    8,
    VERSION,
    "事前登録《じぜんとうろく》の取《と》り下《さ》げ届《とどけ》",
    (
        CALLER,
        CHILDREN,
        Part(
            "取《と》り下《さ》げること",
            (
                (
                    Box(
                        "何《なに》を",
                        ink=Ink.TICKS,
                        options=(
                            ("all", "全員《ぜんいん》の事前登録《じぜんとうろく》"),
                            ("some", "下《した》に書《か》いたお子《こ》さんだけ"),
                        ),
                    ),
                ),
                (Box("お子《こ》さんの名前《なまえ》"), Box("いつから", ink=Ink.DATE)),
                (
                    Box(
                        "これからの予約《よやく》",
                        ink=Ink.TICKS,
                        options=(
                            ("cancel", "取《と》り消《け》す"),
                            ("keep", "使《つか》う"),
                            ("none", "ない"),
                        ),
                    ),
                ),
                (
                    Box(
                        "園《えん》からの連絡《れんらく》",
                        ink=Ink.TICKS,
                        options=(("stop", "もういらない"), ("go_on", "つづけてよい")),
                    ),
                ),
            ),
            lead="理由《りゆう》は、書《か》かなくてかまいません。また使《つか》いたくなったら、"
            "いつでも申《もう》し込《こ》めます。",
        ),
    ),
    "上《うえ》のとおり、取《と》り下《さ》げます。",
)

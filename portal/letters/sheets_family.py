"""Forms about the family and about what both sides agree to."""

from __future__ import annotations

from portal.letters.sheet_boxes import CALLER, CHILDREN, VERSION
from portal.letters.sheet_parts import Box, Ink, Part, Sheet, Table

FAMILY = Sheet(
    "family",
    9,
    VERSION,
    "ご家庭《かてい》のことの届《とどけ》（出産《しゅっさん》・住所《じゅうしょ》・返事《へんじ》）",
    (
        CALLER,
        Part(
            "生《う》まれたお子《こ》さん・生《う》まれる予定《よてい》のお子《こ》さん",
            table=Table(
                "newborn",
                (
                    Box("ふりがな", width=24),
                    Box("名前《なまえ》"),
                    Box("生《う》まれた日《ひ》・予定日《よていび》", ink=Ink.DATE, width=34),
                ),
                2,
            ),
        ),
        Part(
            "予定《よてい》が変《か》わったとき",
            (
                (
                    Box(
                        "連絡《れんらく》",
                        ink=Ink.TICKS,
                        options=(
                            (
                                "stop",
                                "出産《しゅっさん》の予定《よてい》についての連絡《れんらく》は、もういりません",
                            ),
                        ),
                    ),
                ),
            ),
        ),
        Part(
            "変《か》わったこと",
            (
                (Box("新《あたら》しい住所《じゅうしょ》", lines=2),),
                (
                    Box("新《あたら》しい電話《でんわ》"),
                    Box("新《あたら》しい名前《なまえ》"),
                ),
                (
                    Box("もう一人《ひとり》の保護者《ほごしゃ》の名前《なまえ》"),
                    Box("電話《でんわ》・お子《こ》さんとの関係《かんけい》"),
                ),
            ),
        ),
        Part(
            "園《えん》からの質問《しつもん》への答《こた》え・伝《つた》えたいこと",
            ((Box("自由《じゆう》に", lines=5),),),
        ),
    ),
    "上《うえ》のとおり届《とど》けます。",
)

AGREEMENT = Sheet(
    "agreement",
    11,
    VERSION,
    "おたがいの確認書《かくにんしょ》",
    (
        CALLER,
        CHILDREN,
        Part(
            "園《えん》がご家庭《かてい》に伝《つた》えたこと",
            (
                (
                    Box(
                        "聞《き》いたこと",
                        ink=Ink.TICKS,
                        options=(
                            ("hours", "預《あず》かる日《ひ》と時間《じかん》"),
                            ("fee", "料金《りょうきん》と取《と》り消《け》しの決《き》まり"),
                            ("items", "持《も》ちもの・食事《しょくじ》"),
                            ("ill", "熱《ねつ》やけがのときの連絡《れんらく》"),
                            ("pickup", "お迎《むか》えの決《き》まり"),
                        ),
                    ),
                ),
                (Box("承諾《しょうだく》の条件《じょうけん》・約束《やくそく》", lines=3),),
            ),
        ),
        Part(
            "ご家庭《かてい》が園《えん》に伝《つた》えたこと",
            ((Box("気《き》をつけてほしいこと", lines=3),),),
        ),
        Part(
            "園《えん》の確認《かくにん》（園《えん》が書《か》きます）",
            (
                (
                    Box("登録《とうろく》の期限《きげん》", ink=Ink.DATE),
                    Box("担当者《たんとうしゃ》の名前《なまえ》"),
                ),
            ),
        ),
    ),
    "上《うえ》のことを聞《き》き、分《わ》かりました。園《えん》に伝《つた》えたことも、まちがいありません。",
)

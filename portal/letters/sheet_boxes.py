"""Boxes and parts that several forms have."""

from __future__ import annotations

from portal.letters.sheet_parts import Box, Ink, Part, Table

VERSION = "第1版（2026年11月）"

PURPOSES = (
    ("private", "休《やす》みたい・用事《ようじ》"),
    ("work", "仕事《しごと》・学校《がっこう》"),
    ("urgent", "通院《つういん》・出産《しゅっさん》・介護《かいご》など"),
)
REPLY = (
    ("phone", "電話《でんわ》"),
    ("post", "郵便《ゆうびん》"),
    ("fax", "FAX"),
    ("counter", "園《えん》で受《う》けとる"),
)

GUARDIAN = Part(
    "保護者《ほごしゃ》",
    (
        (
            Box("ふりがな", "guardian.kana"),
            Box("お子《こ》さんとの関係《かんけい》", "guardian.relation"),
        ),
        (Box("名前《なまえ》", "guardian.name"), Box("電話《でんわ》", "guardian.phone")),
        (Box("住所《じゅうしょ》", "guardian.address", lines=2),),
    ),
)
CALLER = Part(
    "保護者《ほごしゃ》",
    (
        (Box("名前《なまえ》", "guardian.name"), Box("電話《でんわ》", "guardian.phone")),
        (Box("返事《へんじ》を受《う》けとる方法《ほうほう》", ink=Ink.TICKS, options=REPLY),),
        (
            Box("FAX の番号《ばんごう》"),
            Box("電話《でんわ》がつながる時間《じかん》"),
        ),
    ),
)
NAME = Box("お子《こ》さんの名前《なまえ》", "name")
BORN = Box("生年月日《せいねんがっぴ》", "born", Ink.BIRTHDAY, width=34)
CHILDREN = Part("お子《こ》さん", table=Table("children", (NAME, BORN), 3))

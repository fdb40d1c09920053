"""The kinds of rules, G1 to G29: what each is called and where it stands in a document."""

from __future__ import annotations

from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of rule.

    ``fields``: the parts of a document that say it; none where something else does, which ``words``
    then tells.
    """

    number: str
    title: str
    fields: tuple[str, ...]
    words: str


KINDS: tuple[Kind, ...] = (
    Kind("G1", "事業", ("programme",), "この文書が、どの事業のきまりか。"),
    Kind("G2", "年齢", ("age",), "何歳から、何歳まで使えるか。"),
    Kind(
        "G3",
        "体調や発達についての問い",
        ("gates",),
        "家庭にたずねる「はい・いいえ」の問いと、預かれる返事。",
    ),
    Kind(
        "G4",
        "住まいと在籍",
        ("residence", "enrolment"),
        "どこに住む方が使えるか。ほかの園などに在籍しているお子さんも使えるか。",
    ),
    Kind("G5", "利用の理由と書類", ("purposes",), "どんな理由で使え、どの書類がいるか。"),
    Kind("G6", "利用の上限", ("caps",), "1週間・1か月・1年などに、どれだけ使えるか。"),
    Kind("G7", "予約できる期間", ("booking_window",), "いつから、いつまで予約できるか。"),
    Kind("G8", "決め方", ("allocation",), "申し込みが重なったとき、だれに決めるか。"),
    Kind("G9", "申し込みの方法", ("channels",), "ウェブ・電話・窓口など、どの方法で申し込めるか。"),
    Kind("G10", "キャンセル待ち", ("waitlist",), "空きを待つ方に、どう知らせるか。"),
    Kind("G11", "取り消し", ("cancel",), "いつまで無料で取り消せ、そのあといくらかかるか。"),
    Kind("G12", "連絡のないお休み", ("no_show",), "連絡なしに来なかったとき、どうなるか。"),
    Kind("G13", "開いている日と時間", ("hours",), "何曜日の何時から何時まで開き、いつ休むか。"),
    Kind("G14", "預かりの時間の形", ("units",), "どの時刻から、どの長さで預かるか。"),
    Kind("G15", "定員", ("capacity",), "一度に何人まで預かるか。"),
    Kind("G16", "料金", ("fee",), "いくらかかるか。"),
    Kind(
        "G17",
        "減免と利用券",
        (),
        "料金の減免・割引・利用券は、fee の中（siblings・reductions・coupons）に書きます。",
    ),
    Kind("G18", "支払い", ("payment",), "いつ、どうやって払うか。"),
    Kind(
        "G19",
        "登録",
        ("registration", "application"),
        "使う前の登録。いつまで使え、何を出すか。",
    ),
    Kind("G20", "見学・面談・ならし預かり", ("steps",), "はじめて使う前にすること。"),
    Kind("G21", "きょうだい", ("siblings",), "きょうだいでいっしょに申し込むとき。"),
    Kind("G22", "児童票", ("child_sheet", "record"), "お子さんについて何を書き、いつ確かめるか。"),
    Kind("G23", "利用の当日", ("day_of_use",), "健康の確認、持ち物、遅れるときの連絡など。"),
    Kind("G24", "空きの表示", ("display",), "空きぐあいを、どんな記号と数で見せるか。"),
    Kind("G25", "定期の利用", ("regular",), "決まった曜日に続けて使うとき。"),
    Kind(
        "G26",
        "特別に認めること",
        ("exceptions",),
        "施設長や市区町村が、きまりの外でも認められること。",
    ),
    Kind("G27", "園が断れること", ("discretion",), "人手・行事・流行などで、園が断れるとき。"),
    Kind("G28", "園や市区町村が出す書類", ("papers",), "登録証・決定通知・領収書などの書類。"),
    Kind(
        "G29",
        "いつからのきまりか",
        (),
        "この文書の中には書きません。公開するときに「いつから」を決めます。"
        "予約は、予約したときのきまりのまま変わりません。",
    ),
)

#: Parts that belong to no kind: the document itself.
OF_THE_DOCUMENT = ("format", "title", "texts", "variants")
TITLES_OF_THE_DOCUMENT = {"texts": "園の言葉", "variants": "場合によって違うきまり"}


def kind_of(field: str) -> Kind | None:
    """Return the kind that a part of a document belongs to; None for the document itself."""
    return next((kind for kind in KINDS if field in kind.fields), None)

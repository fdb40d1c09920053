"""What is asked for a child's record: sections, labels and kinds as data.

Pages, the card, blank forms and the comparison with last time are all made from these. Labels are
Japanese here; whoever shows one passes it through the catalogue (``|translated``).
"""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.families.record_parts import Kind, Question, Section

YES, NO = "yes", "no"
EATEN, NOT_YET, FORBIDDEN = "eaten", "not_yet", "forbidden"
DONE, OPEN = "done", "open"
#: More rows than anybody needs: what comes above is a mistake, or not meant for a nursery.
MOST_FOODS, MOST_DOSES, MOST_TIMES, MOST_CONTACTS = 40, 60, 24, 6

_THERE = ((NO, _("ない")), (YES, _("ある")))
_FOODS = (
    *(_("卵"), _("牛乳・乳製品"), _("小麦"), _("大豆"), _("魚"), _("えび・かに"), _("いくら")),
    *(_("落花生（ピーナッツ）"), _("くるみ・ナッツ"), _("そば"), _("ごま"), _("くだもの"), _("肉")),
)
#: *Source:* 予防接種法施行令 and the schedule of 日本小児科学会, vaccines up to school age.
_DOSES = (
    *(_("B型肝炎 1回目"), _("B型肝炎 2回目"), _("B型肝炎 3回目")),
    *(_("ロタ 1回目"), _("ロタ 2回目"), _("ロタ 3回目")),
    *(_("小児用肺炎球菌 1回目"), _("小児用肺炎球菌 2回目")),
    *(_("小児用肺炎球菌 3回目"), _("小児用肺炎球菌 4回目")),
    *(_("五種（四種）混合 1回目"), _("五種（四種）混合 2回目")),
    *(_("五種（四種）混合 3回目"), _("五種（四種）混合 4回目")),
    _("BCG"),
    *(_("MR（麻しん・風しん）1回目"), _("MR（麻しん・風しん）2回目")),
    *(_("水ぼうそう 1回目"), _("水ぼうそう 2回目")),
    *(_("おたふくかぜ 1回目"), _("おたふくかぜ 2回目")),
    *(_("日本脳炎 1回目"), _("日本脳炎 2回目"), _("日本脳炎 3回目")),
    _("インフルエンザ（この冬）"),
)

ALLERGIES = Section(
    "allergies",
    _("アレルギー"),
    (
        Question(
            "has_allergies",
            _("食物アレルギーはありますか"),
            Kind.CHOICE,
            choices=((YES, _("ある")), (NO, _("ない"))),
            is_required=True,
        ),
        Question(
            "allergies",
            _("食べもの・出た症状"),
            Kind.TEXT,
            _("「ある」とき。例：卵。食べて20分後に、口のまわりが赤くなりました。"),
        ),
        Question("what_to_do", _("症状が出たときに、すること"), Kind.TEXT),
        Question(
            "kept_medicine",
            _("園に預ける薬"),
            hint=_("例：エピペン。かばんの内側のポケット。"),
        ),
        Question(
            "doctors_sheet",
            _("医師に書いてもらった紙（生活管理指導表）"),
            Kind.CHOICE,
            choices=_THERE,
        ),
        Question("other_allergies", _("食べもののほかのアレルギー"), hint=_("例：薬、動物、はち")),
        Question(
            "foods",
            _("食べたことがあるもの"),
            Kind.TABLE,
            _("分かるものだけで大丈夫です。食べたことがないものは、園では出しません。"),
            columns=(
                Question("food", _("食べもの")),
                Question(
                    "state",
                    _("ようす"),
                    Kind.CHOICE,
                    choices=(
                        (EATEN, _("食べた")),
                        (NOT_YET, _("まだ食べていない")),
                        (FORBIDDEN, _("食べてはいけない")),
                    ),
                ),
                Question("reaction", _("出た症状")),
            ),
            rows=_FOODS,
            most=MOST_FOODS,
            is_folded=True,
        ),
    ),
)

HEALTH = Section(
    "health",
    _("体のこと"),
    (
        Question("conditions", _("病気・けいれん・毎日飲んでいる薬"), Kind.TEXT, is_old=True),
        Question(
            "sex",
            _("性別"),
            Kind.CHOICE,
            choices=(("boy", _("男")), ("girl", _("女")), ("unsaid", _("答えない"))),
        ),
        Question(
            "illnesses", _("これまでの大きな病気・けが・手術"), Kind.TEXT, _("例：1歳のとき川崎病")
        ),
        Question("fits", _("けいれん（ひきつけ）"), Kind.CHOICE, choices=_THERE),
        Question("fits_note", _("けいれんが「ある」とき：さいごの日、熱、何分"), Kind.LINE),
        Question(
            "medicine",
            _("毎日飲んでいる薬"),
            Kind.TEXT,
            _("園で薬を飲ませることは、原則としてできません。"),
        ),
        Question("temperature", _("平熱（ふだんの体温）"), hint=_("例：36.7度")),
        Question("doctor", _("かかりつけの医院")),
        Question("doctor_phone", _("医院の電話番号"), Kind.PHONE),
        Question("checked_on", _("さいごの健診の日"), Kind.DAY),
        Question("checked_note", _("健診で言われたこと")),
    ),
)

VACCINATIONS = Section(
    "vaccinations",
    _("予防接種"),
    (
        Question(
            "doses",
            _("予防接種の記録"),
            Kind.TABLE,
            columns=(
                Question("vaccine", _("予防接種の名前")),
                Question(
                    "state",
                    _("ようす"),
                    Kind.CHOICE,
                    choices=((DONE, _("すんだ")), (OPEN, _("まだ"))),
                ),
                Question("day", _("受けた日"), Kind.DAY),
            ),
            rows=_DOSES,
            most=MOST_DOSES,
        ),
    ),
    _("母子手帳を見ながら、分かるところだけ入れてください。"),
)

FEEDING = Section(
    "feeding",
    _("食事"),
    (
        Question(
            "milk",
            _("母乳・ミルク"),
            Kind.CHOICE,
            choices=(
                ("breast", _("母乳")),
                ("formula", _("ミルク")),
                ("both", _("母乳とミルク")),
                ("none", _("もう飲んでいない")),
            ),
        ),
        Question("milk_amount", _("1回の量と、時刻"), hint=_("例：160mlを10時・14時・18時")),
        Question("milk_kind", _("ミルクと哺乳びんの種類")),
        Question(
            "weaning",
            _("離乳食の段階"),
            Kind.CHOICE,
            choices=(
                ("not_begun", _("まだ始めていない")),
                ("early", _("初期（なめらか）")),
                ("middle", _("中期（舌でつぶせる）")),
                ("late", _("後期（歯ぐきでかめる）")),
                ("done", _("完了・大人に近いもの")),
            ),
        ),
        Question("amount", _("食べる量と、食べ方"), hint=_("例：子ども茶わん1杯。スプーンを使う")),
        Question("likes", _("好きなもの・きらいなもの")),
    ),
)

SLEEP = Section(
    "sleep",
    _("ねむり"),
    (
        Question("nap_times", _("昼ねの時刻と長さ"), hint=_("例：12時半から2時間")),
        Question(
            "nap_how", _("ねかせ方"), Kind.TEXT, _("例：背中をとんとんする。うつぶせにしない")
        ),
        Question("night", _("夜ねる時刻・朝おきる時刻")),
    ),
)

TOILET = Section(
    "toilet",
    _("トイレ"),
    (
        Question(
            "stage",
            _("おむつ・トイレ"),
            Kind.CHOICE,
            choices=(
                ("nappies", _("おむつ")),
                ("training", _("練習中")),
                ("alone", _("一人でできる")),
            ),
        ),
        Question("signs", _("知らせ方、声をかける時")),
    ),
)

HABITS = Section(
    "habits",
    _("好きな遊び・くせ"),
    (
        Question("called", _("ふだんの呼び名"), hint=_("例：はるちゃん")),
        Question(
            "habits",
            _("食事・ねむり・トイレ・泣いたときの落ち着かせ方"),
            Kind.TEXT,
            is_old=True,
        ),
        Question("calm", _("泣いたときの落ち着かせ方"), Kind.TEXT, _("例：だっこして外を見せる")),
        Question("play", _("好きな遊び")),
        Question("ways", _("くせ・こわがるもの")),
    ),
)

DAY = Section(
    "day",
    _("ふだんの1日"),
    (
        Question(
            "times",
            _("ふだんの1日のすごし方"),
            Kind.TABLE,
            columns=(
                Question("time", _("時刻"), hint=_("例：7時")),
                Question("what", _("すること"), hint=_("例：朝ごはん")),
            ),
            most=MOST_TIMES,
        ),
    ),
)

CONTACTS = Section(
    "contacts",
    _("緊急の連絡先"),
    (
        Question(
            "contacts",
            _("電話をかける順"),
            Kind.TABLE,
            columns=(
                Question("name", _("お名前")),
                Question("relation", _("お子さんとの関係")),
                Question("phone", _("電話番号"), Kind.PHONE, is_required=True),
                Question("when", _("つながる時間・仕事先")),
            ),
            most=MOST_CONTACTS,
        ),
    ),
    _("熱が出たとき、園は上から順に電話します。"),
)

DEVELOPMENT = Section(
    "development",
    _("発達・支援"),
    (
        Question("development", _("発達で気になること、医師に言われたこと"), Kind.TEXT),
        Question("support", _("必要な手助け"), Kind.TEXT),
        Question("notebook", _("手帳（療育手帳など）")),
        Question(
            "services", _("ほかに使っている所"), Kind.TEXT, _("例：児童発達支援、病児保育、療育")
        ),
    ),
    _("園長だけが読みます。その日の職員に伝えてほしいことは「ほかのこと」に書いてください。"),
    is_closed=True,
)

INSURANCE = Section(
    "insurance",
    _("保険証・医療証"),
    (
        Question("insurance", _("健康保険の記号・番号"), Kind.NUMBER),
        Question("medical", _("医療証（子どもの医療費）の番号"), Kind.NUMBER),
        Question(
            "tax",
            _("住民税の区分（料金が安くなることがあります）"),
            Kind.CHOICE,
            choices=(
                ("welfare", _("生活保護を受けている")),
                ("exempt", _("住民税がかからない")),
                ("taxed", _("住民税がかかる")),
                ("unsaid", _("答えない")),
            ),
        ),
    ),
    _("書かなくても利用できます。番号は、さいごの4文字だけを画面に出します。"),
    is_closed=True,
)

OTHER = Section(
    "other",
    _("ほかのこと"),
    (Question("notes", _("ほかに知っておいてほしいこと"), Kind.TEXT),),
)

SECTIONS: tuple[Section, ...] = (
    *(ALLERGIES, HEALTH, CONTACTS, VACCINATIONS, FEEDING, SLEEP, TOILET, HABITS, DAY),
    *(DEVELOPMENT, INSURANCE, OTHER),
)
BY_KEY = {section.key: section for section in SECTIONS}
#: Where a text of a record from before there were sections now stands: section by its question.
EARLIER = {
    "allergies": ALLERGIES.key,
    "conditions": HEALTH.key,
    "habits": HABITS.key,
    "notes": OTHER.key,
}


def blank_form() -> tuple[Section, ...]:
    """Return what a blank paper form asks, in its order: sections, labels, kinds, rows."""
    return tuple(
        Section(
            section.key,
            section.title,
            tuple(each for each in section.questions if not each.is_old),
            section.lead,
            section.is_closed,
        )
        for section in SECTIONS
    )

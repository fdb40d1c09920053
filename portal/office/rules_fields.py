"""The fields of a rules document, in the words of a director. Typed text stays as typed.

Numbers and times are text here: what is wrong with them is found by the document itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput, ListWidget

from portal.documents.i18n import gettext as _
from portal.office.rules_application import ApplicationFields
from portal.office.rules_caps import CapsFields
from portal.office.rules_record import RecordFields
from portal.office.rules_registration import RegistrationFields
from portal.web.fields import DateParts

#: Rows of age bands, blocks and items per use. A document with more goes by file.
ROWS = 6
Choices = Sequence[tuple[str, str]]

SHIFTS: Choices = (
    ("none", "そのまま"),
    ("next", "次の開いている日にする"),
    ("previous", "前の開いている日にする"),
)
COUNTINGS: Choices = (("calendar", "お休みの日も数える"), ("open", "お休みの日は数えない"))


def _offered(choices: Choices) -> list[SelectChoice]:
    return [SelectChoice(value, words) for value, words in choices]


def _pick(label: str, choices: Choices, default: str = "") -> SelectField:
    return SelectField(label, choices=_offered(choices), default=default)


def _radio(label: str, choices: Choices, default: str) -> RadioField:
    return RadioField(label, choices=_offered(choices), default=default)


def _number(label: str) -> StringField:
    return StringField(label, render_kw={"inputmode": "numeric", "autocomplete": "off"})


def _clock(label: str) -> StringField:
    return StringField(label, render_kw={"autocomplete": "off"})


def _words(label: str) -> TextAreaField:
    return TextAreaField(label)


class _RulesForm(ApplicationFields, RegistrationFields, RecordFields, CapsFields):
    #: Every kind, or part of one, that has no field, as TOML.
    rest = TextAreaField("くわしいきまり", render_kw={"spellcheck": "false", "autocomplete": "off"})
    title = StringField("きまりの名前", render_kw={"autocomplete": "off"})

    age_min_unit = _pick(
        "何歳から（数え方）",
        (
            ("", "決めない"),
            ("months", "か月から"),
            ("years", "歳から"),
            ("days", "日から（生後の日数）"),
            ("class_age", "歳児クラスから"),
        ),
    )
    age_min = _number("何歳から（数）")
    age_max_unit = _pick(
        "何歳まで（数え方）",
        (
            ("", "決めない"),
            ("school_entry", "小学校に入る前まで"),
            ("class_age", "歳児クラスまで"),
            ("months", "か月になる前まで"),
            ("years", "歳になる前まで"),
            ("days", "日になる前まで（生後の日数）"),
        ),
    )
    age_max = _number("何歳まで（数）")
    age_reference = _pick(
        "いつの年齢で見るか",
        (
            ("day_of_use", "利用する日"),
            ("first_of_month", "利用する月の1日"),
            ("fiscal_year_start", "年度の初め（4月1日）"),
            ("day_before_fiscal_year", "前の年度の終わり（3月31日）"),
        ),
        "day_of_use",
    )
    age_reading = _pick(
        "月齢の数え方",
        (
            ("birthday", "誕生日と同じ日に数える"),
            ("day_before", "誕生日の前の日に数える（法律の数え方）"),
        ),
        "birthday",
    )

    registration = BooleanField("はじめての利用の前に、事前登録がいる")
    lead_days = _number("登録から利用までの日数")

    opens_kind = _radio(
        "いつから予約できるか",
        (
            ("always", "いつでも"),
            ("monthly", "毎月きまった日に、1か月分"),
            ("half_month", "毎月1日と16日に、半月分"),
            ("months", "利用日の○か月前から、1日ずつ"),
            ("days", "利用日の○日前から、1日ずつ"),
        ),
        "months",
    )
    opens_months_before = _pick(
        "どの月に",
        (("0", "その月"), ("1", "前の月"), ("2", "2か月前の月"), ("3", "3か月前の月")),
        "1",
    )
    opens_day = _pick(
        "何日に", (*((str(n), f"{n}日") for n in range(1, 29)), ("last", "月の最後の日")), "1"
    )
    opens_number = _number("何か月前・何日前")
    opens_at = _clock("受付を始める時刻")
    opens_shift = _pick("その日がお休みのとき", SHIFTS, "none")
    opens_missing = _pick(
        "31日など、その日がない月は",
        (("last_day", "月の最後の日にする"), ("first_of_next_month", "次の月の1日にする")),
        "last_day",
    )
    closes_days = _number("予約のしめきり（何日前）")
    closes_at = _clock("しめきりの時刻")
    closes_counting = _pick("しめきりまでの日の数え方", COUNTINGS, "calendar")
    closes_shift = _pick("しめきりの日がお休みのとき", SHIFTS, "none")
    notice_minutes = _number("はじまりの何分前まで")

    units_kind = _radio(
        "時間のえらび方",
        (
            ("any", "決めない"),
            ("free", "はじまりとおわりの時刻をえらぶ"),
            ("blocks", "午前・午後など、きまった時間からえらぶ"),
        ),
        "free",
    )
    grid_minutes = _number("何分きざみ")
    min_minutes = _number("いちばん短い時間（分）")
    max_minutes = _number("いちばん長い時間（分）")
    start_times = StringField("来てもよい時刻", render_kw={"autocomplete": "off"})

    tariff = _radio(
        "料金の決め方",
        (("none", "料金を決めない"), ("hourly", "時間で"), ("half_day", "半日と1日で")),
        "hourly",
    )
    unit_minutes = _number("何分ごとの料金")
    half_day_minutes = _number("半日とするのは何分まで")
    age_basis = _pick(
        "どの年齢で料金を決めるか",
        (("class_age", "クラスの年齢（4月1日）"), ("on_the_day", "利用する日の年齢")),
        "class_age",
    )
    siblings = BooleanField("きょうだいの割引がある")
    second_percent = _number("2人目を何％引くか")
    third_percent = _number("3人目からを何％引くか")

    cancel_kind = _radio(
        "取り消しの期限", (("none", "決めない（いつでも無料）"), ("rule", "期限を決める")), "rule"
    )
    free_days = _number("無料で取り消せるのは（何日前）")
    free_at = _clock("無料の期限の時刻")
    free_counting = _pick("取り消しまでの日の数え方", COUNTINGS, "calendar")
    free_shift = _pick("期限の日がお休みのとき", SHIFTS, "none")
    late_kind = _radio(
        "期限のあとの料金",
        (("none", "かからない"), ("percent", "料金の○％"), ("flat", "1人いくら")),
        "none",
    )
    late_percent = _number("何％か")
    late_of = _pick(
        "何の料金にかけるか",
        (("care", "利用料（食事などはのぞく）"), ("total", "料金のぜんぶ")),
        "care",
    )
    late_yen = _number("1人いくらか（円）")
    late_online = BooleanField("期限のあとも、保護者が画面から取り消せる")
    waived = SelectMultipleField(
        "期限のあとでも料金がかからない理由",
        choices=_offered(
            (
                ("illness", "病気・けが"),
                ("disaster", "災害"),
                ("bereavement", "身内の不幸"),
                ("closed_by_facility", "園の都合"),
            )
        ),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    trial_fee = _radio(
        "ならし預かりの料金",
        (("usual", "ふだんと同じ"), ("free", "無料"), ("fixed", "1回いくら")),
        "usual",
    )
    trial_fixed_yen = _number("ならし預かり1回の料金（円）")
    trial_may_be_prolonged = BooleanField("職員の判断で、同じ回をもう一度できる")
    trial_counts = BooleanField("ならし預かりも、利用の日数や回数に数える")

    text_summary = _words("ひとこと")
    text_booking = _words("予約について")
    text_fee = _words("料金について")
    text_cancel = _words("取り消しについて")
    text_belongings = _words("持ち物")

    words_kept = BooleanField("数字のちがう文を読みました。この文のまま公開します")
    in_force_from = DateParts("始める日")
    never_kept = BooleanField("だれも使えないところがあることを読みました。このままにします")


#: The steps before the first stay, in the words of a director.
STEP_KINDS: Choices = (
    ("", "なし"),
    ("tour", "見学"),
    ("interview", "面談"),
    ("trial_care", "ならし預かり"),
    ("support_centre", "子育て支援拠点の利用"),
    ("consultation", "相談"),
    ("prenatal", "妊娠中の体験"),
)
STEP_DEMANDS: Choices = (
    ("required", "かならずする"),
    ("recommended", "おすすめする"),
    ("ordered", "職員がお願いしたときだけ"),
)
STEP_BEFORE: Choices = (("use", "はじめて使う前"), ("acceptance", "登録を承諾する前"))
STEP_OPENS: Choices = (
    ("respite", "リフレッシュ"),
    ("irregular_work", "仕事・学校"),
    ("emergency", "通院・出産・介護など"),
)


def _step_row(n: int) -> dict[str, Any]:
    row = {"n": n + 1}
    return {
        f"step_{n}_kind": _pick(_("段階 %(n)s") % row, STEP_KINDS),
        f"step_{n}_demand": _pick(_("段階 %(n)s：するかどうか") % row, STEP_DEMANDS, "required"),
        f"step_{n}_before": _pick(_("段階 %(n)s：いつまでに") % row, STEP_BEFORE, "use"),
        f"step_{n}_opens": SelectMultipleField(
            _("段階 %(n)s：この理由で使うときだけ") % row,
            choices=_offered(STEP_OPENS),
            widget=ListWidget(prefix_label=False),
            option_widget=CheckboxInput(),
        ),
        f"step_{n}_words": StringField(_("段階 %(n)s：保護者に伝えること") % row),
        f"part_{n}_minutes": _number(_("ならし %(n)s回目：長さ（分）") % row),
        f"part_{n}_guardian": _pick(
            _("ならし %(n)s回目：保護者") % row,
            (("", "いない"), ("yes", "いる")),
        ),
        f"part_{n}_ends": _clock(_("ならし %(n)s回目：終わる時刻") % row),
    }


def _rows() -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for n in range(ROWS):
        row = {"n": n + 1}
        fields[f"block_{n}_label"] = StringField(_("きまった時間 %(n)s の名前") % row)
        fields[f"block_{n}_starts"] = _clock(_("きまった時間 %(n)s の始まり") % row)
        fields[f"block_{n}_ends"] = _clock(_("きまった時間 %(n)s の終わり") % row)
        fields[f"band_{n}_below"] = _number(_("料金 %(n)s：何歳より下か") % row)
        fields[f"band_{n}_yen"] = _number(_("料金 %(n)s：円") % row)
        fields[f"band_{n}_half"] = _number(_("料金 %(n)s：半日の円") % row)
        fields[f"band_{n}_day"] = _number(_("料金 %(n)s：1日の円") % row)
        fields[f"item_{n}_label"] = StringField(_("食事など %(n)s の名前") % row)
        fields[f"item_{n}_yen"] = _number(_("食事など %(n)s の円") % row)
        fields[f"item_{n}_at"] = _clock(_("食事など %(n)s：この時刻にいるとき") % row)
        fields |= _step_row(n)
    return fields


#: Every field of the form, the rows included.
RulesFields: type[Any] = type("RulesFields", (_RulesForm,), _rows())

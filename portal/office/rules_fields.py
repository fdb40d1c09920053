"""The fields of a rules document, in the words of a director. Typed text stays as typed.

Numbers and times are text here: what is wrong with them is found by the document itself.
"""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, StringField, TextAreaField
from wtforms.fields.core import UnboundField

from portal.documents.i18n import gettext as _
from portal.office.rules_application import ApplicationFields
from portal.office.rules_cancel import TIER_ROWS, CancelFields, tier_row
from portal.office.rules_caps import cap_row
from portal.office.rules_fee import PRICE_ROWS, FeeFields, fee_row, price_row
from portal.office.rules_inputs import (
    COUNTINGS,
    SHIFTS,
    Choices,
    in_rows,
    line,
    number,
    pick,
    radio,
    ticks,
)
from portal.office.rules_record import RecordFields
from portal.office.rules_reductions import ReductionFields, reduction_row
from portal.office.rules_registration import RegistrationFields
from portal.web.fields import DateParts


def _names_of(part: type[Any]) -> list[str]:
    """Return the names of the fields that a part of the form says once."""
    return [name for name, field in vars(part).items() if isinstance(field, UnboundField)]


def _words(label: str) -> TextAreaField:
    return TextAreaField(label)


class _RulesForm(ApplicationFields, RegistrationFields, RecordFields, FeeFields, CancelFields):
    #: Every kind, or part of one, that has no field, as TOML.
    rest = TextAreaField("くわしいきまり", render_kw={"spellcheck": "false", "autocomplete": "off"})
    title = StringField("きまりの名前", render_kw={"autocomplete": "off"})

    age_min_unit = pick(
        "何歳から（数え方）",
        (
            ("", "決めない"),
            ("months", "か月から"),
            ("years", "歳から"),
            ("days", "日から（生後の日数）"),
            ("class_age", "歳児クラスから"),
        ),
    )
    age_min = number("何歳から（数）")
    age_max_unit = pick(
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
    age_max = number("何歳まで（数）")
    age_reference = pick(
        "いつの年齢で見るか",
        (
            ("day_of_use", "利用する日"),
            ("first_of_month", "利用する月の1日"),
            ("fiscal_year_start", "年度の初め（4月1日）"),
            ("day_before_fiscal_year", "前の年度の終わり（3月31日）"),
        ),
        "day_of_use",
    )
    age_reading = pick(
        "月齢の数え方",
        (
            ("birthday", "誕生日と同じ日に数える"),
            ("day_before", "誕生日の前の日に数える（法律の数え方）"),
        ),
        "birthday",
    )

    registration = BooleanField("はじめての利用の前に、事前登録がいる")
    lead_days = number("登録から利用までの日数")

    opens_kind = radio(
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
    opens_months_before = pick(
        "どの月に",
        (("0", "その月"), ("1", "前の月"), ("2", "2か月前の月"), ("3", "3か月前の月")),
        "1",
    )
    opens_day = pick(
        "何日に", (*((str(n), f"{n}日") for n in range(1, 29)), ("last", "月の最後の日")), "1"
    )
    opens_number = number("何か月前・何日前")
    opens_at = line("受付を始める時刻")
    opens_shift = pick("その日がお休みのとき", SHIFTS, "none")
    opens_missing = pick(
        "31日など、その日がない月は",
        (("last_day", "月の最後の日にする"), ("first_of_next_month", "次の月の1日にする")),
        "last_day",
    )
    closes_days = number("予約のしめきり（何日前）")
    closes_at = line("しめきりの時刻")
    closes_counting = pick("しめきりまでの日の数え方", COUNTINGS, "calendar")
    closes_shift = pick("しめきりの日がお休みのとき", SHIFTS, "none")
    notice_minutes = number("はじまりの何分前まで")

    units_kind = radio(
        "時間のえらび方",
        (
            ("any", "決めない"),
            ("free", "はじまりとおわりの時刻をえらぶ"),
            ("blocks", "午前・午後など、きまった時間からえらぶ"),
        ),
        "free",
    )
    grid_minutes = number("何分きざみ")
    min_minutes = number("いちばん短い時間（分）")
    max_minutes = number("いちばん長い時間（分）")
    start_times = StringField("来てもよい時刻", render_kw={"autocomplete": "off"})

    trial_fee = radio(
        "ならし預かりの料金",
        (("usual", "ふだんと同じ"), ("free", "無料"), ("fixed", "1回いくら")),
        "usual",
    )
    trial_fixed_yen = number("ならし預かり1回の料金（円）")
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


def _step_row(n: int) -> dict[str, Any]:
    row = {"n": n + 1}
    return {
        f"step_{n}_kind": pick(_("段階 %(n)s") % row, STEP_KINDS),
        f"step_{n}_demand": pick(_("段階 %(n)s：するかどうか") % row, STEP_DEMANDS, "required"),
        f"step_{n}_before": pick(_("段階 %(n)s：いつまでに") % row, STEP_BEFORE, "use"),
        f"step_{n}_opens": ticks(_("段階 %(n)s：この理由で使うときだけ") % row, ()),
        f"step_{n}_words": StringField(_("段階 %(n)s：保護者に伝えること") % row),
        f"part_{n}_minutes": number(_("ならし %(n)s回目：長さ（分）") % row),
        f"part_{n}_guardian": pick(
            _("ならし %(n)s回目：保護者") % row,
            (("", "いない"), ("yes", "いる")),
        ),
        f"part_{n}_ends": line(_("ならし %(n)s回目：終わる時刻") % row),
    }


def _block_row(n: int) -> dict[str, Any]:
    row = {"n": n + 1}
    return {
        f"block_{n}_label": StringField(_("きまった時間 %(n)s の名前") % row),
        f"block_{n}_starts": line(_("きまった時間 %(n)s の始まり") % row),
        f"block_{n}_ends": line(_("きまった時間 %(n)s の終わり") % row),
    }


_ROWS = (
    in_rows(_block_row)
    | in_rows(fee_row)
    | in_rows(price_row, PRICE_ROWS)
    | in_rows(reduction_row)
    | in_rows(cap_row)
    | in_rows(tier_row, TIER_ROWS)
    | in_rows(_step_row)
)
#: The fields of each part of the page, from its top: how their names begin.
_PAGE: tuple[tuple[str, ...], ...] = (
    ("age_", "registration", "lead_days", "renewal_", "application_"),
    ("record_",),
    ("step_", "part_", "trial_"),
    ("opens_", "closes_", "notice_"),
    ("units_", "grid_", "min_minutes", "max_minutes", "start_times", "block_"),
    (*_names_of(FeeFields), *_names_of(ReductionFields), "band_", "price_", "item_", "red_"),
    ("cap_",),
    (*_names_of(CancelFields), "tier_"),
    ("title", "text_"),
    ("rest",),
    ("never_kept",),
    ("words_kept",),
    ("in_force_from",),
)


def place_on_page(name: str) -> int:
    """Return how far down the page a field stands, by the part it is in; -1 for none."""
    whole = [n for n, starts in enumerate(_PAGE) if name in starts]
    begun = [n for n, starts in enumerate(_PAGE) if name.startswith(starts)]
    return next(iter([*whole, *begun]), -1)


#: Every field of the form, the rows included.
RulesFields: type[Any] = type("RulesFields", (_RulesForm,), _ROWS)

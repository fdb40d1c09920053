"""The form of the page that tries rules: each fact that the rules at hand can ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wtforms import BooleanField, DecimalField, Field, IntegerField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from portal.bookings.extras import options_offered
from portal.bookings.use_kinds import offered
from portal.documents.i18n import gettext as _
from portal.homes.asked import Asked, asked_by
from portal.policies.channels import CHANNEL_WORDS, ChannelName
from portal.policies.document import RulesDocument
from portal.policies.enrolment import ENROLMENT_WORDS
from portal.policies.reductions import SiblingOrder
from portal.policies.residence import CIRCUMSTANCE_WORDS
from portal.policies.rule import Rule
from portal.policies.variants import VariantWhen
from portal.web.fields import Boxes, DateParts, TimeCell
from portal.web.forms import PortalForm

MOST_TAX_YEN = 9_999_999
_MOST_TICKETS = 999
_MOST_DAYS = 366
_FINE, _NOT_FINE, _NOT_ASKED = "fine", "bad", "none"
RESIDENT, ELSEWHERE = "resident", "elsewhere"
#: How a choice of home begins that names a town, a ward, or why somebody comes from elsewhere.
CITY, WARD, CIRCUMSTANCE = "city:", "ward:", "why:"


class TryFamilyForm(PortalForm):
    """What every set of rules can be tried with. Sent in the address: a family can be kept."""

    born = DateParts(
        "お子さんの生まれた日", validators=[InputRequired("生まれた日を入れてください")]
    )
    sibling = DateParts("いっしょに使うきょうだい", validators=[Optional()])
    sibling2 = DateParts("もう1人のきょうだい", validators=[Optional()])
    day = DateParts("使う日", validators=[InputRequired("使う日を入れてください")])
    start = TimeCell("何時から", validators=[InputRequired("始まりをえらんでください")], last=47)
    end = TimeCell("何時まで", validators=[InputRequired("終わりをえらんでください")], first=1)
    asked = DateParts("申し込む日", validators=[InputRequired("申し込む日を入れてください")])
    asked_at = TimeCell("申し込む時刻", validators=[InputRequired("時刻をえらんでください")])
    by = SelectField(
        "だれが",
        choices=[
            SelectChoice("family", "保護者が自分で"),
            SelectChoice("staff", "職員が入れる"),
            SelectChoice("head", "園長・市区町村長が決める"),
        ],
        default="family",
    )
    aside = BooleanField("きまりに合わないことを、わけを書いて特別に認める")
    used_week = DecimalField(
        "同じ週に使った日数",
        validators=[Optional(), NumberRange(0, 6, "0から6までで入れてください")],
    )
    used_month = DecimalField(
        "同じ月に使った日数（この週も入れて）",
        validators=[Optional(), NumberRange(0, 30, "0から30までで入れてください")],
    )
    used_year = DecimalField(
        "同じ年度に使った日数（この月も入れて）",
        validators=[Optional(), NumberRange(0, _MOST_DAYS, "0から366までで入れてください")],
    )
    used_elsewhere = BooleanField("ほかの園で使った")
    used_hours = DecimalField(
        "使った日の1日の長さ",
        validators=[Optional(), NumberRange(0.5, 24, "0.5から24までで入れてください")],
    )

    @property
    def sections(self) -> Mapping[str, Sequence[Field]]:
        """The fields that the rules at hand add, by the section they stand in."""
        return {name: [self[each] for each in names] for name, names in self.added_to.items()}

    #: Names of the fields that were added, by section.
    added_to: Mapping[str, Sequence[str]] = {}


def name_numbers(form: TryFamilyForm) -> None:
    """Let what is wrong with a number say which one it is: the summary has no other word for it."""
    for field in form:
        if isinstance(field, DecimalField | IntegerField) and field.errors:
            field.errors = [f"{field.label.text}：{error}" for error in field.errors]


@dataclass(frozen=True, slots=True)
class Asks:
    """What the rules at hand ask of a family, with the words for it."""

    document: RulesDocument
    asked: Asked
    cities: tuple[str, ...]
    wards: tuple[str, ...]

    @staticmethod
    def of(document: RulesDocument) -> Asks:
        """Read it from a document, its variants too."""
        parts = list(_parts(document))
        whens = [part for part in parts if isinstance(part, VariantWhen)]
        rule = document.residence
        cities = [*(rule.cities if rule else ()), *(c for when in whens for c in when.cities)]
        wards = [*(rule.wards if rule else ()), *(w for when in whens for w in when.wards)]
        return Asks(
            document,
            asked_by([document]),
            tuple(dict.fromkeys(cities)),
            tuple(dict.fromkeys(wards)),
        )

    @property
    def gates(self) -> list[str]:
        """The codes of the questions about a child, in their order."""
        return list(self.asked.gates)

    @property
    def coupons(self) -> list[str]:
        """The codes of the tickets, in their order."""
        return list(self.asked.coupons)


def form_class(asks: Asks) -> type[TryFamilyForm]:
    """Return the form for these rules: with a field for each fact that can change an answer."""
    found: dict[str, dict[str, Any]] = {
        "child": dict(_of_child(asks)),
        "home": dict(_of_home(asks)),
        "use": dict(_of_use(asks)),
        "past": dict(_of_past(asks)),
    }
    fields = {name: field for part in found.values() for name, field in part.items()}
    added = {name: tuple(part) for name, part in found.items()}
    return type("TryFamilyFormOfRules", (TryFamilyForm,), {**fields, "added_to": added})


def _of_child(asks: Asks) -> Iterator[tuple[str, Any]]:
    document, asked = asks.document, asks.asked
    if document.registration is not None:
        yield "registered", _select("登録", [("yes", "すんでいる"), ("no", "まだ")])
    if document.steps is not None and document.steps.steps:
        yield "steps", _select("利用の前にすること", [("yes", "すんでいる"), ("no", "まだ")])
    if document.record.is_required:
        yield "record", _select("体のことの確認", [("yes", "すんでいる"), ("no", "まだ")])
    if asked.enrolment:
        yield "enrolment", _select("通っているところ", list(ENROLMENT_WORDS.items()))
        yield "own_place_closed", BooleanField("通っているところが、その日は休み")
    for number, code in enumerate(asks.gates):
        answers = [
            (_FINE, "預かれる答え"),
            (_NOT_FINE, "預かれない答え"),
            (_NOT_ASKED, "答えていない"),
        ]
        yield f"gate_{number}", _select("／".join(asked.gate_words(code)), answers)


def _of_home(asks: Asks) -> Iterator[tuple[str, Any]]:
    asked, fee = asks.asked, asks.document.fee
    if asked.residence or asked.circumstances:
        homes = [(RESIDENT, "きまりの地域の中"), (ELSEWHERE, "きまりの地域の外")]
        homes += [(f"{CITY}{name}", name) for name in asks.cities]
        homes += [(f"{WARD}{name}", name) for name in asks.wards]
        homes += [
            (f"{CIRCUMSTANCE}{code}", f"外：{words or CIRCUMSTANCE_WORDS.get(code, code)}")
            for code, words in asked.circumstances.items()
        ]
        yield "home", _select("住まい", homes)
    if asked.statements:
        yield "statement", _select("申立書など", [("yes", "出した"), ("no", "まだ")])
    if asked.marks:
        choices = [SelectChoice(code, words) for code, words in asked.marks.items()]
        yield "marks", Boxes("家庭のようす", choices=choices, validate_choice=False)
        yield "marks_proven", _select("家庭のようすの証明", [("yes", "見せた"), ("no", "まだ")])
    if asked.tax:
        yield (
            "tax",
            IntegerField(
                "市区町村民税の所得割の額（円）",
                validators=[Optional(), NumberRange(0, MOST_TAX_YEN, "0以上の数を入れてください")],
            ),
        )
    if asked.papers:
        yield "papers", _select("求められる書類", [("yes", "見せた"), ("no", "まだ")])
    for number, code in enumerate(asks.coupons):
        yield (
            f"coupon_{number}",
            IntegerField(
                f"{asked.coupons[code]}の残り",
                validators=[
                    Optional(),
                    NumberRange(0, _MOST_TICKETS, "0から999までで入れてください"),
                ],
            ),
        )
    if fee is not None and fee.siblings and fee.siblings.order_by is SiblingOrder.PRESCHOOLERS:
        yield "at_home", DateParts("使わない、就学前のきょうだい", validators=[Optional()])


def _of_use(asks: Asks) -> Iterator[tuple[str, Any]]:
    document = asks.document
    kinds = [(kind.written, words) for kind, words in offered(document)]
    if kinds:
        yield "use", _select("利用の理由", kinds)
    extras = options_offered(document, by_staff=True)
    if extras:
        choices = [SelectChoice(each.code, each.words) for each in extras]
        yield "options", Boxes("いっしょにえらぶこと", choices=choices, validate_choice=False)
    if document.channels is not None:
        names = [("", "問わない"), *((name.value, CHANNEL_WORDS[name]) for name in ChannelName)]
        yield "channel", _select("申し込みの方法", names)
    parts = document.steps.trial.parts if document.steps and document.steps.trial else ()
    if parts:
        turns = [(str(n), f"ならし預かり {n}回目") for n, _part in enumerate(parts, start=1)]
        yield "trial", _select("預かり", [("", "ふだんの預かり"), *turns])


def _of_past(asks: Asks) -> Iterator[tuple[str, Any]]:
    document = asks.document
    if document.no_show is not None:
        yield (
            "no_shows",
            IntegerField(
                "連絡なしに来なかった回数",
                validators=[Optional(), NumberRange(0, 30, "0から30までで入れてください")],
            ),
        )
    if any(cap.metric.value == "registrations" for cap in document.caps):
        yield (
            "registrations",
            IntegerField(
                "登録しているほかの園の数",
                validators=[Optional(), NumberRange(0, 30, "0から30までで入れてください")],
            ),
        )
    if any(cap.per_cause for cap in document.caps):
        yield "same_cause", BooleanField("これまでの利用も、同じ事情（入院など）による")


def _select(label: str, choices: Sequence[tuple[str, str]]) -> Any:
    return SelectField(
        label,
        choices=[SelectChoice(str(value), _(words)) for value, words in choices],
        default=str(choices[0][0]),
        validate_choice=False,
    )


def _parts(part: object) -> Iterator[Rule]:
    """Yield every rule inside a document, wherever it stands."""
    if isinstance(part, Rule):
        yield part
        for name in type(part).model_fields:
            yield from _parts(getattr(part, name))
    elif isinstance(part, tuple):
        for inner in part:
            yield from _parts(inner)

"""Kind G22, the sheet (児童票): what a facility wants to know before it cares for a child."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field

from portal.policies.rule import Rule


class SheetPart(StrEnum):
    """What can stand on the sheet."""

    NAME = "name"
    SEX = "sex"
    BIRTH_DATE = "birth_date"
    ADDRESS = "address"
    GUARDIANS = "guardians"
    WORK = "work"
    EMERGENCY_CONTACTS = "emergency_contacts"
    PICKUP_PERSONS = "pickup_persons"
    INSURANCE = "insurance"
    ALLERGY = "allergy"
    FOOD_TABLE = "food_table"
    ILLNESSES = "illnesses"
    FITS = "fits"
    MEDICINE = "medicine"
    VACCINATION = "vaccination"
    DOCTOR = "doctor"
    HEALTH_CHECK = "health_check"
    TEMPERATURE = "temperature"
    FEEDING = "feeding"
    SLEEP = "sleep"
    TOILET = "toilet"
    HABITS = "habits"
    PLAY = "play"
    DAY_SCHEDULE = "day_schedule"
    SUPPORT_NEEDS = "support_needs"
    OTHER_SERVICES = "other_services"
    TAX_CLASS = "tax_class"
    CONSENTS = "consents"


SHEET_PART_WORDS: Mapping[SheetPart, str] = MappingProxyType(
    {
        SheetPart.NAME: "名前とふりがな",
        SheetPart.SEX: "性別",
        SheetPart.BIRTH_DATE: "生年月日",
        SheetPart.ADDRESS: "住所",
        SheetPart.GUARDIANS: "保護者",
        SheetPart.WORK: "保護者の勤め先",
        SheetPart.EMERGENCY_CONTACTS: "緊急の連絡先（連絡する順）",
        SheetPart.PICKUP_PERSONS: "お迎えに来る人",
        SheetPart.INSURANCE: "健康保険と医療証",
        SheetPart.ALLERGY: "アレルギー",
        SheetPart.FOOD_TABLE: "食べたことのある食べもの",
        SheetPart.ILLNESSES: "かかった病気",
        SheetPart.FITS: "けいれん",
        SheetPart.MEDICINE: "薬",
        SheetPart.VACCINATION: "予防接種",
        SheetPart.DOCTOR: "かかりつけの医院",
        SheetPart.HEALTH_CHECK: "最近の健診の結果",
        SheetPart.TEMPERATURE: "ふだんの体温",
        SheetPart.FEEDING: "食事（ミルク・離乳食の段階）",
        SheetPart.SLEEP: "昼寝・寝るときのくせ",
        SheetPart.TOILET: "トイレ・おむつ",
        SheetPart.HABITS: "くせ・性格",
        SheetPart.PLAY: "好きな遊び",
        SheetPart.DAY_SCHEDULE: "1日の過ごし方",
        SheetPart.SUPPORT_NEEDS: "発達や、手助けがほしいこと",
        SheetPart.OTHER_SERVICES: "使っているほかのサービス",
        SheetPart.TAX_CLASS: "世帯の課税の区分",
        SheetPart.CONSENTS: "同意",
    }
)


class SheetQuestion(Rule):
    """A question of the provider's own."""

    label: str = Field(
        min_length=1, max_length=100, description="問い", examples=["好きな呼び方は何ですか"]
    )
    required: bool = Field(
        default=False, description="trueなら、答えないと出せない", examples=[True]
    )
    from_months: int | None = Field(
        default=None, ge=0, le=200, description="満この月齢からの子にたずねる", examples=[12]
    )
    below_months: int | None = Field(
        default=None, ge=1, le=200, description="満この月齢より下の子にたずねる", examples=[18]
    )


class ChildSheetRule(Rule):
    """What the sheet asks, what is shown with it, and when it is looked through again.

    When the record of the child's body is asked for again before a booking stands in ``record``.
    """

    asks: tuple[SheetPart, ...] = Field(
        default=(),
        description="たずねること。書かなければ、ふだんの児童票のとおり",
        examples=[["allergy", "sleep", "toilet"]],
    )
    required: tuple[SheetPart, ...] = Field(
        default=(), description="答えないと出せないこと", examples=[["allergy"]]
    )
    questions: tuple[SheetQuestion, ...] = Field(
        default=(),
        max_length=20,
        description="園が加える問い",
        examples=[[{"label": "好きな呼び方は何ですか"}]],
    )
    pickup_photo: bool = Field(
        default=False, description="trueなら、お迎えに来る人の写真がいる", examples=[True]
    )
    child_photo: bool = Field(
        default=False, description="trueなら、お子さんの写真がいる", examples=[True]
    )
    photo_within_months: int | None = Field(
        default=None, ge=1, le=60, description="写真は何か月以内のものか", examples=[3]
    )
    insurance_copy: bool = Field(
        default=False, description="trueなら、健康保険と医療証の写しがいる", examples=[True]
    )
    health_check_copy: bool = Field(
        default=False, description="trueなら、最近の健診の結果の写しがいる", examples=[True]
    )
    allergy_each_fiscal_year: bool = Field(
        default=True,
        description="アレルギーなどを、年度ごとに確かめ直すか",
        examples=[False],
    )
    allergy_before_each_use: bool = Field(
        default=False,
        description="trueなら、アレルギーなどを、利用の前にも毎回確かめる",
        examples=[True],
    )

"""The rules document of a programme: every kind it uses, and its words to parents."""

from __future__ import annotations

from importlib import resources
from typing import Literal

from pydantic import Field, model_validator

from portal.policies.age import AgeRule
from portal.policies.allocation import AllocationRule
from portal.policies.application import ApplicationRule
from portal.policies.cancel import CancelRule
from portal.policies.capacity import CapacityRule
from portal.policies.caps import CapRule
from portal.policies.channels import ChannelsRule
from portal.policies.child_sheet import ChildSheetRule
from portal.policies.day_of_use import DayOfUseRule
from portal.policies.discretion import DiscretionRule
from portal.policies.display import DisplayRule
from portal.policies.enrolment import EnrolmentRule
from portal.policies.exceptions import ExceptionsRule
from portal.policies.fee import FeeRule
from portal.policies.gates import GateRule
from portal.policies.hours import HoursRule
from portal.policies.laying import OF_THE_WHOLE, check
from portal.policies.noshow_rule import NoShowRule
from portal.policies.papers_issued import PapersRule
from portal.policies.payment import PaymentRule
from portal.policies.programme import ProgrammeRule
from portal.policies.purposes import PurposesRule
from portal.policies.record import RecordRule
from portal.policies.registration import RegistrationRule
from portal.policies.regular import RegularRule
from portal.policies.residence import ResidenceRule
from portal.policies.rule import Rule
from portal.policies.siblings_rule import SiblingsRule
from portal.policies.steps import StepsRule
from portal.policies.tariffs import BlocksTariff
from portal.policies.units import UnitsRule
from portal.policies.variants import Variant
from portal.policies.waitlist import WaitlistRule
from portal.policies.window import BookingWindowRule


class TextsForParents(Rule):
    """What the provider says in its own words, shown as it stands. Plain text, no markup."""

    summary: str = Field(
        default="",
        max_length=2000,
        description="施設の名前の下に出る、ひとこと",
        examples=["理由を問わず、1時間から使えます。"],
    )
    booking: str = Field(
        default="",
        max_length=2000,
        description="予約についての説明",
        examples=["電話でも受け付けます。"],
    )
    fee: str = Field(
        default="",
        max_length=2000,
        description="料金についての説明",
        examples=["おつりのないようにお持ちください。"],
    )
    cancel: str = Field(
        default="",
        max_length=2000,
        description="取り消しについての説明",
        examples=["当日は電話でお知らせください。"],
    )
    illness: str = Field(
        default="",
        max_length=2000,
        description="病気のときの説明",
        examples=["熱が37.5℃以上のときはお預かりできません。"],
    )
    belongings: str = Field(
        default="",
        max_length=2000,
        description="持ち物の説明",
        examples=["着替え2組、おむつ5枚、タオル1枚"],
    )


class RulesDocument(Rule):
    """The rules of one programme. A kind left out asks for nothing.

    ``format`` is the shape of the document and grows when a kind changes its fields in a way that
    old documents cannot be read; which document is in force from when is stored beside it.
    """

    format: Literal[1] = Field(
        default=1, description="文書の形の番号。書かなくてよい", examples=[1]
    )
    title: str = Field(
        default="", max_length=100, description="このきまりの名前", examples=["〇〇市の一時預かり"]
    )
    programme: ProgrammeRule | None = None
    age: AgeRule | None = None
    gates: tuple[GateRule, ...] = ()
    residence: ResidenceRule | None = None
    enrolment: EnrolmentRule | None = None
    purposes: PurposesRule | None = None
    registration: RegistrationRule | None = None
    application: ApplicationRule | None = None
    steps: StepsRule | None = None
    booking_window: BookingWindowRule | None = None
    hours: HoursRule | None = None
    units: UnitsRule | None = None
    capacity: CapacityRule | None = None
    fee: FeeRule | None = None
    channels: ChannelsRule | None = None
    caps: tuple[CapRule, ...] = Field(default=(), max_length=40)
    waitlist: WaitlistRule | None = None
    cancel: CancelRule | None = None
    payment: PaymentRule | None = None
    no_show: NoShowRule | None = None
    siblings: SiblingsRule | None = None
    regular: RegularRule | None = None
    allocation: AllocationRule = AllocationRule()
    exceptions: ExceptionsRule | None = None
    discretion: DiscretionRule | None = None
    child_sheet: ChildSheetRule | None = None
    day_of_use: DayOfUseRule | None = None
    display: DisplayRule | None = None
    papers: PapersRule | None = None
    record: RecordRule = RecordRule()
    texts: TextsForParents = Field(
        default=TextsForParents(),
        description="施設が自分の言葉で書く説明。そのまま画面に出ます",
        examples=[{"summary": "理由を問わず、1時間から使えます。"}],
    )
    variants: tuple[Variant, ...] = Field(
        default=(),
        max_length=40,
        description="曜日・利用区分・年齢などで違うきまり。違うところだけを書き、"
        "いつものきまりに重ねます。あとに書いたものが勝ちます",
        examples=[[{"name": "土曜日", "when": {"weekdays": ["sat"]}, "leaves_out": ["caps"]}]],
    )

    @model_validator(mode="after")
    def _prices_name_known_blocks(self) -> RulesDocument:
        if self.fee is not None and isinstance(self.fee.tariff, BlocksTariff):
            self.fee.tariff.check_labels(self.units.blocks if self.units else ())
        return self

    @model_validator(mode="after")
    def _each_variant_makes_a_document(self) -> RulesDocument:
        if self.variants:
            kinds = frozenset(type(self).model_fields) - OF_THE_WHOLE
            content = self.model_dump(mode="json", exclude={"variants"})
            check(content, self.variants, kinds, RulesDocument.model_validate)
        return self


def template_names() -> tuple[str, ...]:
    """Return the names of the documents that come with the portal, to start from."""
    files = resources.files("portal.policies").joinpath("templates").iterdir()
    return tuple(sorted(f.name.removesuffix(".json") for f in files if f.name.endswith(".json")))


def load_template(name: str) -> RulesDocument:
    """Return one of the documents that come with the portal.

    Raises:
        ValueError: there is none of that name. A caller's mistake.
    """
    if name not in template_names():
        raise ValueError(f"no rules template {name!r}; there are {', '.join(template_names())}")
    file = resources.files("portal.policies").joinpath("templates", f"{name}.json")
    return RulesDocument.model_validate_json(file.read_text(encoding="utf-8"))

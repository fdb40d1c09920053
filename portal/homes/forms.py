"""What is typed of a home: where it lies, what a child can do, and what staff have seen."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from wtforms import BooleanField, IntegerField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.documents.i18n import gettext as _
from portal.families.models import Child
from portal.homes.asked import Asked
from portal.homes.rules import LONGEST_CODE, OF_A_CHILD, HomeFact, HomeFactKind, Slot
from portal.homes.view import PLACE_KINDS, ChildView, HomeView
from portal.homes.words import gate_words
from portal.policies.enrolment import ENROLMENT_WORDS
from portal.policies.facts import Enrolment, GateAnswer
from portal.policies.gates import GATE_WORDS
from portal.policies.marks import MARK_WORDS
from portal.policies.proofs import PAPER_WORDS
from portal.policies.residence import CIRCUMSTANCE_WORDS
from portal.web.fields import Boxes, DateParts
from portal.web.forms import PortalForm

YES, NO = "yes", "no"
_YES_OR_NO = [SelectChoice(YES, "はい"), SelectChoice(NO, "いいえ")]
_GATE = "gate_"
_SHORT = Length(max=LONGEST_CODE, message=_("60文字までで入れてください"))
_HELD_BY_OTHERS = _("ほかの人が入れた内容は、消せません。正しい内容を入れてください")


class PlaceForm(PortalForm):
    """Where a home lies, and why it may come from elsewhere."""

    prefecture = StringField(_("都道府県"), [Optional(), _SHORT])
    city = StringField(_("市区町村"), [Optional(), _SHORT])
    ward = StringField(_("区（ある市だけ）"), [Optional(), _SHORT])
    circumstances = Boxes(_("よそに住んでいて利用する事情"), choices=[])

    def offer(self, asked: Asked, view: HomeView) -> None:
        """Offer the circumstances that rules know, and those said before."""
        before = {
            line.fact.code: line.words
            for line in view.of(HomeFactKind.CIRCUMSTANCE)
            if line.is_mine
        }
        words = {code: _(label) for code, label in asked.circumstances.items()}
        self.circumstances.choices = [
            SelectChoice(code, label) for code, label in {**words, **before}.items()
        ]
        if not self.is_submitted():
            self.circumstances.data = list(before)
            for line in view.place:
                self[line.fact.kind.value].data = line.words

    def said(self, view: HomeView) -> dict[Slot, HomeFact | None] | None:
        """Return what is to be written; None where a field cannot be emptied, which it then says.

        Only after a successful validation.
        """
        standing = {line.fact.kind: line for line in view.place}
        said: dict[Slot, HomeFact | None] = {}
        for kind in PLACE_KINDS:
            field = self[kind.value]
            typed, line = (field.data or "").strip(), standing.get(kind)
            if typed == (line.words if line else ""):
                continue
            if not typed and line is not None and not line.is_mine:
                field.errors = [_(_HELD_BY_OTHERS)]
                return None
            said[kind, None, ""] = HomeFact(kind, typed) if typed else None
        chosen = set(self.circumstances.data or ())
        for choice in self.circumstances.choices:
            fact = HomeFact(HomeFactKind.CIRCUMSTANCE, str(choice.value))
            said[fact.slot] = fact if choice.value in chosen else None
        return said


class AboutChildForm(PortalForm):
    """Where a child goes beside temporary care; the questions come by ``about_child``."""

    enrolment = RadioField(
        _("いま通っているところ"),
        [Optional()],
        choices=[SelectChoice(each.value, ENROLMENT_WORDS[each]) for each in Enrolment],
    )

    def show(self, known: ChildView) -> None:
        """Fill in what was said before."""
        if known.enrolment is not None:
            self.enrolment.data = known.enrolment.fact.code
        for line in known.gates:
            if line.answer is not None:
                self[_GATE + line.code].data = YES if line.answer.said else NO

    @property
    def gates(self) -> list[Any]:
        """The fields of the questions, in the order of the rules."""
        return [field for field in self if field.name.startswith(_GATE)]

    def said(self, known: ChildView, asked: Asked, on: date) -> dict[Slot, HomeFact | None]:
        """Return what is to be written on a local day; what staff confirmed stays as it is.

        Only after a successful validation.
        """
        child_id, said = known.child.id, dict[Slot, HomeFact | None]()
        before = known.enrolment
        if self.enrolment.data and (before is None or before.fact.code != self.enrolment.data):
            fact = HomeFact(HomeFactKind.ENROLMENT, self.enrolment.data, child_id=child_id)
            said[fact.slot] = fact
        answers: dict[str, GateAnswer | None] = {line.code: line.answer for line in known.gates}
        for code, answer in answers.items():
            chosen = self[_GATE + code].data
            if not chosen or asked.is_settled(code, answer, said=chosen == YES, on=on):
                continue
            fact = HomeFact(HomeFactKind.GATE, code, number=int(chosen == YES), child_id=child_id)
            said[fact.slot] = fact
        return said


def about_child(known: ChildView) -> AboutChildForm:
    """Return the form about one child, with a field for each question about it."""
    fields = {
        _GATE + line.code: RadioField(line.words, [Optional()], choices=_YES_OR_NO)
        for line in known.gates
    }
    form: AboutChildForm = type("AskedOfChild", (AboutChildForm,), fields)()
    if not form.is_submitted():
        form.show(known)
    return form


class NoteForm(PortalForm):
    """A fact that staff write down; ``for_kind`` takes away what the kind does not need."""

    code = RadioField(_("何について"), [InputRequired(_("何についてかをえらんでください"))])
    answer = RadioField(
        _("返事"),
        [InputRequired(_("「はい」か「いいえ」をえらんでください"))],
        choices=_YES_OR_NO,
    )
    number = IntegerField(_("数"), [InputRequired(_("数字で入れてください"))])
    child = RadioField(_("だれのこと"), default="")
    valid_from = DateParts(_("いつから"), [Optional()])
    valid_until = DateParts(_("いつまで"), [Optional()])
    is_seen = BooleanField(_("書類を見ました"))

    #: Codes that no rules of the provider ask for; they stand behind those that some do.
    rarely: frozenset[str] = frozenset()

    def for_kind(self, kind: HomeFactKind, asked: Asked, children: Sequence[Child]) -> None:
        """Leave the fields that the kind needs, with what can be chosen; before any check."""
        unused = {
            "answer": kind is not HomeFactKind.GATE,
            "number": kind not in {HomeFactKind.TAX, HomeFactKind.COUPON},
            "code": kind is HomeFactKind.TAX,
            "child": kind in {HomeFactKind.CIRCUMSTANCE, HomeFactKind.STATEMENT, HomeFactKind.TAX}
            or kind is HomeFactKind.PAPER,
            "is_seen": kind in {HomeFactKind.CIRCUMSTANCE, HomeFactKind.COUPON}
            or kind is HomeFactKind.ENROLMENT,
        }
        if "code" in self and not unused["code"]:
            own, usual = codes_of_rules(kind, asked), usual_codes(kind, asked)
            self.code.choices = [SelectChoice(code, words) for code, words in (own | usual).items()]
            if own:
                self.rarely = frozenset(usual)
        whole = [] if kind in OF_A_CHILD else [SelectChoice("", "ご家庭全体")]
        self.child.choices = whole + [
            SelectChoice(str(child.id), child.name or "お子さん") for child in children
        ]
        if kind in OF_A_CHILD:
            self.child.validators = [InputRequired(_("どのお子さんのことかをえらんでください"))]
        if not self.is_submitted():
            self.child.data = str(self.child.choices[0].value) if self.child.choices else None
        if kind is HomeFactKind.GATE:
            self.is_seen.label.text = _("園で確かめました")
        if kind is HomeFactKind.COUPON:
            self.number.label.text = _("残りの枚数")
        if kind is HomeFactKind.TAX:
            self.number.label.text = _("所得割の額（円）")
        for name, is_unused in unused.items():
            if is_unused:
                del self[name]

    def fact(self, kind: HomeFactKind) -> HomeFact:
        """Return what was typed; only after a successful validation."""
        number = self.number.data if "number" in self else None
        if "answer" in self:
            number = int(self.answer.data == YES)
        child = self.child.data if "child" in self else None
        return HomeFact(
            kind=kind,
            code=self.code.data if "code" in self else "",
            number=number,
            child_id=uuid.UUID(child) if child else None,
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
            is_seen=bool(self.is_seen.data) if "is_seen" in self else False,
        )


def codes_of_rules(kind: HomeFactKind, asked: Asked) -> dict[str, str]:
    """Return what the rules at hand let a fact of a kind speak of, with its words."""
    of_rules: Mapping[HomeFactKind, Mapping[str, str]] = {
        HomeFactKind.CIRCUMSTANCE: asked.circumstances,
        HomeFactKind.STATEMENT: {
            code: f"{paper}（{asked.circumstances[code]}）"
            for code, paper in asked.statements.items()
        },
        HomeFactKind.MARK: asked.marks,
        HomeFactKind.PAPER: asked.papers,
        HomeFactKind.COUPON: asked.coupons,
        HomeFactKind.GATE: {code: gate_words(code, asked) for code in asked.gates},
    }
    return dict(of_rules.get(kind, {}))


def usual_codes(kind: HomeFactKind, asked: Asked) -> dict[str, str]:
    """Return the other codes that a fact of a kind can speak of, which rules to come may use."""
    usual: Mapping[HomeFactKind, Mapping[str, str]] = {
        HomeFactKind.CIRCUMSTANCE: CIRCUMSTANCE_WORDS,
        HomeFactKind.STATEMENT: CIRCUMSTANCE_WORDS,
        HomeFactKind.MARK: MARK_WORDS,
        HomeFactKind.PAPER: PAPER_WORDS,
        HomeFactKind.ENROLMENT: {each.value: words for each, words in ENROLMENT_WORDS.items()},
        HomeFactKind.GATE: GATE_WORDS,
    }
    own = codes_of_rules(kind, asked)
    return {code: words for code, words in usual.get(kind, {}).items() if code not in own}

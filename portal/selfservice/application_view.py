"""How far an application has come: what is saved, what is still asked, where to go on."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from flask import url_for
from sqlalchemy.orm import Session

from portal.consents.wordings import Asked, ConsentPurpose, asked
from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.documents.wording.sentences import sentence
from portal.drafts.rules import NOTHING, Part
from portal.drafts.service import parts as saved_parts
from portal.facilities.models import Facility
from portal.families.models import Child
from portal.families.queries import confirmed_days, to_confirm_again
from portal.families.record import due_again
from portal.kernel.actor import Actor
from portal.kernel.age import class_age
from portal.kernel.clock import today
from portal.kernel.errors import Reason
from portal.organisations.models import Organisation
from portal.policies.age import AgeUnit
from portal.policies.application import ApplicationRule
from portal.policies.document import RulesDocument
from portal.policies.looking import age_rule_for
from portal.preregistration import queries
from portal.preregistration.queries import ChildWithRegistration
from portal.preregistration.rules import PreregistrationRefusal
from portal.preregistration.terms import terms_of
from portal.slots.classes import CLASSES
from portal.uploads.models import Upload
from portal.uploads.queries import documents

YES, NO = "yes", "no"


class Step(StrEnum):
    """The parts of the form, in their order; each has a page."""

    CHILDREN = "children"
    HEALTH = "health"
    WORDS = "words"
    DOCUMENTS = "documents"
    CONSENTS = "consents"
    CHECK = "check"


#: Minutes that a part takes most people, for "about so much is left".
_MINUTES = {
    Step.CHILDREN: 1,
    Step.HEALTH: 3,
    Step.WORDS: 2,
    Step.DOCUMENTS: 3,
    Step.CONSENTS: 1,
    Step.CHECK: 1,
}


@dataclass(frozen=True, slots=True)
class Paper:
    """A document that the facility asks for, of one child or of the family."""

    number: int
    name: str
    hint: str
    child: Child | None
    photos: Sequence[Upload]
    #: She will bring it on paper.
    comes_later: bool

    @property
    def key(self) -> str:
        """What it is called in the draft."""
        return paper_key(self.name, self.child.id if self.child else None)

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is asked about it."""
        return bool(self.photos) or self.comes_later


def paper_key(name: str, child_id: uuid.UUID | None) -> str:
    """Return what a document is called in the draft."""
    return f"{name}|{child_id or ''}"


@dataclass(frozen=True, slots=True)
class Application:
    """Everything about one family's application to one facility before it is sent."""

    facility: Facility
    provider: str
    document: RulesDocument
    found: Sequence[ChildWithRegistration]
    confirmed: Mapping[uuid.UUID, date]
    again: frozenset[uuid.UUID]
    #: Whose record was confirmed too long ago by the facility's rules; asked softly.
    asked: Collection[uuid.UUID]
    parts: Mapping[str, Part]
    photos: Sequence[Upload]
    today: date

    @property
    def form(self) -> str:
        """The key of its draft."""
        return form_key(self.facility.id)

    @property
    def rule(self) -> ApplicationRule:
        """What the facility asks for besides."""
        return self.document.application or ApplicationRule(emergency_care=False)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The parts of this facility's form: without documents where it asks for none."""
        return tuple(each for each in Step if each is not Step.DOCUMENTS or self.rule.documents)

    def part(self, step: Step) -> Part:
        """Return what is saved of a part."""
        return self.parts.get(step.value, NOTHING)

    @property
    def chosen(self) -> list[Child]:
        """The children she applies for, as far as they may."""
        wanted = set(self.part(Step.CHILDREN).fields.get("child_ids", []))
        return [
            each.child
            for each in self.found
            if str(each.child.id) in wanted and self.why_not(each) is None
        ]

    @property
    def note(self) -> str:
        """What the family wants the nursery to know."""
        return self.part(Step.WORDS).one("note")

    def why_not(self, each: ChildWithRegistration) -> str | None:
        """Return why a child cannot be applied for now, and from when; ``None``: it can."""
        name = spoken_of(each.child)
        if each.has_live(self.today):
            return sentence(Reason(PreregistrationRefusal.ALREADY_APPLIED), child=name)
        return None

    def _once_born(self, child: Child) -> str:
        if child.due_on is None:
            return ""
        rule = age_rule_for(self.document, child.due_on, self.today)
        if rule is None:
            return ""
        first = jdate(rule.first_day(child.due_on), self.today)
        return _("予定日どおりなら、%(day)s の利用から予約できます") % {"day": first}

    def told_of(self, child: Child) -> str:
        """Return the class of a child, and from when it is old enough where it is not yet."""
        if child.born_on is None:
            due = _("予定日 %(day)s") % {"day": jdate(child.due_on or self.today, self.today)}
            waits = _("園は、生まれてから返事をします")
            return listed([due, waits, *filter(None, [self._once_born(child)])])
        age = class_age(child.born_on, max(child.born_on, self.today))
        words = [_("%(age)s歳児クラス") % {"age": max(0, age)}] if age in (-1, *CLASSES) else []
        too_young = self._too_young(child.born_on)
        return listed([*words, *([too_young] if too_young else [])])

    def _too_young(self, born_on: date) -> str | None:
        rule = age_rule_for(self.document, born_on, self.today)
        if rule is None:
            return None
        first = rule.first_day(born_on)
        if first <= self.today:
            return None
        day = jdate(first, self.today)
        if rule.min is not None and rule.min.unit is AgeUnit.MONTHS:
            return _(
                "%(months)sか月になる %(day)s の利用から予約できます。申し込みは、いまできます"
            ) % {"months": rule.min.value, "day": day}
        return _("%(day)s の利用から予約できます。申し込みは、いまできます") % {"day": day}

    @property
    def papers(self) -> list[Paper]:
        """The documents asked for, one for each child where each has its own."""
        later = set(self.part(Step.DOCUMENTS).fields.get("later", []))
        wanted: list[tuple[str, str, Child | None]] = []
        for each in self.rule.documents:
            # Of a child that is not born there is nothing to show yet.
            of = [child for child in self.chosen if child.born_on] if each.each_child else [None]
            wanted += [(each.name, each.hint, child) for child in of]
        return [
            Paper(
                number,
                name,
                hint,
                child,
                [
                    photo
                    for photo in self.photos
                    if photo.about == name and photo.child_id == (child.id if child else None)
                ],
                comes_later=paper_key(name, child.id if child else None) in later,
            )
            for number, (name, hint, child) in enumerate(wanted, start=1)
        ]

    @property
    def consents(self) -> list[Asked]:
        """The consents that are asked, each on its own."""
        purposes = [ConsentPurpose.CARE_INFORMATION]
        if self.rule.emergency_care:
            purposes.append(ConsentPurpose.EMERGENCY_CARE)
        if self.rule.photographs:
            purposes.append(ConsentPurpose.PHOTOGRAPHS)
        return [
            asked(each, facility=self.facility.name, provider=self.provider) for each in purposes
        ]

    def answer_to(self, purpose: str) -> str:
        """Return what she said to a consent in the very words of now; empty: nothing yet."""
        saved = self.part(Step.CONSENTS)
        version = next(each.version for each in self.consents if each.purpose == purpose)
        return saved.one(purpose) if saved.one("version") == version else ""

    @property
    def unwritten(self) -> list[Child]:
        """The chosen children whose record is not confirmed."""
        return [each for each in self.chosen if each.born_on and each.id not in self.confirmed]

    def is_done(self, step: Step) -> bool:
        """Say whether nothing of a part is missing."""
        if step is Step.CHILDREN:
            return bool(self.chosen)
        if step is Step.HEALTH:
            return bool(self.chosen) and not self.unwritten
        if step is Step.WORDS:
            return step.value in self.parts
        if step is Step.DOCUMENTS:
            return bool(self.chosen) and all(paper.is_settled for paper in self.papers)
        if step is Step.CONSENTS:
            return all(self.answer_to(each.purpose) for each in self.consents)
        return False

    @property
    def missing(self) -> list[Step]:
        """The parts that must be done before it can be sent; words and papers may stay open."""
        free = {Step.WORDS, Step.DOCUMENTS, Step.CHECK}
        return [step for step in self.steps if step not in free and not self.is_done(step)]

    @property
    def refused(self) -> bool:
        """Whether she said no to what cannot be left out."""
        return any(each.is_needed and self.answer_to(each.purpose) == NO for each in self.consents)

    def after(self, step: Step) -> Step:
        """Return the next part."""
        return self.steps[self.steps.index(step) + 1]

    def before(self, step: Step) -> Step | None:
        """Return the part before, if there is one."""
        at = self.steps.index(step)
        return self.steps[at - 1] if at else None

    @property
    def goes_on(self) -> Step:
        """Return the first part that is not done: where "go on" leads."""
        return next((step for step in self.steps if not self.is_done(step)), Step.CHECK)

    def url(self, step: Step) -> str:
        """Return the address of a part."""
        return url_for(f"selfservice_application.{step.value}", facility_id=self.facility.id)

    def minutes_left(self, step: Step) -> int:
        """Return about how long the rest takes; a part that is done takes no more time."""
        rest = self.steps[self.steps.index(step) :]
        return sum(_MINUTES[each] for each in rest if not self.is_done(each))


def step_names() -> dict[Step, str]:
    """Return what the parts are called."""
    return {
        Step.CHILDREN: _("お子さん"),
        Step.HEALTH: _("体のこと"),
        Step.WORDS: _("伝えたいこと"),
        Step.DOCUMENTS: _("書類"),
        Step.CONSENTS: _("同意"),
        Step.CHECK: _("確認"),
    }


def form_key(facility_id: uuid.UUID) -> str:
    """Return the key of the draft of an application to a facility."""
    return f"application:{facility_id}"


def spoken_of(child: Child) -> str:
    """Return how a child is named in a sentence."""
    return _("%(name)sさん") % {"name": child.name} if child.name else _("これから生まれるお子さん")


def load(session: Session, facility_id: uuid.UUID, *, actor: Actor, now: datetime) -> Application:
    """Return how far the actor's application to a facility has come.

    Raises:
        NoResultFound: a facility that takes none, or is not there.
    """
    facility = queries.facility_to_apply_to(session, facility_id, actor=actor)
    found = queries.children_with_registration(session, facility_id, actor=actor)
    ids = [each.child.id for each in found]
    provider = session.get_one(Organisation, facility.organisation_id)
    document, on = terms_of(session, facility_id, today(now)).document, today(now)
    mine = (
        ()
        if actor.family_id is None
        else documents(session, actor.family_id, facility_id, actor=actor)
    )
    return Application(
        facility=facility,
        provider=provider.name,
        document=document,
        found=found,
        confirmed=confirmed_days(session, ids, actor=actor),
        again=to_confirm_again(session, ids, actor=actor),
        asked=due_again(session, dict.fromkeys(ids, document.record), on=on, actor=actor),
        parts=saved_parts(session, form_key(facility_id), actor=actor),
        photos=[photo for photo in mine if photo.organisation_id is None],
        today=on,
    )

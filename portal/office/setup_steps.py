"""Setting a facility up, step by step. What is done is read from what exists, never remembered."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from flask import url_for
from sqlalchemy.orm import Session

from portal.documents.i18n import gettext as _
from portal.facilities import queries
from portal.facilities.claims import claim_of
from portal.facilities.models import Facility, FacilityClaim, Programme
from portal.facilities.rules import ClaimState, FacilityRefusal
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.policies.document import RulesDocument
from portal.rulebooks.models import Rulebook, RulebookDraft
from portal.rulebooks.outside_hours import outside_hours
from portal.rulebooks.queries import draft_of, versions_of
from portal.slots.hours import hours_of, hours_of_places
from portal.slots.models import Pool
from portal.slots.queries import Week, pools_of, week_of
from portal.slots.rules import DayHours, PoolKind


class Step(StrEnum):
    """The steps, in their order; each is a page of its own."""

    CHOOSE = "choose"
    ABOUT = "about"
    HOURS = "hours"
    CARE = "care"
    PLACES = "places"
    STAFF = "staff"
    RULES = "rules"
    PREVIEW = "preview"
    PUBLISH = "publish"


#: Without these families would meet an empty or a wrong page.
NEEDED = frozenset({Step.CHOOSE, Step.ABOUT, Step.HOURS, Step.CARE, Step.PLACES, Step.RULES})
#: One's own page of ``office_setup``; the others stand elsewhere.
_PAGES = {
    Step.ABOUT: "office_setup.about",
    Step.HOURS: "office_setup.hours",
    Step.CARE: "office_setup_care.care",
    Step.PLACES: "office_setup_care.places",
    Step.STAFF: "office_setup_care.staff",
    Step.PREVIEW: "office_preview.index",
    Step.PUBLISH: "office_preview.publish",
}


def step_names() -> dict[Step, str]:
    """Return what the steps are called."""
    return {
        Step.CHOOSE: _("園をえらぶ"),
        Step.ABOUT: _("園の案内"),
        Step.HOURS: _("開く時間とお休み"),
        Step.CARE: _("預かりの名前と説明"),
        Step.PLACES: _("預かる人数"),
        Step.STAFF: _("職員の人数"),
        Step.RULES: _("予約と料金のきまり"),
        Step.PREVIEW: _("公開の前に見る"),
        Step.PUBLISH: _("公開する"),
    }


def _purposes() -> dict[Step, str]:
    return {
        Step.CHOOSE: _("市区町村の一覧からえらびます。"),
        Step.ABOUT: _("電話、住所、行き方を確かめます。"),
        Step.HOURS: _("曜日ごとの時間、昼休み、祝日、年末年始です。"),
        Step.CARE: _("保護者が読む名前と説明、持ち物を書きます。"),
        Step.PLACES: _("同時に何人まで預かるか。0歳は何人まで、も決められます。"),
        Step.STAFF: _("時間ごとの職員の数です。足りるかどうかのめやすが出ます。"),
        Step.RULES: _("対象の年齢、予約の始まり、取り消し、料金を決めます。"),
        Step.PREVIEW: _("保護者が見るページを、公開の前に確かめます。"),
        Step.PUBLISH: _("残っていることを確かめて、公開します。"),
    }


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that is left to do before publishing, and where."""

    words: str
    href: str
    link: str


@dataclass(frozen=True)
class SetUp:
    """How far a facility is, with everything its steps show."""

    facility: Facility
    claim: FacilityClaim | None
    programmes: Sequence[Programme]
    hours: Mapping[int, DayHours]
    pools: Sequence[Pool]
    week: Week
    has_rules: bool
    has_draft: bool
    #: Each block and beginning of the rules, drafts before those in force, that nobody can book.
    outside_hours: Sequence[str] = ()

    @property
    def programme(self) -> Programme | None:
        """The programme that families see first."""
        return self.programmes[0] if self.programmes else None

    @property
    def waits(self) -> bool:
        """Whether the municipality has not answered yet."""
        return self.claim is not None and self.claim.state is ClaimState.WAITING

    @property
    def is_refused(self) -> bool:
        """Whether the municipality has said no."""
        return self.claim is not None and self.claim.state is ClaimState.REFUSED

    @cached_property
    def done(self) -> frozenset[Step]:
        """The steps of which something stands."""
        is_public = self.facility.published_at is not None
        totals = [pool for pool in self.pools if pool.kind is PoolKind.TOTAL]
        has_places = any(any(self.week.cells(p.id, day)) for p in totals for day in range(7))
        found = {
            Step.CHOOSE: not self.is_refused,
            Step.ABOUT: self._can_be_reached
            and (is_public or self.facility.access_note is not None),
            Step.HOURS: bool(self.hours),
            Step.CARE: bool(self.programmes),
            Step.PLACES: has_places,
            Step.STAFF: any(any(self.week.duty(day)) for day in range(7)),
            Step.RULES: self.has_rules,
            Step.PREVIEW: is_public,
            Step.PUBLISH: is_public,
        }
        return frozenset(step for step, is_done in found.items() if is_done)

    @property
    def _can_be_reached(self) -> bool:
        return bool(self.facility.phone and self.facility.address)

    @property
    def next_step(self) -> Step | None:
        """The first step that is not done; staff can be left for later."""
        later = {Step.STAFF}
        waiting = [step for step in Step if step not in self.done]
        return next((step for step in waiting if step not in later), None)

    @cached_property
    def missing(self) -> list[Missing]:
        """What stands against publishing, in the order of the steps."""
        words = {
            Step.CHOOSE: _("市区町村が、この園を確認できませんでした"),
            Step.ABOUT: _("園の電話がありません"),
            Step.HOURS: _("開く時間がありません"),
            Step.CARE: _("預かりの名前と説明がありません"),
            Step.PLACES: _("預かる人数がありません"),
            Step.RULES: _("予約と料金のきまりがありません"),
        }
        found = [
            Missing(words[step], self.href(step) or self.home, step_names()[step])
            for step in Step
            if step in NEEDED and step not in self.done
            # A list that says phone and address says what families need.
            if step is not Step.ABOUT or not self._can_be_reached
        ]
        if self.waits:
            waits = _("市区町村の確認を待っています。確認がすむと公開できます")
            found.append(Missing(waits, self.home, _("ようすを見る")))
        return found

    def check_ready(self) -> None:
        """Refuse to publish while something is missing; whether it may be hidden is not asked here.

        Raises:
            Refusal: ``NOT_READY``, or ``NOT_CONFIRMED`` where nothing else is left.
        """
        if self.missing and not self.facility.is_hidden:
            only_waits = self.waits and len(self.missing) == 1
            code = FacilityRefusal.NOT_CONFIRMED if only_waits else FacilityRefusal.NOT_READY
            raise Refusal([code])

    @property
    def home(self) -> str:
        """The page with all the steps."""
        return url_for("office_setup.show", facility_id=self.facility.id)

    def href(self, step: Step) -> str | None:
        """Return where a step is done; ``None`` while another must come first."""
        if step is Step.CHOOSE:
            return (
                url_for("office_setup.choose", instead_of=self.facility.id) if self.claim else None
            )
        if step is Step.RULES:
            if self.programme is None:
                return None
            return url_for("office_rules.index", programme_id=self.programme.id)
        return url_for(_PAGES[step], facility_id=self.facility.id)

    def after(self, step: Step) -> str:
        """Return the page that comes after a step."""
        following = list(Step)[list(Step).index(step) + 1 :]
        return (self.href(following[0]) if following else None) or self.home

    def items(self) -> list[dict[str, object]]:
        """Return the steps for the list: name, state, words, link."""
        names, purposes = step_names(), _purposes()
        found: list[dict[str, object]] = []
        for step in Step:
            is_done, is_next = step in self.done, step is self.next_step
            link = _("見る・直す") if is_done else _("入れる")
            if step in {Step.PREVIEW, Step.PUBLISH}:
                link = _("開く")
            if step is Step.CHOOSE:
                link = _("えらびなおす")
            href = self.href(step)
            if step is Step.CHOOSE and (self.claim is None or not (self.waits or self.is_refused)):
                href = None
            found.append(
                {
                    "name": names[step],
                    "state": "done" if is_done else "now" if is_next else "",
                    "text": purposes[step],
                    "note": self._note(step),
                    "href": href,
                    "link": link,
                }
            )
        return found

    def _note(self, step: Step) -> str | None:
        if step is Step.STAFF and step not in self.done:
            return _("あとでもかまいません。")
        if step is Step.RULES and self.programme is None:
            return _("先に「預かりの名前と説明」を入れてください。")
        if step is Step.RULES and self.has_draft:
            return _("書きかけがあります。")
        if step is Step.CHOOSE and self.waits:
            return _("市区町村の確認を待っています。準備は先に進められます。")
        return None


def set_up_of(session: Session, facility_id: uuid.UUID, *, actor: Actor, today: date) -> SetUp:
    """Return how far an own facility is.

    Raises:
        sqlalchemy.exc.NoResultFound: it is not the actor's organisation's.
    """
    facility = queries.own_facility(session, facility_id, actor.organisation_id)
    programmes = [
        one
        for one in queries.programmes_of(session, actor.organisation_id)
        if one.facility_id == facility_id
    ]
    begun = {
        one.id: [each for each in versions_of(session, one.id) if each.in_force_from <= today]
        for one in programmes
    }
    drafts = {one.id: draft_of(session, one.id) for one in programmes}
    week = open_week(session, facility_id, today, actor=actor)
    written = [_document(drafts[one.id], begun[one.id]) for one in programmes]
    return SetUp(
        facility=facility,
        claim=claim_of(session, facility_id, actor=actor),
        programmes=programmes,
        hours=week,
        pools=pools_of(session, facility_id, actor),
        week=week_of(session, facility_id, today, actor),
        has_rules=any(begun.values()),
        has_draft=any(drafts.values()),
        outside_hours=[
            said
            for document in written
            if document is not None
            for said in outside_hours(document.units, [day.cells() for day in week.values()])
        ],
    )


def open_week(
    session: Session, facility_id: uuid.UUID, today: date, *, actor: Actor
) -> Mapping[int, DayHours]:
    """Return the opening hours by weekday: as entered, else those of the places."""
    entered = hours_of(session, facility_id, actor=actor)
    return entered or hours_of_places(session, facility_id, today, actor=actor)


def _document(draft: RulebookDraft | None, begun: Sequence[Rulebook]) -> RulesDocument | None:
    """Return the rules as they will be: what is being written, else what holds."""
    if draft is not None and draft.document is not None:
        return RulesDocument.model_validate(draft.document)
    return RulesDocument.model_validate(begun[0].document) if begun else None

"""The paper form of a referral: the fields of the pages, to be filled by hand and sent by FAX.

A printed draft shows the facts of the family; what was learned is written by hand, only what may be
told. One that was sent shows what was passed on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from jinja2 import Environment
from sqlalchemy.orm import Session

from portal.consents import sharing
from portal.consents.rules import ToldChannel
from portal.consents.sharing import SHARING_VERSION, Bodies
from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.documents.pdf import pdf_bytes
from portal.documents.templating import environment
from portal.families import queries as families
from portal.kernel.actor import Actor
from portal.kernel.wareki import wareki
from portal.organisations.models import Organisation
from portal.referrals import file_columns as columns
from portal.referrals import queries
from portal.referrals.models import Interview, Referral
from portal.referrals.offering import receiver_names
from portal.referrals.passed_on import PassedChild, PassedOn, Person, opened
from portal.referrals.rules import Item, ReferralState
from portal.referrals.sheet import LEARNED

#: Lines for children on a form; more go on a second one.
CHILDREN: Final = 4
#: A day that stands for one still to be written.
_SOME_DAY: Final = date(2100, 1, 1)
_BLANK_DAY: Final = "令和　　年　　月　　日"


@dataclass(frozen=True, slots=True)
class PaperFacts:
    """What is printed into a form; everything else is left to the pen."""

    number: str = ""
    receiver: str = ""
    stage: str = ""
    held_on: date | None = None
    ticked_on: date | None = None
    person: Person | None = None
    address: str = ""
    children: tuple[PassedChild, ...] = ()
    learned: tuple[tuple[Item, str], ...] = ()
    urgency: str = ""
    target_on: date | None = None


def facts_of(session: Session, row: Referral, *, actor: Actor) -> PaperFacts:
    """Return what is printed for a referral; reading what was passed on leaves a trace.

    The caller commits.

    Raises:
        NoResultFound: not one that this actor may see.
    """
    of = session.get(Interview, row.interview_id) if row.interview_id else None
    [receiver] = receiver_names(session, [row])
    if row.state is ReferralState.DRAFT:
        passed = _drafted(session, row, actor=actor)
    else:
        passed = opened(queries.items(session, row, actor=actor), row.child_ids)
    return PaperFacts(
        _("%(number)s番") % {"number": row.number},
        receiver,
        of.stage.value if of else "",
        of.held_on if of else None,
        of.guide_ticked_on if of else None,
        passed.person,
        passed.address or "",
        passed.children,
        passed.learned,
        row.urgency.value,
        row.target_on,
    )


def _drafted(session: Session, row: Referral, *, actor: Actor) -> PassedOn:
    people = families.guardians(session, row.family_id, actor=actor)
    children = families.children(session, row.family_id, actor=actor)
    first = people[0]
    person = Person(first.name, first.name_kana, first.relation, first.phone, first.mail)
    meant = tuple(
        PassedChild(each.id, each.name, each.name_kana, each.born_on, each.due_on)
        for each in children
        if each.id in row.child_ids
    )
    return PassedOn(person, first.address, meant, ())


@dataclass(frozen=True, slots=True)
class _Spoken:
    """The three records, in the very words of the pages, with gaps for the pen."""

    sharing: str
    told: str
    booking: str


def _spoken(own: str, receiver: str) -> _Spoken:
    bodies = Bodies(own, receiver or "（紹介先）")
    told = sharing.ask_told(bodies, [], list(ToldChannel), _SOME_DAY, _SOME_DAY).wording
    ways = listed([sharing.told_channel_label(each) for each in ToldChannel])
    return _Spoken(
        sharing.ask_sharing(bodies, ["下で印をつけたこと"], _SOME_DAY, _SOME_DAY).wording,
        told.replace(jdate(_SOME_DAY, _SOME_DAY), "下に書いた日").replace(
            ways, "下で印をつけた方法"
        ),
        sharing.ask_booking(bodies, _SOME_DAY, _SOME_DAY).wording,
    )


def referral_paper(
    own: Organisation, facts: PaperFacts | None = None, *, is_demo: bool = False
) -> bytes:
    """Return the form as PDF, blank or filled; black on white, nothing under 10 pt.

    Raises:
        portal.documents.pdf.PdfUnavailable: this machine cannot make PDFs.
    """
    facts = facts or PaperFacts()
    html = (
        _papers()
        .get_template("referrals/paper.html")
        .render(
            own=own,
            facts=facts,
            lines=_lines(facts.children),
            learned=[(columns.COLUMNS[f"learned.{item}"], _said(facts, item)) for item in LEARNED],
            spoken=_spoken(own.name, facts.receiver),
            version=SHARING_VERSION,
            stages=columns.stages(),
            urgencies=columns.urgencies(),
            items=columns.items(),
            channels=columns.channels(),
            times=columns.times(),
            day=lambda day: wareki(day) if day else _BLANK_DAY,
            is_demo=is_demo,
        )
    )
    return pdf_bytes(html)


def _said(facts: PaperFacts, item: Item) -> str:
    return dict(facts.learned).get(item, "")


def _lines(children: Sequence[PassedChild]) -> list[PassedChild | None]:
    return [*children, *([None] * (CHILDREN - len(children)))]


@cache
def _papers() -> Environment:
    return environment()

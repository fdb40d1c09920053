"""What a nursery still asks a family for which a body books: homes are not read in interviews."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping

from portal.bookings.queries.cases import CaseFile
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.homes.asked import Asked, asked_by
from portal.kernel.errors import Reason
from portal.policies.decision import Decision
from portal.policies.notes import BookingNote
from portal.policies.proofs import PAPER_WORDS
from portal.policies.reasons import BookingRefusal

#: What they say stands among what the nursery asks.
_SAID_THERE = frozenset({BookingNote.RESIDENCE_UNKNOWN, BookingNote.ENROLMENT_UNKNOWN})


def notes_besides(decision: Decision) -> list[Reason]:
    """Return the notes of a decision that say something else than what is not known of a home."""
    return [note for note in decision.notes if note.code not in _SAID_THERE]


def asked_later(file: CaseFile, decision: Decision, names: Mapping[uuid.UUID, str]) -> list[str]:
    """Return what the nursery asks before the stay, since nobody here may read it (Japanese).

    The rules alone say so: it reads the same whatever the family has told the nursery.
    """
    asked = asked_by([file.document])
    found = [
        *_of_home(asked, decision),
        *_of_children(decision, names),
        *_papers(decision),
        *_of_price(asked),
    ]
    return list(dict.fromkeys(found))


def _of_home(asked: Asked, decision: Decision) -> Iterator[str]:
    places = next(
        (
            reason.values["places"]
            for reason in decision.left_to_facility
            if reason.code is BookingRefusal.NOT_RESIDENT
        ),
        None,
    )
    if isinstance(places, tuple):
        said = _("お住まい（利用できるのは、%(places)sに住んでいる方です）")
        yield said % {"places": listed([str(place) for place in places])}
    elif asked.residence:
        yield _("お住まい")
    if asked.enrolment:
        yield _("お子さんが、ほかの園などに通っているかどうか")


def _of_children(decision: Decision, names: Mapping[uuid.UUID, str]) -> Iterator[str]:
    for reason in decision.left_to_facility:
        if reason.code is BookingRefusal.GATE_UNANSWERED:
            child = names.get(reason.child_id) if reason.child_id else None
            values = {"child": child or _("お子さん"), "question": reason.values["gate"]}
            yield _("%(child)sのようす：%(question)s") % values


def _papers(decision: Decision) -> Iterator[str]:
    for reason in decision.left_to_facility:
        if reason.code is BookingRefusal.PROOF_MISSING:
            yield _("書類：「%(paper)s」") % {"paper": reason.values["paper"]}


def _of_price(asked: Asked) -> Iterator[str]:
    """What can change the price, or a limit: said by its name, never whether it is so."""
    papers = [PAPER_WORDS.get(each, each) for each in sorted(asked.telling_papers)]
    known = [*asked.marks.values(), *papers]
    if asked.tax:
        known.append(_("市区町村民税の所得割の額"))
    if known:
        words = _("世帯やお子さんの事情（%(marks)s）。料金や上限が、変わることがあります")
        yield words % {"marks": listed(known)}

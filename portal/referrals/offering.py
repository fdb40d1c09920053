"""Who could help, as a page offers them: a name, where, for which of the children, from when."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.documents.dates import jday
from portal.documents.i18n import gettext as _
from portal.facilities.models import Facility
from portal.families import queries as families
from portal.families.models import Child
from portal.kernel.actor import Actor
from portal.referrals import queries
from portal.referrals.models import Referral
from portal.referrals.receivers import Receiver, facilities_for, other_bodies
from portal.referrals.said import child_words

#: As many facilities are offered; the nearest stand first.
MOST_OFFERED = 20


@dataclass(frozen=True, slots=True)
class Offered:
    """A receiver on the form."""

    value: str
    receiver: Receiver
    note: str
    is_nursery: bool


def offered_for(
    session: Session,
    family_id: uuid.UUID,
    children: Sequence[Child],
    *,
    actor: Actor,
    on: date,
) -> list[Offered]:
    """Return nurseries that take these children, the nearest first, then other bodies."""
    guardians = families.guardians(session, family_id, actor=actor)
    near = guardians[0].address if guardians else None
    by_id = {child.id: child for child in children}
    found = facilities_for(session, children, near=near, actor=actor, on=on)[:MOST_OFFERED]
    providers = queries.body_names(session, [each.organisation_id for each in found])
    return [
        *(
            Offered(
                f"{each.organisation_id}.{each.facility_id}",
                each,
                _note(each, by_id, on, providers.get(each.organisation_id, "")),
                is_nursery=True,
            )
            for each in found
        ),
        *(
            Offered(f"{each.organisation_id}.", each, each.phone or "", is_nursery=False)
            for each in other_bodies(session, actor=actor)
        ),
    ]


def _note(each: Receiver, children: dict[uuid.UUID, Child], on: date, provider: str) -> str:
    """Say where it is, who runs it (one referral goes to one provider), and for whom it is."""
    words = [each.address, provider]
    if each.leaves_out:
        names = "、".join(child_words(children[one], on) for one in each.leaves_out)
        words.append(_("%(names)sは、年齢が合いません") % {"names": names})
    elif len(children) > 1 and not each.from_days:
        words.append(_("お子さん全員を、いま預けられる年齢です"))
    later = dict(each.from_days)
    for one in each.takes if later else ():
        said = {"child": child_words(children[one], on)}
        if one in later:
            said["day"] = jday(later[one], with_year=True)
        words.append(
            (_("%(child)sは %(day)s から") if one in later else _("%(child)sは、いまから")) % said
        )
    return "　".join(filter(None, words))


def receiver_names(session: Session, rows: Sequence[Referral]) -> list[str]:
    """Return to whom each goes: the nursery's name, or the body's."""
    bodies = queries.body_names(session, [each.receiver_id for each in rows])
    names = []
    for each in rows:
        place = session.get(Facility, each.facility_id) if each.facility_id else None
        names.append(place.name if place else bodies.get(each.receiver_id, ""))
    return names

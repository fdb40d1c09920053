"""What a limit counts, as the database itself asks it: each condition breached alone."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.uses.service import tell
from tests.database import TestServer
from tests.factories.people import children_of, make_guardian
from tests.factories.places import Site, make_site
from tests.services.test_booking_race import as_admin
from tests.services.test_caps_held import cap, later, tries
from tests.services.test_take_places import stay_for, take

FIRST, SECOND, THIRD = later(3)
ONE = cap("days", 1)
FREE_CARE = [{"kind": "trial_care", "trial": {"parts": [], "counts_toward_caps": False}}]
LATE = "state = 'cancelled', cancelled_at = now(), cancel_until = now() - interval '1 hour'"
IN_TIME = "state = 'cancelled', cancelled_at = now(), cancel_until = now() + interval '1 hour'"
EXCUSED = "state = 'excused_absence', cancelled_at = NULL"
TRIAL = "trial_part = 1"


def one(**more: Any) -> dict[str, Any]:
    return cap("days", 1, **more)


@dataclass(frozen=True)
class Case:
    """One stay is booked, becomes what ``was`` says, and a second one is wished for."""

    limit: dict[str, Any]
    fits: bool
    was: str = ""
    #: About the wish itself.
    wish: dict[str, Any] = field(default_factory=dict)
    #: Whether the first stay is at another provider's, and what both facilities have in common.
    elsewhere: str | None = None
    #: Care outside the portal instead of the first stay.
    told: dict[str, Any] | None = None
    rules: dict[str, Any] = field(default_factory=dict)
    end: time = time(12)


SAME_PROVIDER = "organisation_id"
SAME_CITY, OTHER_CITY, NO_CITY = "municipality_id", "other city", "no city"
EVERY = {"scope": "everywhere"}
CASES: dict[str, Case] = {
    "a stay counts": Case(ONE, fits=False),
    "cancelled late counts where it is said": Case(
        one(counts_late_cancelled=True), fits=False, was=LATE
    ),
    "and nowhere else": Case(one(counts_cancelled=True), fits=True, was=LATE),
    "cancelled in time counts where it is said": Case(
        one(counts_cancelled=True), fits=False, was=IN_TIME
    ),
    "in time is not late": Case(one(counts_late_cancelled=True), fits=True, was=IN_TIME),
    "a good reason came late": Case(one(counts_late_cancelled=True), fits=False, was=EXCUSED),
    "and was no stay": Case(ONE, fits=True, was=EXCUSED),
    "who did not come used it": Case(ONE, fits=False, was="state = 'no_show'"),
    "unless it is said": Case(one(counts_no_show=False), fits=True, was="state = 'no_show'"),
    "days before": Case(one(first_day=SECOND.isoformat()), fits=True),
    "another of the provider": Case(one(scope="provider"), fits=False, elsewhere=SAME_PROVIDER),
    "another provider": Case(one(scope="provider"), fits=True, elsewhere=SAME_CITY),
    "another of the city": Case(one(scope="municipality"), fits=False, elsewhere=SAME_CITY),
    "another city": Case(one(scope="municipality"), fits=True, elsewhere=OTHER_CITY),
    "cities that nobody knows": Case(one(scope="municipality"), fits=True, elsewhere=NO_CITY),
    "another type before": Case(one(purposes=["respite"]), fits=True, was="purpose = 'emergency'"),
    "counted all the same": Case(
        one(purposes=["respite"], counts_all_purposes=True),
        fits=False,
        was="purpose = 'emergency'",
    ),
    "another type of the rules before": Case(
        one(purposes=["respite"]), fits=True, was="use_type = 'juror'"
    ),
    "another type wished": Case(one(purposes=["respite"]), fits=True, wish={"use_type": "juror"}),
    "this type wished": Case(
        one(purposes=["juror"]), fits=False, was="use_type = 'juror'", wish={"use_type": "juror"}
    ),
    "another reason before": Case(
        one(reasons=["birth"]), fits=True, was="use_reason = 'care'", wish={"use_reason": "birth"}
    ),
    "this reason": Case(
        one(reasons=["birth"]), fits=False, was="use_reason = 'birth'", wish={"use_reason": "birth"}
    ),
    "another reason wished": Case(
        one(reasons=["birth"]), fits=True, was="use_reason = 'birth'", wish={"use_reason": "care"}
    ),
    "a reason that is left out": Case(
        one(except_reasons=["care"]), fits=True, was="use_reason = 'care'"
    ),
    "a trial like others": Case(ONE, fits=False, was=TRIAL),
    "a trial never": Case(one(trials="never"), fits=True, was=TRIAL),
    "a trial of another type": Case(
        one(purposes=["emergency"], trials="always"),
        fits=False,
        was=TRIAL,
        wish={"purpose": "emergency"},
    ),
    "a trial that the rules do not count": Case(
        ONE, fits=True, was=TRIAL, rules={"steps": {"steps": FREE_CARE}}
    ),
    "a trial wished that never counts": Case(
        one(trials="never"), fits=True, wish={"trial_part": 1}
    ),
    "a trial wished that always counts": Case(
        one(purposes=["emergency"], trials="always", counts_all_purposes=True),
        fits=False,
        wish={"trial_part": 1},
    ),
    "a stay that counts nothing": Case(
        cap("visits", 0, weights=[{"up_to_minutes": 60, "counts": 0}]), fits=True, end=time(10)
    ),
    "several of a day by their weights": Case(
        cap("half_days", 1, weights=[{"up_to_minutes": 600, "counts": 1}]),
        fits=False,
        was=f"day = '{SECOND}'",
        end=time(10),
    ),
    "several of a day are one day": Case(
        cap("half_days", 1, half_day_minutes=30),
        fits=True,
        was=f"day = '{SECOND}'",
    ),
    "told": Case(one(**EVERY), fits=False, told={}),
    "told, but not to be counted": Case(one(**EVERY, counts_declared=False), fits=True, told={}),
    "told, where the facility alone counts": Case(ONE, fits=True, told={}),
    "told of days before": Case(one(**EVERY, first_day=SECOND.isoformat()), fits=True, told={}),
    "told of another type": Case(
        one(**EVERY, purposes=["respite"]), fits=True, told={"use_type": "juror"}
    ),
    "told of another type, and counted": Case(
        one(**EVERY, purposes=["respite"], counts_all_purposes=True),
        fits=False,
        told={"use_type": "juror"},
    ),
    "an average of a week and a bit": Case(
        cap(
            "days",
            1,
            weekly_average=True,
            average_rounding="down",
            first_day=FIRST.isoformat(),
            last_day=(FIRST + timedelta(days=9)).isoformat(),
        ),
        fits=False,
    ),
    "the same rounded up": Case(
        cap(
            "days",
            1,
            weekly_average=True,
            average_rounding="up",
            first_day=FIRST.isoformat(),
            last_day=(FIRST + timedelta(days=9)).isoformat(),
        ),
        fits=True,
    ),
    # What the lock of the family holds alone.
    "of the household": Case(one(per="household"), fits=True),
    "for each cause": Case(one(per_cause=True), fits=True),
    "that can be extended": Case(one(extensions=1, extension=1), fits=True),
    "with a variant of limits": Case(
        ONE,
        fits=True,
        rules={"variants": [{"name": "夏", "caps": [cap("days", 9)], "leaves_out": []}]},
    ),
}


@dataclass(frozen=True)
class Place:
    """Two facilities of two providers, and whoever writes past every policy."""

    here: Site
    there: Site
    run: Callable[[str], list[tuple[object, ...]]]

    def shares(self, what: str | None) -> None:
        """Let the facilities have their provider or city in common, or nothing."""
        provider = (self.here if what == SAME_PROVIDER else self.there).organisation_id
        cities = {SAME_CITY: (0, 0), OTHER_CITY: (0, 1)}.get(what or "", (None, None))
        for site, city in zip((self.here, self.there), cities, strict=True):
            of_city = "NULL"
            if city is not None:
                of_city = f"(SELECT id FROM organisations ORDER BY id LIMIT 1 OFFSET {city})"
            self.run(
                f"UPDATE facilities SET municipality_id = {of_city} WHERE id = '{site.facility_id}'"
            )
        self.run(
            f"UPDATE facilities SET organisation_id = '{provider}'"
            f" WHERE id = '{self.there.facility_id}'"
        )

    def under(self, number: int, case: Case) -> Site:
        """Return the nursery under rules of its own for a case."""
        newer = replace(self.here, rulebook_id=uuid.uuid4())
        said = json.dumps({"caps": [case.limit], **case.rules}, ensure_ascii=False)
        self.run(
            "INSERT INTO rulebooks (id, programme_id, facility_id, organisation_id, version,"
            f" in_force_from, document) SELECT '{newer.rulebook_id}', programme_id, facility_id,"
            f" organisation_id, {number + 2}, in_force_from, document || '{said}'"
            f" FROM rulebooks WHERE id = '{self.here.rulebook_id}'"
        )
        return newer


def _fits(place: Place, number: int, case: Case) -> bool:
    mother = make_guardian("母", children=("子",))
    family = mother.family_id
    assert family is not None
    child = children_of(mother)[0].id
    place.shares(case.elsewhere)
    if case.told is None:
        take(mother, stay_for(place.there if case.elsewhere else place.here, family, child, FIRST))
    else:
        with acting_as(mother), transaction() as session:
            tell(session, family, child, [FIRST], 240, actor=mother, now=clock.now(), **case.told)
    if case.was:
        place.run(f"UPDATE bookings SET {case.was} WHERE child_id = '{child}'")
    stay = stay_for(place.under(number, case), family, child, SECOND, end=case.end)
    return tries(mother, replace(stay, **case.wish))


@pytest.mark.proves("J9", "P1")
def test_a_limit_counts_what_it_says(server: TestServer, emptied: Engine) -> None:
    here, there = (make_site(name, places=len(CASES)) for name in ("あさの園", "となりの園"))
    place = Place(here, there, partial(as_admin, server, emptied))
    found = {name: _fits(place, n, case) for n, (name, case) in enumerate(CASES.items())}
    assert found == {name: case.fits for name, case in CASES.items()}

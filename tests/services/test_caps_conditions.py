"""What a limit counts, as the database itself asks it: each condition breached alone."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.uses.service import tell
from tests.database import TestServer
from tests.factories.people import make_guardian
from tests.factories.places import Site, make_site
from tests.services.test_booking_race import as_admin
from tests.services.test_caps_held import cap, later, limited, tries
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


def _shared(server: TestServer, engine: Engine, here: Site, there: Site, what: str) -> None:
    if what == SAME_PROVIDER:
        as_admin(
            server,
            engine,
            f"UPDATE facilities SET organisation_id = '{here.organisation_id}'"
            f" WHERE id = '{there.facility_id}'",
        )
        return
    for number, site in enumerate((here, there)):
        city = {SAME_CITY: "1", OTHER_CITY: "1" if number else "2"}.get(what)
        if city:
            as_admin(
                server,
                engine,
                "UPDATE facilities SET municipality_id = (SELECT id FROM organisations ORDER BY id"
                f" LIMIT 1 OFFSET {city}) WHERE id = '{site.facility_id}'",
            )


def _fits(server: TestServer, engine: Engine, case: Case) -> bool:
    mother = make_guardian("母", children=("子",))
    family, child = mother.family_id, None
    here = make_site("あさの園")
    there = make_site("となりの園") if case.elsewhere else here
    assert family is not None
    [(child,)] = as_admin(server, engine, f"SELECT id FROM children WHERE family_id = '{family}'")
    assert isinstance(child, uuid.UUID)
    if case.elsewhere:
        _shared(server, engine, here, there, case.elsewhere)
    if case.told is None:
        take(mother, stay_for(there, family, child, FIRST))
    else:
        with acting_as(mother), transaction() as session:
            tell(session, family, child, [FIRST], 240, actor=mother, now=clock.now(), **case.told)
    if case.was:
        as_admin(server, engine, f"UPDATE bookings SET {case.was} WHERE child_id = '{child}'")
    site = limited(here, case.limit, **case.rules)
    stay = stay_for(site, family, child, SECOND, end=case.end)
    return tries(mother, replace(stay, **case.wish))


@pytest.mark.proves("J9", "P1")
def test_a_limit_counts_what_it_says(server: TestServer, emptied: Engine) -> None:
    found = {name: _fits(server, emptied, case) for name, case in CASES.items()}
    assert found == {name: case.fits for name, case in CASES.items()}

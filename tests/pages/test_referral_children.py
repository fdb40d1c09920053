"""The children of an interview: corrected where mistyped, left out where not meant."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.referrals import queries
from tests.factories import people, places, referring
from tests.pages.visit import Visitor

TODAY = clock.today(clock.now())


@pytest.mark.proves("R7", "R10")
def test_a_mistyped_day_is_corrected_and_one_child_left_out(
    app: Flask, suzuki: Actor, hinata: places.Site
) -> None:
    of = referring.interviewed(suzuki)
    elder, unborn = referring.children_of(suzuki, of.family_id)
    nurse, base = Visitor(app, suzuki), f"/liaison/interviews/{of.id}"
    due = TODAY + timedelta(days=33)
    day = {f"day-{part}": str(getattr(due, part)) for part in ("year", "month", "day")}
    page = f"{base}/children/{unborn}"
    assert nurse.submit(page, {"kind": "expected", "count": "1", **day}).status == 303
    assert f"{due.month}月{due.day}日" in nurse.get(f"{base}/children").text
    value = f"{hinata.organisation_id}.{hinata.facility_id}"
    wish = {"receivers": [value], "urgency": "normal"}
    assert nurse.submit(f"{base}/receivers", wish).status == 422, "nobody is meant"
    wish["children"] = [str(elder)]
    assert nurse.submit(f"{base}/receivers", wish).status == 303
    with acting_as(suzuki), transaction() as session:
        [draft] = queries.drafts_of(session, of, actor=suzuki)
        assert draft.child_ids == [elder]


def test_another_citys_child_is_not_found(app: Flask, suzuki: Actor) -> None:
    of = referring.interviewed(suzuki)
    other = people.make_liaison("となりの市の 保健師")
    theirs = referring.interviewed(other)
    child = referring.children_of(other, theirs.family_id)[0]
    mine = referring.interviewed(suzuki, name="山口 なおみ")
    sister = referring.children_of(suzuki, mine.family_id)[0]
    nurse = Visitor(app, suzuki)
    for child_id in (child, sister):  # hers too, but of another family
        assert nurse.get(f"/liaison/interviews/{of.id}/children/{child_id}").status == 404

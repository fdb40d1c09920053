"""A closed child takes no place, also at the same moment; a family's own copy still tells of it."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from portal.bookings.queries.cases import case_for
from portal.bookings.rules import UsePurpose, Wish
from portal.datarequests import brought, own_copy
from portal.datarequests.queries import log_of
from portal.db.session import acting_as, transaction
from portal.drafts import service as drafts
from portal.drafts.models import Draft
from portal.families import expected
from portal.families import service as families
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.clock import at
from portal.kernel.spans import cell_time, span_on
from portal.uploads import service as uploads
from portal.uploads.rules import UploadPurpose
from portal.visits import afterwards
from portal.visits import queries as visit_queries
from portal.visits.rules import VisitKind, VisitState
from tests.factories import days, people, visits
from tests.factories.photos import photo
from tests.factories.places import Site
from tests.services.test_expected import NOW, TODAY, applied, expect, tell
from tests.services.test_visit_mail import mail

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def mori(app: Flask) -> Actor:
    """Somebody who expects a child, without others."""
    del app
    return people.make_guardian("森 ゆい")


def family_of(guardian: Actor) -> uuid.UUID:
    assert guardian.family_id is not None
    return guardian.family_id


def undone_twin(site: Site, guardian: Actor) -> uuid.UUID:
    """A twin whose birth was told by mistake and taken back; it has a name and a birthday."""
    applied(site, guardian, first := expect(guardian))
    twin = tell(guardian, first, "森 そら", "森 うみ")[1]
    with acting_as(guardian), transaction() as session:
        expected.undo_birth(session, first, actor=guardian, now=NOW)
    return twin


@pytest.mark.proves("R7", "R8")
def test_trial_care_is_neither_judged_nor_booked_for_a_closed_child(
    hinata: Site, mori: Actor
) -> None:
    twin = undone_twin(hinata, mori)
    span = span_on(days.DAY, cell_time(18), cell_time(20))
    wish = Wish(hinata.programme_id, family_of(mori), (twin,), span, UsePurpose.RESPITE)
    with acting_as(mori) as session, pytest.raises(NoResultFound, match="not there"):
        case_for(session, wish, actor=mori, now=NOW)
    with pytest.raises(NoResultFound, match="not there any more"):
        days.book(hinata, mori, children=[twin], trial_part=1)


@pytest.mark.proves("P7")
def test_the_copy_tells_what_was_closed_and_taken_off(hinata: Site, mori: Actor) -> None:
    child_id = expect(mori)
    applied(hinata, mori, child_id)
    grandmother = days.name_pickup(mori, "森 とめ", "祖母")
    with acting_as(mori), transaction() as session:
        expected.close(session, child_id, actor=mori, now=NOW)
        families.remove_pickup(session, grandmother, actor=mori, now=NOW)
    with acting_as(mori), transaction() as session:
        copy = own_copy.gather(session, family_of(mori), actor=mori, now=NOW)
    content = json.loads(copy.as_json())
    (child,) = content["children"]
    assert child["due_on"]
    assert child["ended_at"] == NOW.astimezone(clock.JST).isoformat(timespec="minutes")
    (application,) = content["preregistrations"]
    assert application["state"] == "withdrawn"
    assert "出産予定日" in application["child"], "which child it was for"
    assert content["pickup_persons"][0]["removed_at"]
    assert own_copy.paper(copy, is_demo=False).startswith(b"%PDF")


def keep(guardian: Actor, site: Site, person: uuid.UUID, *, about: str = "") -> uuid.UUID:
    """Keep a document for a facility, or the photo of who picks up."""
    with acting_as(guardian), transaction() as session:
        row = uploads.store_image(
            session,
            photo(),
            family_id=family_of(guardian),
            child_id=None,
            purpose=UploadPurpose.APPLICATION_DOCUMENT if about else UploadPurpose.PICKUP_PHOTO,
            facility_id=site.facility_id if about else None,
            about=about,
            actor=guardian,
            now=NOW,
        )
        if not about:
            families.set_pickup_photo(session, person, row.id, actor=guardian, now=NOW)
        return row.id


@pytest.mark.proves("P7", "P10")
def test_the_copy_holds_the_photos_within_bounds_and_each_reading_is_written_down(
    hinata: Site, mori: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = days.name_pickup(mori, "森 とめ", "祖母")
    kept = [keep(mori, hinata, person, about="子ども医療証"), keep(mori, hinata, person)]
    with acting_as(mori), transaction() as session:
        copy = own_copy.gather(session, family_of(mori), actor=mori, now=NOW, with_photos=True)
    names = {row["about"]: row["file"] for row in copy.topics["photos"]}
    assert set(names) == {"子ども医療証", "森 とめ"}
    with zipfile.ZipFile(io.BytesIO(own_copy.archive(copy, is_demo=False))) as files:
        assert set(files.namelist()) == {"data.json", "data.pdf", *names.values()}
        assert files.read(names["森 とめ"]).startswith(b"\xff\xd8")
    with acting_as(mori) as session:
        lines = log_of(session, TODAY, TODAY, actor=mori)
        assert sum(line.times for line in lines if line.action == "read.upload") == len(kept)
    monkeypatch.setattr(brought, "MOST_BYTES", 1)
    with acting_as(mori), transaction() as session:
        copy = own_copy.gather(session, family_of(mori), actor=mori, now=NOW, with_photos=True)
    assert [row["file"] for row in copy.topics["photos"]] == [None, None]
    assert not copy.photos


def test_a_photo_whose_time_is_over_is_named_without_its_file(hinata: Site, mori: Actor) -> None:
    person = days.name_pickup(mori, "森 とめ", "祖母")
    keep(mori, hinata, person, about="子ども医療証")
    later = at(TODAY + timedelta(days=400), cell_time(20))
    with acting_as(mori), transaction() as session:
        copy = own_copy.gather(session, family_of(mori), actor=mori, now=later, with_photos=True)
    assert [row["file"] for row in copy.topics["photos"]] == [None]


@pytest.mark.proves("R7", "J8")
@pytest.mark.parametrize("kind", [VisitKind.TOUR, VisitKind.PRENATAL])
def test_a_past_visit_names_no_closed_child_and_is_not_asked_after(
    hinata: Site, sato: Actor, mori: Actor, kind: VisitKind
) -> None:
    child_id = expect(mori, "森 そら")
    session_id = visits.open_session(hinata, kind=kind)
    visit_id = visits.book(
        mori, session_id, child_ids=(child_id,) if kind is VisitKind.TOUR else ()
    )
    visits.begin(hinata, session_id)
    with acting_as(sato), transaction() as session:
        missed = VisitState.MISSED
        afterwards.record_attendance(session, visit_id, missed, actor=sato, now=clock.now())
    assert mail(mori, "missed", visit_id) is not None
    with acting_as(mori), transaction() as session:
        expected.close(session, child_id, actor=mori, now=NOW)
    assert mail(mori, "missed", visit_id) is None
    with acting_as(sato) as session:
        (visit,) = visit_queries.visits_to(session, [session_id], actor=sato)[session_id]
        assert visit_queries.visitors(session, [visit])[visit_id].children == ()


@pytest.mark.proves("R7", "J8")
def test_a_form_begun_for_a_closed_child_ends_without_a_mail(mori: Actor) -> None:
    child_id, other = expect(mori), uuid.uuid4()
    with acting_as(mori), transaction() as session:
        for key, named in (("application:1", child_id), ("application:2", other)):
            fields = {"child_ids": [str(named)]}
            drafts.save(session, key, "children", fields, actor=mori, now=NOW)
    with acting_as(mori), transaction() as session:
        expected.close(session, child_id, actor=mori, now=NOW)
    with acting_as(mori) as session:
        told = {row.form: row.told_at for row in session.scalars(select(Draft))}
    assert told == {"application:1": NOW, "application:2": None}

"""What remains of a change of places: its trace, and the days set singly."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine, create_engine, text

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.slots import closures, pools, service
from portal.slots.holidays import sync_holidays
from portal.slots.rules import ClosureWish, DayChange, Hours, PatternChange, PoolKind
from tests.database import TestServer
from tests.factories.people import make_guardian, make_worker
from tests.factories.places import make_site, next_open_day
from tests.services.test_take_places import mine, stay_for, take

NOW = clock.now()
DAYTIME = Hours(18, 34)


def test_every_change_is_written_down_with_who_made_it(emptied: Engine, server: TestServer) -> None:
    site = make_site("ひなた保育園")
    sato = make_worker("佐藤 まり", site.organisation_id, "staff")
    here, day = site.facility_id, next_open_day(1)
    week = PatternChange(frozenset({2}), DAYTIME, {site.total_pool_id: 4}, clock.today(NOW))
    single = DayChange(day, DAYTIME, {site.total_pool_id: 3}, "行事のため")
    band = {"kind": PoolKind.AGE_BAND, "label": "1歳児", "youngest_class": 1, "oldest_class": 1}
    with acting_as(sato), transaction() as session:
        service.save_pattern(session, here, week, actor=sato, now=NOW)
        service.save_day(session, here, single, actor=sato, now=NOW)
        service.clear_day(session, here, day, actor=sato, now=NOW)
        wish = ClosureWish(day, day, "研修")
        closure = closures.close_days(session, here, wish, actor=sato, now=NOW)
        closures.lift_closure(session, closure, actor=sato, now=NOW)
        pool = pools.add_pool(session, here, **band, places=2, actor=sato, now=NOW)  # type: ignore[arg-type]  # a test's values
        pools.rename_pool(session, pool, "1歳", actor=sato)
        pools.retire_pool(session, pool, actor=sato, now=NOW)
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))
    with admin.connect() as connection:
        rows = connection.execute(
            text("SELECT action, user_id, subjects FROM audit_log WHERE action LIKE 'places.%'")
        ).all()
    admin.dispose()
    assert {row.action.removeprefix("places.") for row in rows} == {
        "pattern_saved",
        "day_saved",
        "day_cleared",
        "closed",
        "closure_lifted",
        "pool_added",
        "pool_renamed",
        "pool_retired",
    }
    assert {row.user_id for row in rows} == {sato.user_id}
    assert all(here in row.subjects for row in rows)


@pytest.mark.proves("B20")
@pytest.mark.usefixtures("database")
def test_a_day_set_singly_is_not_short_by_a_new_week() -> None:
    site = make_site("ひなた保育園")
    sato = make_worker("佐藤 まり", site.organisation_id, "staff")
    tanaka = make_guardian("田中 みほ", children=("田中 はな",))
    day = next_open_day(1)
    for here in (day, day + timedelta(days=7)):
        take(tanaka, stay_for(site, *mine(tanaka), here))
    single = DayChange(day, DAYTIME, {site.total_pool_id: 3}, "行事のため")
    nobody = PatternChange(frozenset(range(5)), DAYTIME, {site.total_pool_id: 0}, day)
    with acting_as(sato), transaction() as session:
        service.save_day(session, site.facility_id, single, actor=sato, now=NOW)
        short = service.preview_pattern(session, site.facility_id, nobody, actor=sato, now=NOW)
    assert [each.day for each in short] == [day + timedelta(days=7)]


def test_holidays_come_once_and_a_corrected_one_stays(emptied: Engine, server: TestServer) -> None:
    owner = create_engine(server.url("portal_owner", str(emptied.url.database)))
    with owner.begin() as connection:
        connection.execute(text("DELETE FROM holidays"))
        connection.execute(text("INSERT INTO holidays VALUES ('2026-11-23', '入れなおした祝日')"))
    added = sync_holidays(owner, 2026)
    assert added > 40
    assert sync_holidays(owner, 2026) == 0
    with owner.connect() as connection:
        names = {
            row.day.isoformat(): row.name
            for row in connection.execute(text("SELECT day, name FROM holidays"))
        }
    owner.dispose()
    assert names["2026-11-23"] == "入れなおした祝日"
    assert names["2027-01-01"] == "元日"
    assert any(day.startswith("2028") for day in names)

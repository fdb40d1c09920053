"""Who runs the city's facilities and advises its families: providers, staff, other bodies."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, text

from portal.commands.demo_city import loop_stories
from portal.commands.demo_city.family_rows import add_account
from portal.commands.demo_city.record import Site
from portal.commands.demo_city.rows import Rows, ident
from portal.commands.demo_city.site_rows import add_site
from portal.commands.demo_city.sites import SiteOf
from portal.commands.demo_city.supporters import add_workers
from portal.kernel.clock import at
from portal.organisations.rules import OrganisationKind

_CHOOSE = text("""
    SELECT id, area, name FROM facilities
     WHERE has_temporary_care AND NOT is_hidden ORDER BY list_key""")
_CLAIM = text("""
    UPDATE facilities SET organisation_id = :organisation, published_at = :published,
           access_note = :note, closed_on_holidays = :rests WHERE id = :id""")


def add_sites(
    connection: Connection, rows: Rows, wanted: Sequence[SiteOf], started_on: date
) -> tuple[Site, ...]:
    """Add the providers with their staff, and what each facility has set up."""
    chosen = _of_different_areas(connection.execute(_CHOOSE).all(), len(wanted))
    opened_at = at(started_on - timedelta(days=14), time(10))
    found_sites = []
    providers: set[str] = set()
    for facility, site in zip(chosen, wanted, strict=True):
        organisation_id = ident("provider", site.provider)
        if site.provider not in providers:
            providers.add(site.provider)
            _add_provider(rows, site.provider, organisation_id, len(providers), opened_at)
        add_site(
            rows,
            facility.id,
            organisation_id,
            site.shape,
            started_on,
            opened_at,
            published=site.is_published,
        )
        found_sites.append(
            Site(
                site.key,
                facility.id,
                organisation_id,
                ident("director", site.provider),
                ident("staff", site.provider),
                site.shape.load,
            )
        )
    return tuple(found_sites)


def _of_different_areas(candidates: Sequence[Any], wanted: int) -> list[Any]:
    by_area: dict[str | None, Any] = {}
    for facility in candidates:
        by_area.setdefault(facility.area, facility)
    first = list(by_area.values())
    return (first + [facility for facility in candidates if facility not in first])[:wanted]


#: Of each provider in turn: director and staff.
_STAFF = (
    ("岡田 ゆみこ", "佐藤 まり"),
    ("三浦 かずえ", "山田 けい"),
    ("永井 たつや", "原 ともみ"),
    ("相馬 ひろし", "相馬 ひろし"),
    ("西山 れいこ", "上田 しょう"),
    ("青木 なおこ", "工藤 はるか"),
)


def _add_provider(
    rows: Rows, name: str, organisation_id: uuid.UUID, number: int, since: datetime
) -> None:
    legal = name if name.startswith("NPO") else f"社会福祉法人{name}"
    _add_organisation(
        rows,
        organisation_id,
        OrganisationKind.PROVIDER,
        f"{legal}（架空）",
        f"000-2000-{number:04d}",
    )
    for role, person in zip(("director", "staff"), _STAFF[number - 1], strict=True):
        _add_worker(
            rows, ident(role, name), person, f"{role}{number}", organisation_id, role, since
        )


def _add_organisation(
    rows: Rows, organisation_id: uuid.UUID, kind: OrganisationKind, name: str, phone: str
) -> None:
    """Add a body."""
    rows.add("organisations", id=organisation_id, kind=kind.value, name=name, phone=phone)


def _add_worker(
    rows: Rows,
    user_id: uuid.UUID,
    name: str,
    mail: str,
    organisation_id: uuid.UUID,
    role: str,
    since: datetime,
) -> None:
    add_account(rows, user_id, f"{mail}@demo.example", name, since)
    rows.add(
        "memberships",
        id=ident("membership", user_id),
        user_id=user_id,
        organisation_id=organisation_id,
        role=role,
        created_at=since,
    )


def add_people(
    rows: Rows, municipality_id: uuid.UUID, founded: Sequence[Site], since: datetime
) -> dict[str, tuple[uuid.UUID, uuid.UUID | None]]:
    """Add those who work elsewhere; return the personas that are not guardians of the city."""
    ours = founded[0]
    theirs = next(site for site in founded if site.key == "municipal")
    hidden = next(site for site in founded if site.key == "unpublished")
    small = next(site for site in founded if site.key == "small")
    people: dict[str, tuple[uuid.UUID, uuid.UUID | None]] = {
        "director": (ours.director_id, ours.organisation_id),
        "staff": (ours.staff_id, ours.organisation_id),
        "other_staff": (theirs.staff_id, theirs.organisation_id),
        "limiting": (small.director_id, small.organisation_id),
        "new_director": (hidden.director_id, hidden.organisation_id),
    }
    people |= add_workers(rows, municipality_id, since)
    operator, user_id = ident("body", "operator"), ident("worker", "operator")
    _add_organisation(
        rows, operator, OrganisationKind.OPERATOR, "ポータルの運用（架空）", "000-3000-0003"
    )
    _add_worker(rows, user_id, "運用 たろう", "operator", operator, "operator", since)
    people["operator"] = (user_id, operator)
    newcomer = ident("worker", "new_guardian")
    add_account(rows, newcomer, "kobayashi@demo.example", "小林 あや", since)
    people["new_guardian"] = (newcomer, None)
    referred = loop_stories.user_id()
    add_account(rows, referred, "miyamoto@demo.example", loop_stories.NAME, since)
    people[loop_stories.DOOR] = (referred, None)
    return people


def add_closures(
    rows: Rows, wanted: Sequence[SiteOf], founded: Sequence[Site], today: date
) -> None:
    """Add the days off that were known before anybody booked."""
    for site, there in zip(wanted, founded, strict=True):
        spans = [
            (today + timedelta(days=a), today + timedelta(days=b), why, 0, 48)
            for a, b, why in site.shut
        ]
        if site.key == "half_days":
            training = _next_weekday(today + timedelta(days=8), 3)
            spans.append((training, training, "職員の研修のため、午後はお休みです", 25, 48))
        for first, last, why, from_cell, to_cell in spans:
            rows.add(
                "closures",
                id=ident("closure", there.facility_id, first),
                facility_id=there.facility_id,
                organisation_id=there.organisation_id,
                from_day=first,
                to_day=last,
                from_cell=from_cell,
                to_cell=to_cell,
                reason=why,
                created_by=there.director_id,
                created_at=at(first - timedelta(days=60), time(15)),
            )
            trace(rows, "places.closed", there, at(first - timedelta(days=60), time(15)))


def add_waiting_claim(
    rows: Rows, founded: Sequence[Site], municipality_id: uuid.UUID, now: datetime
) -> None:
    """Let the newest provider wait for the city's word that its facility is its own."""
    site = next(site for site in founded if site.key == "unpublished")
    rows.add(
        "facility_claims",
        id=ident("claim", site.facility_id),
        facility_id=site.facility_id,
        organisation_id=site.organisation_id,
        municipality_id=municipality_id,
        state="waiting",
        asked_by=site.director_id,
        asked_at=now - timedelta(days=1, hours=3),
    )


def _next_weekday(day: date, weekday: int) -> date:
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def trace(rows: Rows, action: str, site: Site, moment: datetime) -> None:
    """Add what a director did as a row of the audit."""
    rows.add(
        "audit_log",
        id=ident("audit", action, site.facility_id, moment),
        at=moment,
        user_id=site.director_id,
        organisation_id=site.organisation_id,
        family_id=None,
        role="director",
        action=action,
        subjects=[site.facility_id],
        detail={},
    )


def claim(
    connection: Connection,
    wanted: Sequence[SiteOf],
    founded: Sequence[Site],
    published_at: datetime,
) -> None:
    """Hand the facilities to their providers and publish those that are."""
    for site, there in zip(wanted, founded, strict=True):
        connection.execute(
            _CLAIM,
            {
                "organisation": there.organisation_id,
                "published": published_at if site.is_published else None,
                "note": site.access_note,
                "rests": site.rests_on_holidays,
                "id": there.facility_id,
            },
        )

"""Whatever is given, taken back, run out and sent: who reads an item was named with it.

A model stands beside the database. It knows of each nursery what the family agreed to, or what law
released, and what was passed on; what a nursery reads is compared with it after every step.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from sqlalchemy import Engine, create_engine, select, text

from portal.app import listen_to_families
from portal.consents import service as consents
from portal.consents.rules import SharingPurpose
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.referrals import grounds, service
from portal.referrals.models import Interview, LegalBasis, ReferralItem
from portal.referrals.rules import NEEDED_ITEMS, Item, LegalGround
from tests.database import TestServer
from tests.factories import people, places, referring

#: All that the sender knows of this family.
KNOWN = frozenset({*NEEDED_ITEMS, Item.ADDRESS, Item.FATIGUE, Item.HEALTH})
named = some.frozensets(some.sampled_from(sorted(KNOWN)), min_size=1)
whole = named.map(lambda items: items | NEEDED_ITEMS)
action = some.one_of(
    some.tuples(some.just("give"), whole),
    some.tuples(some.just("give"), named),
    some.tuples(some.sampled_from(["send", "send", "withdraw", "run out", "recall"]), some.none()),
    some.tuples(some.sampled_from(["decide", "release", "urgent"]), whole),
    some.tuples(some.just("say no"), some.none()),
)
steps = some.lists(some.tuples(some.integers(0, 1), action), min_size=4, max_size=14)


@dataclass
class Side:
    """A nursery, and what the model knows of it."""

    site: places.Site
    staff: Actor
    consent_id: uuid.UUID | None = None
    agreed: frozenset[Item] = frozenset()
    has_run_out: bool = False
    referral_id: uuid.UUID | None = None
    passed: frozenset[Item] = frozenset()
    #: The urgent decision that what was passed on rests on, or a released one.
    ground_id: uuid.UUID | None = None
    is_urgent: bool = False

    @property
    def may_read(self) -> frozenset[Item]:
        """What this nursery may read at this moment."""
        if self.referral_id is None:
            return frozenset()
        if self.ground_id is not None:
            return self.passed
        return frozenset() if self.has_run_out else self.passed & self.agreed

    def over(self) -> None:
        self.referral_id, self.passed, self.ground_id = None, frozenset(), None


@dataclass
class World:
    """A city with a nurse and her colleague, two nurseries, and a way past every policy."""

    nurse: Actor
    colleague: Actor
    sides: list[Side]
    admin: Engine
    of: Interview | None = None

    def begin(self) -> None:
        self.of = referring.interviewed(self.nurse)
        for side in self.sides:
            side.over()
            side.consent_id, side.agreed, side.has_run_out = None, frozenset(), False

    def do(self, side: Side, what: str, items: frozenset[Item]) -> None:
        assert self.of is not None
        family_id, to = self.of.family_id, side.site.organisation_id
        match what:
            case "give":
                made = referring.agreed(self.nurse, family_id, to, items=sorted(items))
                side.consent_id = made[SharingPurpose.SHARING]
                side.agreed, side.has_run_out = items, False
                if side.ground_id is None:
                    side.passed &= items
            case "withdraw" if side.consent_id is not None:
                with acting_as(self.nurse), transaction() as session:
                    consents.withdraw(session, side.consent_id, actor=self.nurse, now=clock.now())
                side.consent_id, side.agreed = None, frozenset()
                if side.ground_id is None:
                    side.over()
            case "run out" if side.consent_id is not None:
                with self.admin.begin() as connection:
                    connection.execute(
                        text("UPDATE consents SET until_on = :day WHERE id = :id"),
                        {
                            "day": clock.today(clock.now()) - timedelta(days=1),
                            "id": side.consent_id,
                        },
                    )
                side.has_run_out = True
            case "send":
                self._send(side, None, side.agreed if not side.has_run_out else frozenset())
            case "decide" | "release" | "urgent":
                self._by_law(side, what, items)
            case "say no" if side.ground_id is not None and side.is_urgent:
                with acting_as(self.colleague), transaction() as session:
                    grounds.review(
                        session,
                        side.ground_id,
                        agreed=False,
                        actor=self.colleague,
                        now=clock.now(),
                    )
                side.passed, side.is_urgent = frozenset(), False
            case "recall" if side.referral_id is not None:
                with acting_as(self.nurse), transaction() as session:
                    service.recall(session, side.referral_id, actor=self.nurse, now=clock.now())
                side.over()
            case _:
                pass

    def _by_law(self, side: Side, what: str, items: frozenset[Item]) -> None:
        assert self.of is not None
        if side.referral_id is not None:
            return
        wanted = grounds.Decision(
            self.of.family_id,
            side.site.organisation_id,
            LegalGround.CHILD_PROTECTION,
            sorted(items),
            "ようすが心配です。",
        )
        now = clock.now()
        with acting_as(self.nurse), transaction() as session:
            ground = (
                grounds.urgent(session, wanted, phoned_at=now, actor=self.nurse, now=now)
                if what == "urgent"
                else grounds.decide(session, wanted, actor=self.nurse, now=now)
            )
            ground_id = ground.id
        if what == "release":
            with acting_as(self.colleague), transaction() as session:
                grounds.release(session, ground_id, actor=self.colleague, now=now)
        self._send(side, ground_id, items if what != "decide" else frozenset())
        side.is_urgent = what == "urgent"

    def _send(self, side: Side, ground_id: uuid.UUID | None, allowed: frozenset[Item]) -> None:
        """Try to send; the model says whether it must leave, and with what."""
        assert self.of is not None
        if side.referral_id is not None:
            return
        row = referring.drafted(self.nurse, self.of, side.site)
        has_left = True
        try:
            with acting_as(self.nurse), transaction() as session:
                ground = session.get_one(LegalBasis, ground_id) if ground_id else None
                service.send(session, row.id, ground=ground, actor=self.nurse, now=clock.now())
        except Refusal:
            has_left = False
        assert has_left is (allowed >= NEEDED_ITEMS)
        if has_left:
            side.referral_id, side.ground_id = row.id, ground_id
            side.passed = allowed & KNOWN

    def read_by(self, side: Side) -> frozenset[Item]:
        """Return what a nursery's worker gets of this family, past every query of the portal."""
        assert self.of is not None
        with acting_as(side.staff), transaction() as session:
            rows = session.scalars(
                select(ReferralItem).where(ReferralItem.family_id == self.of.family_id)
            ).all()
            assert all(row.value for row in rows)
            return frozenset(row.item for row in rows)


@pytest.fixture
def world(emptied: Engine, server: TestServer) -> Iterator[World]:
    listen_to_families()
    nurse = people.make_liaison("鈴木 あき")
    assert nurse.organisation_id is not None
    sides = []
    for name in ("ひなた保育園", "みどりこども園"):
        site = places.make_site(name)
        sides.append(Side(site, people.make_worker("佐藤 まり", site.organisation_id, "staff")))
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))
    colleague = people.make_worker("田中 りさ", nurse.organisation_id, "liaison")
    yield World(nurse, colleague, sides, admin)
    admin.dispose()


@pytest.mark.proves("R11", "R12", "P12")
@settings(
    max_examples=25,
    deadline=None,
    # Each step commits: to look for a shorter example would take longer than to read this one.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(sequence=steps)
def test_a_nursery_reads_an_item_only_while_it_was_named_with_it(
    world: World, sequence: list[tuple[int, tuple[str, frozenset[Item] | None]]]
) -> None:
    world.begin()
    for which, (what, items) in sequence:
        world.do(world.sides[which], what, items or frozenset())
        for side in world.sides:
            assert world.read_by(side) == side.may_read, (what, which)

"""Whatever comes in which order, over two nurseries, the city and automatic mails: never too much.

Beside the portal stands a limit written in a few lines; the rows of the database are held against
it, and every refusal too: that it was due, and that the moment it names is itself allowed.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as some
from sqlalchemy import Engine, create_engine, text

from portal.contacts import service
from portal.contacts.mails import FAMILY_GATE
from portal.contacts.rules import ContactChannel, ContactPolicy, ContactRefusal, Nature, Wishes
from portal.db.session import Database, acting_as, in_use, make_engine, transaction, use
from portal.kernel.actor import ANONYMOUS, Actor
from portal.kernel.clock import JST
from portal.kernel.errors import Refusal
from portal.messages.delivery import Delivery
from portal.messages.letters import Letter, Wanted
from portal.messages.outbox import enqueue
from portal.messages.smtp import Post
from portal.referrals.models import Referral
from tests.database import TestServer
from tests.factories.outreach import MORNING, days, refer
from tests.factories.people import make_guardian, make_worker
from tests.factories.places import make_site
from tests.factories.referring import joined_with
from tests.factories.support import make_center, met
from tests.smtp import running_mail_server

LIMIT = ContactPolicy()
ADVANCE_MAIL = "visits/missed"
waits = some.one_of(
    some.integers(0, 90), some.integers(60, 60 * 30), some.integers(0, 60 * 24 * 8)
).map(lambda minutes: timedelta(minutes=minutes))
step = some.tuples(
    waits,
    some.sampled_from(["call", "call", "letter", "mail", "deliver", "answer", "duty", "not made"]),
    some.integers(0, 2),
)


def is_quiet(moment: datetime) -> bool:
    local = moment.astimezone(JST).time()
    return local < time(8) or local >= time(20)


def fits(earlier: Sequence[datetime], moment: datetime) -> bool:
    """Say whether one more at a moment keeps two in seven days, twenty hours, and the night."""
    if is_quiet(moment):
        return False
    if any(abs(moment - each) < timedelta(hours=20) for each in earlier):
        return False
    return len([each for each in earlier if moment - timedelta(days=7) < each]) < 2


@dataclass
class World:
    """One family after another, known to two nurseries and a center, and the portal's worker."""

    app: Database
    worker: Database
    delivery: Delivery
    admin: Engine
    bodies: list[Actor]
    now: datetime = MORNING
    family_id: uuid.UUID = field(default_factory=uuid.uuid4)
    account: uuid.UUID = field(default_factory=uuid.uuid4)
    referrals: tuple[Referral | None, ...] = ()

    def begin(self) -> None:
        center, hinata, midori = self.bodies
        self.now = MORNING
        self.family_id = met(center)[0]
        first, second = (refer(center, each, self.family_id) for each in (hinata, midori))
        mother = make_guardian("高橋 あかり")
        joined_with(first, mother, hinata)
        assert mother.family_id is not None
        self.account, self.referrals = mother.family_id, (None, first, second)

    def counted(self) -> list[datetime]:
        """Return the advances as they stand in the database, past every policy."""
        with self.admin.connect() as connection:
            found = connection.execute(
                text(
                    "SELECT at FROM contacts WHERE nature = 'advance'"
                    " AND result IS DISTINCT FROM 'not_made'"
                    " AND family_id IN (:met, :account) ORDER BY at"
                ),
                {"met": self.family_id, "account": self.account},
            )
            return list(found.scalars())

    def contact(self, body: int, nature: Nature, channel: ContactChannel) -> uuid.UUID:
        actor, referral = self.bodies[body], self.referrals[body]
        with acting_as(actor), transaction() as session:
            return service.record_contact(
                session,
                self.family_id,
                nature=nature,
                channel=channel,
                about="tour",
                actor=actor,
                now=self.now,
                referral_id=referral.id if referral else None,
            ).id

    def advance(self, body: int, channel: ContactChannel) -> uuid.UUID | None:
        """Try to contact the family; hold the answer against the limit written here."""
        earlier = self.counted()
        try:
            made = self.contact(body, Nature.ADVANCE, channel)
        except Refusal as refused:
            [reason] = refused.reasons
            assert reason.code is ContactRefusal.TOO_SOON
            assert not fits(earlier, self.now)
            opens = reason.values["from"]
            assert isinstance(opens, datetime)
            assert opens > self.now
            assert fits(earlier, opens), "the moment named is itself allowed"
            assert not fits(earlier, opens - timedelta(minutes=1)), "and no later than needed"
            return None
        assert fits(earlier, self.now)
        return made

    def mail(self) -> None:
        with acting_as(ANONYMOUS), transaction() as session:
            enqueue(session, ADVANCE_MAIL, to_family=self.account, not_before=MORNING - days(3000))
        self.deliver()

    def deliver(self) -> None:
        use(self.worker)
        try:
            self.delivery.drain()
        finally:
            use(self.app)


@pytest.fixture
def world(emptied: Engine, server: TestServer) -> Iterator[World]:
    name = str(emptied.url.database)
    engine = make_engine(server.url("portal_worker", name))
    admin = create_engine(server.url("portal_admin", name))
    bodies = [
        make_center(),
        make_worker("佐藤 まり", make_site("ひなた保育園").organisation_id, "staff"),
        make_worker("山田 けい", make_site("みどりこども園").organisation_id, "staff"),
    ]

    def letter(_session: object, _wanted: Wanted) -> Letter:
        return Letter("ほかの日もえらべます", "またいつでもどうぞ。\n")

    with running_mail_server() as smtp:
        made: list[World] = []
        delivery = Delivery(
            {ADVANCE_MAIL: letter},
            Post(smtp.settings),
            base_url="http://portal.test",
            gate=FAMILY_GATE,
            now=lambda: made[0].now,
        )
        made.append(World(in_use(), Database(engine, server.secrets), delivery, admin, bodies))
        yield made[0]
    admin.dispose()
    engine.dispose()


@pytest.mark.proves("R18", "R20")
@settings(
    max_examples=20,
    deadline=None,
    # Each step commits: to look for a shorter example would take longer than to read this one.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(sequence=some.lists(step, min_size=3, max_size=16))
def test_no_order_of_contacts_of_anybody_is_ever_too_much(
    world: World, sequence: list[tuple[timedelta, str, int]]
) -> None:
    world.begin()
    for waited, what, body in sequence:
        world.now += waited
        match what:
            case "call" | "letter":
                world.advance(body, ContactChannel(what.replace("call", "phone")))
            case "not made":
                made = world.advance(body, ContactChannel.PHONE)
                if made is not None:
                    actor = world.bodies[body]
                    with acting_as(actor), transaction() as session:
                        service.record_result(
                            session, made, service.NOT_MADE, actor=actor, now=world.now
                        )
            case "mail":
                world.mail()
            case "deliver":
                world.deliver()
            case _:  # never refused, whatever stands before it; never counted
                before = world.counted()
                world.contact(body, Nature(what), ContactChannel.PHONE)
                assert world.counted() == before
        every = world.counted()
        assert all(fits(every[:place], moment) for place, moment in enumerate(every))


@pytest.mark.proves("R20")
@settings(
    max_examples=10,
    deadline=None,
    # Each step commits: to look for a shorter example would take longer than to read this one.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    wish=some.builds(
        Wishes,
        stops=some.booleans(),
        channels=some.frozensets(some.sampled_from(ContactChannel), max_size=2),
        not_before=some.none() | some.integers(0, 9).map(lambda n: MORNING.date() + days(n)),
    ),
    body=some.integers(0, 2),
)
def test_a_wish_binds_every_body_and_the_mails_and_never_an_answer(
    world: World, wish: Wishes, body: int
) -> None:
    world.begin()
    told = world.bodies[1]  # she says it to one of them
    with acting_as(told), transaction() as session:
        service.set_wishes(session, world.family_id, wish, actor=told, now=MORNING)
    is_early = wish.not_before is not None and wish.not_before > MORNING.date()

    def is_free(channel: ContactChannel) -> bool:
        return not (wish.stops or (wish.channels and channel not in wish.channels) or is_early)

    world.mail()
    assert bool(world.counted()) is is_free(ContactChannel.MAIL)
    world.now += days(8)
    is_early = wish.not_before is not None and wish.not_before > world.now.astimezone(JST).date()
    try:
        world.contact(body, Nature.ADVANCE, ContactChannel.PHONE)
        is_refused = False
    except Refusal:
        is_refused = True
    assert is_refused is not is_free(ContactChannel.PHONE)
    for nature in (Nature.ANSWER, Nature.DUTY):
        world.contact(body, nature, ContactChannel.PHONE)

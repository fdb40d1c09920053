"""Facts of a home and care outside the portal, for tests. Each commits in the database in use."""

from __future__ import annotations

import uuid
from datetime import timedelta

from portal.db.session import acting_as, transaction
from portal.homes.rules import HomeFact, HomeFactKind
from portal.homes.service import say
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.uses.service import take_back, tell


def noted(actor: Actor, family_id: uuid.UUID, fact: HomeFact) -> uuid.UUID:
    """Write a fact of a home down, and return its id."""
    with acting_as(actor), transaction() as session:
        return say(session, family_id, fact, actor=actor, now=clock.now()).id


def told_of_home(guardian: Actor, worker: Actor, child_id: uuid.UUID) -> dict[str, object]:
    """Return a paper that staff saw, an answer, and days elsewhere, one of them taken back.

    Beside them stand tickets that staff gave out.
    """
    family_id, now = guardian.family_id, clock.now()
    assert family_id is not None
    noted(guardian, family_id, HomeFact(HomeFactKind.GATE, "walks_alone", 1, child_id))
    noted(worker, family_id, HomeFact(HomeFactKind.COUPON, "trial", 3))
    paper = HomeFact(HomeFactKind.PAPER, "employment_certificate", is_seen=True)
    with acting_as(guardian), transaction() as session:
        today = clock.today(now)
        days = [today, today - timedelta(days=1)]
        ids = tell(session, family_id, child_id, days, 240, actor=guardian, now=now)
        gone, stands = ids  # in the order of their days
        take_back(session, family_id, gone, actor=guardian, now=now)
    return {"fact_id": noted(worker, family_id, paper), "use_id": stands}

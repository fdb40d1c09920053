"""Who applied where, and how far each application has come: in every state there is."""

from __future__ import annotations

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from portal.commands.demo_city.family_rows import (
    StoredFamily,
    add_acceptance,
    add_application,
    open_to,
)
from portal.commands.demo_city.planning import Client
from portal.commands.demo_city.rows import Rows, ident
from portal.db.sealed import seal
from portal.kernel.age import class_age
from portal.kernel.clock import JST, today
from portal.preregistration.rules import MessageKind, accepted_until
from portal.preregistration.rules import PreregistrationState as State

#: An application is decided after at most this; younger ones may still wait.
WAITS = timedelta(days=4)
QUESTIONS: Final = (
    "アレルギーの「卵」は、加熱したものなら食べられますか。",
    "薬は園であずかれません。お昼の薬は、かかりつけの先生に相談できますか。",
    "初めての日は、2時間くらいの短い時間から始められますか。",
    "お迎えは、どなたが来られますか。",
)
ANSWERS: Final = (
    "はい、よく焼いたものなら食べられます。生は食べません。",
    "朝と夜の2回に変えてもらいました。",
    "はい、9時から11時でお願いしたいです。",
    "祖母が行く日もあります。名前は、面談の日に紙で渡します。",
)
DECLINES: Final = (
    "いまは医療的ケアのできる職員がいないため、お受けできません。市の窓口（000-3000-0000）に、受けられる園を聞けます。",
    "お申し込みの年齢の枠がありません。同じ法人の別の園をご案内できます。お電話ください。",
)


@dataclass(frozen=True, slots=True)
class Taker:
    """A facility that takes applications, and who decides there. ``oldest``: its last class."""

    facility_id: uuid.UUID
    organisation_id: uuid.UUID
    director_id: uuid.UUID
    youngest: int
    oldest: int


def apply_to(
    rows: Rows,
    family: StoredFamily,
    taker: Taker,
    applied_at: datetime,
    now: datetime,
    dice: random.Random,
    opened: set[uuid.UUID],
) -> Client | None:
    """Let a family apply for all its born children; return it as a client if it was accepted."""
    fitting = [
        position
        for position, kid in enumerate(family.household.kids)
        if kid.born_on is not None
        and kid.born_on < today(applied_at)
        and taker.youngest <= class_age(kid.born_on, today(now)) <= taker.oldest
    ]
    if not fitting:
        return None
    open_once(rows, family, taker, applied_at, opened)
    decided_at = _office_hours(applied_at + WAITS * dice.uniform(0.2, 1.0))
    if decided_at >= now:
        _add_waiting(rows, family, taker, fitting, applied_at, now, dice)
        return None
    fate = dice.random()
    if fate < 0.04:  # noqa: PLR2004 - shares of what becomes of applications
        _add_ended(rows, family, taker, fitting, State.DECLINED, applied_at, decided_at, dice)
        return None
    if fate < 0.08:  # noqa: PLR2004
        _add_ended(rows, family, taker, fitting, State.WITHDRAWN, applied_at, decided_at, dice)
        return None
    client = add_acceptance(
        rows,
        family,
        taker.facility_id,
        taker.organisation_id,
        applied_at,
        decided_at,
        taker.director_id,
        now,
        fitting,
    )
    if fate > 0.9 and decided_at - applied_at > timedelta(days=1):  # noqa: PLR2004
        for position in fitting[:1]:
            _add_talk(rows, family, taker, position, applied_at, decided_at, dice)
    return client


def add_expired(
    rows: Rows, family: StoredFamily, taker: Taker, now: datetime, opened: set[uuid.UUID]
) -> None:
    """Add acceptances of the last fiscal year that nobody has renewed."""
    ended_on = accepted_until(today(now)).replace(year=accepted_until(today(now)).year - 1)
    since = datetime.combine(ended_on, datetime.min.time(), JST) - timedelta(days=150, hours=-10)
    open_once(rows, family, taker, since, opened)
    for child_id, kid in zip(family.child_ids, family.household.kids, strict=True):
        if kid.born_on is not None and kid.born_on < today(since):
            add_application(
                rows,
                family,
                child_id,
                taker.facility_id,
                taker.organisation_id,
                State.ACCEPTED.value,
                applied_at=since,
                decided_at=since + timedelta(days=2),
                decided_by=taker.director_id,
                until=ended_on,
            )


def open_once(
    rows: Rows, family: StoredFamily, taker: Taker, since: datetime, opened: set[uuid.UUID]
) -> None:
    """Let a facility's provider see the family, unless it does already."""
    if taker.organisation_id not in opened:
        opened.add(taker.organisation_id)
        open_to(rows, family, taker.organisation_id, since)


def _add_waiting(
    rows: Rows,
    family: StoredFamily,
    taker: Taker,
    fitting: Sequence[int],
    applied_at: datetime,
    now: datetime,
    dice: random.Random,
) -> None:
    """Add applications that wait: for the facility, or for the family's answer."""
    asked_at = _office_hours(applied_at + (now - applied_at) * 0.4)
    is_asked = dice.random() < 0.5 and applied_at < asked_at < now  # noqa: PLR2004 - half of them
    answered_at = asked_at + timedelta(hours=3)
    has_answered = is_asked and dice.random() < 0.5 and answered_at < now  # noqa: PLR2004
    state = State.ASKED_BACK if is_asked and not has_answered else State.APPLIED
    talk = dice.randrange(len(QUESTIONS))
    for position in fitting:
        row_id = add_application(
            rows,
            family,
            family.child_ids[position],
            taker.facility_id,
            taker.organisation_id,
            state.value,
            applied_at=answered_at if has_answered else applied_at,
            decided_at=asked_at if is_asked else None,
            decided_by=taker.director_id if is_asked else None,
        )
        if is_asked:
            say(rows, family, taker, row_id, QUESTIONS[talk], asked_at, is_from_family=False)
        if has_answered:
            say(rows, family, taker, row_id, ANSWERS[talk], answered_at, is_from_family=True)


def _add_ended(
    rows: Rows,
    family: StoredFamily,
    taker: Taker,
    fitting: Sequence[int],
    state: State,
    applied_at: datetime,
    decided_at: datetime,
    dice: random.Random,
) -> None:
    declined = state is State.DECLINED
    why = dice.choice(DECLINES)
    for position in fitting:
        row_id = add_application(
            rows,
            family,
            family.child_ids[position],
            taker.facility_id,
            taker.organisation_id,
            state.value,
            applied_at=applied_at,
            decided_at=decided_at if declined else None,
            decided_by=taker.director_id if declined else None,
        )
        if declined:
            kind = MessageKind.REASON
            say(rows, family, taker, row_id, why, decided_at, is_from_family=False, kind=kind)


def _add_talk(
    rows: Rows,
    family: StoredFamily,
    taker: Taker,
    position: int,
    applied_at: datetime,
    decided_at: datetime,
    dice: random.Random,
) -> None:
    """Add question and answer that came before an acceptance."""
    talk = dice.randrange(len(QUESTIONS))
    row_id = ident("preregistration", family.child_ids[position], taker.facility_id)
    span = decided_at - applied_at
    asked, answered = applied_at + span * 0.3, applied_at + span * 0.6
    say(rows, family, taker, row_id, QUESTIONS[talk], asked, is_from_family=False)
    say(rows, family, taker, row_id, ANSWERS[talk], answered, is_from_family=True)


def say(
    rows: Rows,
    family: StoredFamily,
    taker: Taker,
    row_id: uuid.UUID,
    words: str,
    at: datetime,
    *,
    is_from_family: bool,
    kind: MessageKind = MessageKind.WORD,
) -> None:
    """Add a word of one side; each side has one of a kind in an application."""
    message_id = ident("message", row_id, is_from_family, kind.value)
    binding = ("preregistration_messages", "text", str(message_id), str(family.family_id))
    rows.add(
        "preregistration_messages",
        id=message_id,
        preregistration_id=row_id,
        family_id=family.family_id,
        organisation_id=taker.organisation_id,
        is_from_family=is_from_family,
        text_sealed=seal(words, bound_to=binding),
        written_by=family.user_id if is_from_family else taker.director_id,
        written_at=at,
        kind=kind.value,
    )


def _office_hours(moment: datetime) -> datetime:
    """Return the same day at an hour at which a director sits at her desk."""
    local = moment.astimezone(JST)
    hour = 9 + (local.hour * 60 + local.minute) % 8
    return local.replace(hour=hour, minute=local.minute, second=0, microsecond=0)

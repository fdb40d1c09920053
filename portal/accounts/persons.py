"""From a session's token to whoever is signed in, in one statement with telling the database."""

from __future__ import annotations

from typing import Any

from portal.accounts.addresses import token_hash
from portal.db.session import current_session, signed_value, tell, was_told
from portal.db.statements import Statement
from portal.kernel.actor import ANONYMOUS, Actor, Right, Role
from portal.web.access import Person

#: Names the actor in the same round trip; where there is no such session, no row sets anything.
_LOOK_UP = Statement("""
    SELECT session_id, user_id, user_name, mail, locale, role, organisation_id, organisation_name,
           family_id, has_second_factor, has_totp, withheld,
           set_config('portal.actor', %(actor)s, true)
      FROM session_by_token(%(hash)s)""")
_MOST_KNOWN = 2000
#: What is withheld from staff who need not know of support.
_SUPPORT = "support"
#: What the database said last of each session, and the actor that made. A guess, never an answer.
_known: dict[bytes, tuple[tuple[Any, ...], Actor]] = {}


def person_of(token: str) -> Person | None:
    """Return who is signed in with a session's token, if the database says so now.

    Whom this process saw last is told to the database as the one who acts, together with the
    question. Is the answer another one, that is taken back before anything else is asked.
    """
    hashed = token_hash(token)
    before, guess = _known.get(hashed, (None, ANONYMOUS))
    session = current_session()
    values = {"hash": hashed, "actor": signed_value(session, guess)}
    found = _LOOK_UP.rows(session, values)
    if not found:
        _known.pop(hashed, None)
        return None
    was_told(session, guess)
    row = found[0][:-1]
    if row == before:
        return _person(token, row, guess)
    tell(session, ANONYMOUS)
    _known.pop(hashed, None)
    person = _person(token, row, _actor(row))
    if person.is_fully_in:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[hashed] = (row, person.actor)
    return person


def _actor(row: tuple[Any, ...]) -> Actor:
    (_, user_id, _, _, _, role, organisation_id, _, family_id, _, _, withheld) = row
    return Actor(
        role=Role(role),
        user_id=user_id,
        organisation_id=organisation_id,
        family_id=family_id,
        withheld=frozenset(Right(each) for each in withheld if each != _SUPPORT),
        knows_support=_SUPPORT not in withheld,
    )


def _person(token: str, row: tuple[Any, ...], actor: Actor) -> Person:
    (session_id, _, name, mail, locale, _, _, organisation_name, _, second, has_totp, _) = row
    return Person(
        token=token,
        session_id=session_id,
        actor=actor,
        name=name,
        mail=mail,
        organisation_name=organisation_name,
        locale=locale,
        has_second_factor=second,
        has_totp=has_totp,
    )

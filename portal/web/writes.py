"""Writes that happen once, however often the browser sends them."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask, g, redirect, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from portal.db import session as db
from portal.db.statements import Statement
from portal.web.access import current_person

_CLAIM = Statement(
    "INSERT INTO given_answers (actor_key, route, key, body_hash)"
    " VALUES (%(actor)s, %(route)s, %(key)s, %(body)s) ON CONFLICT DO NOTHING"
)
_FIND = Statement(
    "SELECT body_hash, location FROM given_answers"
    " WHERE actor_key = %(actor)s AND route = %(route)s AND key = %(key)s"
)
_ANSWER = Statement(
    "UPDATE given_answers SET status = %(status)s, location = %(location)s"
    " WHERE actor_key = %(actor)s AND route = %(route)s AND key = %(key)s"
)
_LET_GO = Statement(
    "UPDATE given_answers SET key = %(fresh)s"
    " WHERE actor_key = %(actor)s AND route = %(route)s AND key = %(key)s"
)
#: Parts of a form that may differ between two sendings of the same wish.
_NOT_THE_WISH = frozenset({"csrf_token", "once"})


class AlreadyDone(Exception):  # noqa: N818 - an answer, not an error
    """The same form has done its work before; here is where its answer stands."""

    def __init__(self, location: str | None) -> None:
        super().__init__(location)
        self.location = location


class KeyOfAnotherForm(Exception):  # noqa: N818 - answered with 409
    """The key was used for a different content."""


def _bare(name: str) -> str:
    return name.rpartition("-")[2]


def _claim() -> dict[str, object] | None:
    # A form that stands several times on a page has a prefix before each of its names.
    key = next((request.form[name] for name in request.form if _bare(name) == "once"), "")
    try:
        key_id = uuid.UUID(key)
    except ValueError:
        return None
    digest = hashlib.sha256()
    for name in sorted(name for name in request.form if _bare(name) not in _NOT_THE_WISH):
        for value in request.form.getlist(name):
            digest.update(
                f"{len(name)}:{name}{len(value)}:{value}".encode("utf-8", "surrogatepass")
            )
    person = current_person()
    return {
        "actor": str(person.session_id) if person else "anonymous",
        "route": request.path,
        "key": key_id,
        "body": digest.digest(),
    }


@contextmanager
def transaction() -> Iterator[Session]:
    """Open the one transaction of this request; a form that was already answered ends it.

    The form's key is written first, so a duplicate waits for the first to finish. Refusals roll the
    key back with everything else: the next try is a new one. Answer with ``see_other`` inside the
    block, so that a duplicate is led to the same place.

    Raises:
        AlreadyDone: shown as the stored answer.
        KeyOfAnotherForm: shown as 409.
    """
    claim = _claim() if request.method == "POST" else None
    with db.transaction() as session:
        if claim is not None:
            if _CLAIM.run(session, claim) == 0:
                [(body_hash, location)] = _FIND.rows(session, claim)
                if bytes(body_hash) != claim["body"]:
                    raise KeyOfAnotherForm
                raise AlreadyDone(location)
            g.answer_claim = claim
            g.is_first_sending = True
        yield session


def see_other(session: Session, location: str) -> Response:
    """Return the redirect (303) that answers a write, and keep it for duplicates."""
    g.has_answered = True
    claim = g.pop("answer_claim", None)
    if claim is not None:
        _ANSWER.run(session, {**claim, "status": 303, "location": location})
    return redirect(location, 303)


def let_go(session: Session) -> None:
    """Free the form's key where the transaction stays although nothing was done for the sender.

    A wrong try that is counted is such a one: corrected, the same page may be sent again.
    """
    claim = g.pop("answer_claim", None)
    if claim is not None:
        _LET_GO.run(session, {**claim, "fresh": uuid.uuid4()})


#: What a view may answer that looks at the world before it opens its transaction: the first
#: sending has changed that world, so the second meets "gone", "twice", or is led past.
_BESIDE_THE_KEY = frozenset({302, 303, 404, 409, 422})


def _same_answer(response: Response) -> Response:
    """Give a form sent again the answer of its first sending, where the view did not get so far.

    One that got as far as writing its key is told by ``transaction`` itself.
    """
    if (
        request.method != "POST"
        or "has_answered" in g
        # Its key was free when its turn came: what it says now is the answer.
        or "is_first_sending" in g
        or response.status_code not in _BESIDE_THE_KEY
    ):
        return response
    claim = _claim()
    if claim is None:
        return response
    session = db.current_session()
    session.rollback()
    for body_hash, location in _FIND.rows(session, claim):
        if bytes(body_hash) == claim["body"] and location is not None:
            return redirect(location, 303)
    return response


def install(app: Flask) -> None:
    """Answer duplicates alike on every route of ``app``. Before the headers are put on."""
    app.after_request(_same_answer)

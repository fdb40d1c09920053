"""The browser's side of a session: what its cookie holds, where it leads, when it must wait."""

from __future__ import annotations

import uuid

from flask import abort, g, make_response, redirect, request, session, url_for
from flask_login import UserMixin, login_user, logout_user
from werkzeug.wrappers import Response

from portal.accounts.own import change_language
from portal.accounts.rules import local_path
from portal.accounts.service import Entered
from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor, Role
from portal.web import errors
from portal.web.access import Person, current_person
from portal.web.navigation import HOME

_NEXT = "next"


class _Entering(UserMixin):
    """Who enters, before her row is read."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_id(self) -> str:
        """Return the session token."""
        return self._token


def enter_browser(entered: Entered) -> None:
    """Put the new session into the cookie; nothing of an earlier visitor stays there."""
    wanted = session.get(_NEXT)
    session.clear()
    if wanted is not None:
        session[_NEXT] = wanted
    login_user(_Entering(entered.token))
    g.pop("_login_user", None)  # the person is read from her row when she is next asked for
    session.permanent = entered.role is Role.GUARDIAN


def keep_language(user_id: uuid.UUID, code: str | None) -> None:
    """Make the language in which a guardian came in that of her account; ``None`` leaves it."""
    if code is None:
        return
    guardian = Actor(role=Role.GUARDIAN, user_id=user_id)
    with acting_as(guardian), transaction() as db:
        change_language(db, code, actor=guardian)


def leave_browser() -> None:
    """Empty the cookie."""
    logout_user()
    session.clear()


def remember_next() -> None:
    """Keep where the visitor wanted to go, if it is a page of ours."""
    wanted = local_path(request.args.get(_NEXT))
    if wanted is not None:
        session[_NEXT] = wanted


def remember_page(address: str) -> None:
    """Keep a page of ours to which the pages on the way lead back."""
    session[_NEXT] = local_path(address)


def wanted_page() -> str | None:
    """Return where the visitor wanted to go before she signed in or up, if she was not yet led."""
    return local_path(session.get(_NEXT))


def forget_wanted_page() -> None:
    """Let go of where the visitor had wanted to go: she is past it."""
    session.pop(_NEXT, None)


def lead_on(role: Role) -> Response:
    """Lead somebody who is fully in to where she wanted, or to her first page."""
    wanted = local_path(session.pop(_NEXT, None))
    return redirect(wanted or url_for(HOME[role]), 303)


def lead_after_password(entered: Entered) -> Response:
    """Lead somebody whose password was right to what is still asked of her."""
    if entered.must_choose:
        return redirect(url_for("accounts.choose"), 303)
    if entered.role is Role.GUARDIAN:
        return lead_on(entered.role)
    return redirect(url_for("accounts.second_factor"), 303)


def signed_in() -> Person:
    """Return who is signed in, half or fully; the route's permission says that there is one."""
    person = current_person()
    if person is None or person.actor.role is None:
        abort(403)
    return person


def from_address() -> str:
    """Return where the request comes from, as counted: an IPv6 home is its /64."""
    address = request.remote_addr or "unknown"
    return ":".join(address.split(":")[:4]) if address.count(":") > 1 else address


def please_wait(seconds: int) -> Response:
    """Return the page that asks to wait (429)."""
    body, status = errors.page(429, retry_after=seconds)
    answer = make_response(body, status)
    answer.headers["Retry-After"] = str(seconds)
    return answer

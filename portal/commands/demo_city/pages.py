"""Doors of the demo: sign in as one of its people, read its mails. On this machine alone."""

from __future__ import annotations

import hmac
import ipaddress
import re
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user, logout_user
from sqlalchemy import text

from portal.accounts.addresses import token_hash
from portal.db.session import transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.web.access import Permission, Person, requires

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from portal.commands.demo_city.mailbox import Mailbox

P = ParamSpec("P")
R = TypeVar("R", bound=ResponseReturnValue)

_MARKER = text("SELECT 1 FROM instance_facts WHERE name = 'demo' AND value = 'yes'")
_OPEN = text("SELECT open_session(:id, :hash, :user, :membership, true, :expires)")
_MEMBERSHIP = text("SELECT membership_id FROM memberships_for_sign_in(:user)")
_ADDRESS = re.compile(r"(https?://[\x21-\x7e]+)")
_FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded")


@dataclass(frozen=True, slots=True)
class Persona:
    """One of the demo's people."""

    key: str
    name: str
    what: str
    actor: Actor


def _is_loopback(address: str | None) -> bool:
    try:
        return address is not None and ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _from_this_machine() -> bool:
    host = request.host.rsplit(":", 1)[0].strip("[]")
    return (
        _is_loopback(request.remote_addr)
        and _is_loopback(host)
        and not any(name in request.headers for name in _FORWARDED)
    )


def _here_alone(view: Callable[P, R]) -> Callable[P, R]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if not _from_this_machine():
            abort(404)
        return view(*args, **kwargs)

    return guarded


def blueprint(personas: Mapping[str, Persona], mailbox: Mailbox, secret: str) -> Blueprint:
    """Return the demo's pages for this run; ``secret`` is new at each start."""
    bp = Blueprint("demo", __name__, url_prefix="/demo")

    @bp.get("/sign-in/<given>/<key>")
    @requires(Permission.OPEN_TO_ALL)
    @_here_alone
    def sign_in(given: str, key: str) -> ResponseReturnValue:
        persona = personas.get(key)
        if persona is None or not hmac.compare_digest(given.encode(), secret.encode()):
            abort(404)
        logout_user()
        token = secrets.token_urlsafe(32)
        with transaction() as session:
            if session.execute(_MARKER).scalar() is None:
                abort(404)
            user = {"user": persona.actor.user_id}
            membership = session.execute(_MEMBERSHIP, user).scalar()
            session.execute(
                _OPEN,
                {
                    **user,
                    "id": uuid.uuid4(),
                    "hash": token_hash(token),
                    "membership": membership,
                    "expires": clock.now() + timedelta(days=1),
                },
            )
        login_user(_on_the_way_in(token, persona))
        return redirect(url_for("pages.home"), 303)

    @bp.get("/")
    @requires(Permission.OPEN_TO_ALL)
    @_here_alone
    def index() -> ResponseReturnValue:
        doors = [
            (persona, url_for("demo.sign_in", given=secret, key=persona.key))
            for persona in personas.values()
        ]
        return render_template("demo/index.html", doors=doors)

    @bp.get("/mails")
    @requires(Permission.OPEN_TO_ALL)
    @_here_alone
    def mails() -> ResponseReturnValue:
        return render_template("demo/mails.html", mails=mailbox.newest())

    @bp.get("/mails/<int:number>")
    @requires(Permission.OPEN_TO_ALL)
    @_here_alone
    def mail(number: int) -> ResponseReturnValue:
        found = mailbox.read(number)
        if found is None:
            abort(404)
        return render_template("demo/mail.html", mail=found, pieces=_pieces(found.text))

    @bp.get("/mails/<int:number>/source")
    @requires(Permission.OPEN_TO_ALL)
    @_here_alone
    def mail_source(number: int) -> ResponseReturnValue:
        raw = mailbox.raw(number)
        if raw is None:
            abort(404)
        return Response(
            raw,
            mimetype="message/rfc822",
            headers={"Content-Disposition": f'attachment; filename="mail-{number}.eml"'},
        )

    return bp


def _pieces(words: str) -> list[tuple[str, bool]]:
    """Return a mail's text in pieces, each with whether it is an address to follow."""
    return [(piece, piece.startswith("http")) for piece in _ADDRESS.split(words) if piece]


def _on_the_way_in(token: str, persona: Persona) -> Person:
    """Return who signs in; the next request reads the rest from the session's row."""
    return Person(
        token=token,
        session_id=None,
        actor=persona.actor,
        name=persona.name,
        mail="",
        organisation_name=None,
        locale="ja",
        has_second_factor=True,
        has_totp=False,
    )

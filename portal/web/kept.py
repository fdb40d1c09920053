"""What somebody had typed when her sign-in ended: kept for her alone, and offered when she is back.

Each form of a guardian carries, signed, whose page it is. When it comes in without her sign-in, its
fields become a draft of hers. Her own page fills itself with it (``?kept=1``) once she is in again;
whoever else signs in on the device finds nothing.
"""

from __future__ import annotations

import logging
import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask, Response, current_app, flash, g, request
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.datastructures import MultiDict

from portal.db.session import acting_as, current_session
from portal.db.session import transaction as plain_transaction
from portal.documents.i18n import gettext as _
from portal.drafts import service
from portal.drafts.rules import typed_on
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.kernel.errors import Refusal
from portal.web.access import Permission, current_person
from portal.web.ended import form_address, own_referrer, sent_fields

_log = logging.getLogger(__name__)

WHOSE = "page_of"
_QUERY = "kept"
_PART = "typed"
_FAMILYS = frozenset({Permission.ACT_FOR_OWN_FAMILY, Permission.BE_GUARDIAN})


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="whose page this is")


def page_of() -> str:
    """Return, signed, whose page is being made; empty but for guardians."""
    if "page_of" not in g:
        person = current_person()
        is_hers = person is not None and person.actor.role is Role.GUARDIAN
        actor = person.actor if person is not None and is_hers else None
        g.page_of = "" if actor is None else _signer().dumps(_ids(actor))
    token: str = g.page_of
    return token


def _ids(actor: Actor) -> list[str | None]:
    return [str(actor.user_id), str(actor.family_id) if actor.family_id else None]


def _whose() -> Actor | None:
    try:
        user, family = _signer().loads(request.form.get(WHOSE, ""))
    except (BadSignature, ValueError, TypeError):
        return None
    return Actor(
        role=Role.GUARDIAN,
        user_id=uuid.UUID(user),
        family_id=uuid.UUID(family) if family else None,
    )


def keep_typed() -> str | None:
    """Keep what was sent for whoever's page sent it, and return where she can go on.

    ``None``: nothing could be kept; then the page may show what was typed, to be copied.
    """
    actor, address = _whose(), form_address()
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "required_permission", None) not in _FAMILYS:
        return None
    if actor is None or address is None or own_referrer() is None:
        return None
    fields = sent_fields()
    if not any(value.strip() for values in fields.values() for value in values):
        return None
    path = urlsplit(address).path
    # The request has failed: one connection is enough for what is left to do.
    current_session().rollback()
    try:
        with acting_as(actor), plain_transaction() as session:
            service.save(session, typed_on(path), _PART, fields, actor=actor, now=clock.now())
    except (Refusal, SQLAlchemyError) as problem:
        _log.warning("what was typed could not be kept: %s", type(problem).__name__)
        return None
    return f"{path}?{_QUERY}=1"


def is_hers() -> bool:
    """Say whether whoever is signed in sent a page of her own."""
    person, actor = current_person(), _whose()
    return person is not None and actor is not None and person.actor.user_id == actor.user_id


def _kept() -> dict[str, list[str]]:
    """Return what was kept of this page for whoever is signed in; asked on ``?kept=1`` alone."""
    if "kept_fields" not in g:
        g.kept_fields = {}
        is_wanted = request.method == "GET" and request.args.get(_QUERY) == "1"
        person = current_person() if is_wanted else None
        if person is not None and person.actor.role is Role.GUARDIAN:
            parts = service.parts(current_session(), typed_on(request.path), actor=person.actor)
            if _PART in parts:
                g.kept_fields = dict(parts[_PART].fields)
    fields: dict[str, list[str]] = g.kept_fields
    return fields


def kept_for(form: Any) -> MultiDict[str, str] | None:
    """Return what was kept of ``form`` as if it had just been sent, or ``None``."""
    fields = _kept()
    names = {field.name for field in form}
    if not fields or not all(_is_of(name, names) for name in fields):
        return None
    if "kept_told" not in g:
        g.kept_told = True
        flash(_("前に入れた内容を、入れてあります。たしかめて、もう一度送ってください。"))
    return MultiDict(fields)


def _is_of(name: str, names: set[str]) -> bool:
    return name in names or name.rpartition("-")[0] in names


def _forget_what_was_sent(response: Response) -> Response:
    """Forget what was kept once the page that it filled was sent with success."""
    if request.method != "POST" or response.status_code != 303:  # noqa: PLR2004 - HTTP
        return response
    parts = urlsplit(own_referrer() or "")
    person = current_person()
    if person is not None and parse_qs(parts.query).get(_QUERY) == ["1"]:
        current_session().rollback()
        with acting_as(person.actor), plain_transaction() as session:
            service.discard(session, typed_on(parts.path), actor=person.actor)
    return response


def install(app: Flask) -> None:
    """Let the forms of ``app`` say whose they are, and forget what was kept when it is sent."""
    app.jinja_env.globals["page_of"] = page_of
    app.after_request(_forget_what_was_sent)

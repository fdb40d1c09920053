"""Who asks: a token in the header and nothing else. No cookie lets anybody in here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final, ParamSpec

from flask import Response, g, request

from portal.accounts.api_tokens import USES_A_MINUTE, Bearer, Scope, use_token
from portal.api.problems import Problem
from portal.db import session as db
from portal.documents import i18n
from portal.web.access import Permission

P = ParamSpec("P")
#: Bytes of one referral; the longest that the fields allow is well below.
LARGEST: Final = 256 * 1024


def bearer(scope: Scope) -> Callable[[Callable[P, Response]], Callable[P, Response]]:
    """Open a view to tokens with ``scope``; each request counts, whatever comes of it.

    Answers 401 for no or no good token, 429 for too many requests, 403 for another scope.
    """

    def guard(view: Callable[P, Response]) -> Callable[P, Response]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Response:
            request.max_content_length = LARGEST
            i18n.start(i18n.SOURCE_LANGUAGE)
            found = _found()
            if found.uses > USES_A_MINUTE:
                raise Problem(
                    429,
                    "too_many_requests",
                    f"1分に{USES_A_MINUTE}回までです。",
                    f"{found.wait_seconds}秒待って、もう一度送ってください。",
                    headers={"Retry-After": str(found.wait_seconds)},
                )
            if scope not in found.scopes:
                raise Problem(
                    403,
                    "scope_missing",
                    f"このトークンには {scope.value} がありません。",
                    f"{scope.value} をつけたトークンを、発行してもらってください。",
                    headers={"WWW-Authenticate": f'Bearer scope="{scope.value}"'},
                )
            g.bearer = found
            db.become(found.actor)
            return view(*args, **kwargs)

        # What the one who issued it may do; the matrix of rights asks it of every route.
        guarded.required_permission = Permission.REFER_FAMILIES  # type: ignore[attr-defined]
        return guarded

    return guard


def asking() -> Bearer:
    """Return whose request it is; inside a guarded view."""
    found: Bearer = g.bearer
    return found


def _found() -> Bearer:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        # A transaction of its own: what is refused later has been asked for all the same.
        with db.transaction() as session:
            found = use_token(session, token.strip())
        if found is not None:
            return found
    raise Problem(
        401,
        "token_needed",
        "使えるトークンがついていません。期限が切れたか、止められたものかもしれません。",
        headers={"WWW-Authenticate": "Bearer"},
    )

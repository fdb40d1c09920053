"""Error pages: plain Japanese, what to do next, and never a trace of why."""

from __future__ import annotations

import logging
from http import HTTPStatus

from flask import Flask, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from psycopg import errors as driver_errors
from sqlalchemy.exc import DBAPIError, NoResultFound, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from portal.documents.i18n import gettext as _
from portal.documents.i18n import sentences
from portal.web.access import NotHerRight, SessionEnded
from portal.web.ended import form_address, typed_texts, was_signed_in_page
from portal.web.kept import is_hers, keep_typed
from portal.web.writes import AlreadyDone, KeyOfAnotherForm

log = logging.getLogger("portal.web")

#: Statuses that have a page of their own; any other client error is shown as 400.
PAGES = frozenset({400, 403, 404, 405, 409, 413, 422, 429, 500, 503})


def page(status: int, **context: object) -> tuple[str, int]:
    """Return the error page of ``status``."""
    shown = status if status in PAGES else 400 if status < 500 else 500  # noqa: PLR2004 - HTTP
    is_down = shown >= 500  # noqa: PLR2004 - HTTP
    return render_template(f"errors/{shown}.html", is_down=is_down, **context), status


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:  # noqa: PLR2004 - redirects pass
        return error.get_response()
    body, status = page(error.code)
    headers = [
        (name, value)
        for name, value in error.get_headers()
        if name.lower() in {"allow", "retry-after"}
    ]
    return body, status, headers


def _too_large(error: RequestEntityTooLarge) -> ResponseReturnValue:
    """Show the form again from which a file came that is too large, and say so above it.

    Nothing of what came was read. The page is made as if it had just been opened, with all that
    is asked of who opens it; where it cannot be, or no file came, the page of this error stands.
    """
    rule = request.url_rule
    if request.mimetype != "multipart/form-data" or not rule or "GET" not in (rule.methods or ()):
        return _http(error)
    request.method = "GET"
    flash(
        sentences(
            _("ファイルが大きすぎて、受け取れませんでした。"),
            _(
                "写真は、1枚 10MB までです。"
                "カメラの設定で小さくするか、画面の写真（スクリーンショット）にすると、送れます。"
            ),
        ),
        "warn",
    )
    try:
        answer = current_app.make_response(
            current_app.preprocess_request() or current_app.dispatch_request()
        )
    except Exception as other:  # noqa: BLE001 - each is answered as on any page
        return current_app.handle_user_exception(other)
    if answer.status_code == HTTPStatus.OK:
        answer.status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return answer


def _already_done(error: AlreadyDone) -> ResponseReturnValue:
    return redirect(error.location or url_for("pages.home"), 303)


def _database(error: DBAPIError) -> ResponseReturnValue:
    busy = (
        driver_errors.LockNotAvailable,
        driver_errors.DeadlockDetected,
        driver_errors.QueryCanceled,
        driver_errors.SerializationFailure,
    )
    if isinstance(error.orig, busy) or isinstance(error, OperationalError):
        body, status = page(503)
        return body, status, {"Retry-After": "3"}
    if isinstance(error.orig, driver_errors.InsufficientPrivilege):
        log.warning("database refused: %s", type(error.orig).__name__)
        return page(404)
    if isinstance(error.orig, driver_errors.DataError):
        return page(400)
    log.error("database error", exc_info=error)
    return page(500)


def _unexpected(error: Exception) -> ResponseReturnValue:
    log.error("unexpected error", exc_info=error)
    return page(500)


def _signed_out() -> ResponseReturnValue:
    kept = keep_typed()
    body = render_template(
        "errors/signed_out.html",
        sign_in_url=url_for("accounts.sign_in", next=kept or form_address()),
        is_kept=kept is not None,
        texts=[] if kept else typed_texts(),
    )
    # Whoever signs in next on this device must not find it by going back.
    return body, 403, {"Cache-Control": "no-store"}


def _stale_form(_error: CSRFError) -> ResponseReturnValue:
    if was_signed_in_page():
        return _signed_out()
    kept = keep_typed()
    form_url = kept if kept and is_hers() else form_address()
    return page(400, is_stale_form=True, form_url=form_url)


def install(app: Flask) -> None:
    """Register the error pages on ``app``."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(RequestEntityTooLarge, _too_large)
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(SessionEnded, lambda _error: _signed_out())
    app.register_error_handler(
        NotHerRight, lambda _error: (render_template("errors/not_her_right.html"), 403)
    )
    app.register_error_handler(NoResultFound, lambda _error: page(404))
    app.register_error_handler(AlreadyDone, _already_done)
    app.register_error_handler(KeyOfAnotherForm, lambda _error: page(409))
    app.register_error_handler(PoolTimeoutError, lambda _error: (*page(503), {"Retry-After": "3"}))
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(Exception, _unexpected)

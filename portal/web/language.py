"""In which language a request is answered, and the switch that changes it.

Families choose; staff work in Japanese, the language of the facility's papers. Signed in, a family
reads the language of her account; before that, the one her browser was told here (a cookie), else
the one it asks for itself.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from flask import Flask, current_app, g, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from portal.documents import i18n, readings
from portal.kernel.actor import Role
from portal.web.access import current_person

COOKIE: Final = "language"
#: What an address says to set the cookie: ``/facilities?lang=en``.
ARGUMENT: Final = "lang"
#: Read by calendar programs, which keep nothing: their address says its language for good.
FEEDS: Final = frozenset({"calendars.feed"})
#: Open to all, but written for who writes rules: Japanese alone, so that no half is of another.
FOR_STAFF: Final = frozenset({"rules_files.read"})
_A_YEAR: Final = 365 * 24 * 3600


def install(app: Flask) -> None:
    """Answer every request of ``app`` in its reader's language."""

    @app.before_request
    def _choose() -> ResponseReturnValue | None:
        g.language_before = i18n.code()
        if request.endpoint == "static":
            return None
        wanted = request.args.get(ARGUMENT)
        if request.endpoint in FEEDS:
            i18n.start(wanted or i18n.SOURCE_LANGUAGE)
            return None
        if request.endpoint in FOR_STAFF:
            i18n.start(i18n.SOURCE_LANGUAGE)
            return None
        if request.method == "GET" and i18n.known(wanted):
            rest = [(name, value) for name, value in request.args.items(multi=True)]
            rest = [(name, value) for name, value in rest if name != ARGUMENT]
            clean = request.path + (f"?{urlencode(rest)}" if rest else "")
            return remember(redirect(_local(clean), 303), str(wanted))
        i18n.start(chosen_before() or asked_for())  # also for an error while the next line asks
        person = current_person()
        if person is not None:
            is_guardian = person.actor.role is Role.GUARDIAN
            i18n.start(person.locale if is_guardian else i18n.SOURCE_LANGUAGE)
        return None

    @app.after_request
    def _show_readings(response: Response) -> Response:
        if i18n.has_readings() and response.mimetype == "text/html" and response.is_sequence:
            response.set_data(readings.where_shown(response.get_data(as_text=True)))
        return response

    @app.teardown_request
    def _leave(_error: BaseException | None) -> None:
        i18n.start(g.pop("language_before", i18n.SOURCE_LANGUAGE))

    app.jinja_env.globals["language_switch"] = switch


def _local(path: str) -> str:
    """Return a path that no browser reads as another site's."""
    return "/" + path.lstrip("/\\")


def chosen_before() -> str | None:
    """Return the language this browser was told to use, if any."""
    wanted = request.cookies.get(COOKIE)
    return wanted if i18n.known(wanted) else None


def asked_for() -> str:
    """Return the best language for a browser that was told nothing: easy Japanese is chosen only.

    Several catalogues of one HTML language count once, the first; Japanese where nothing fits.
    """
    codes: dict[str, str] = {}
    for one in i18n.languages():
        codes.setdefault(one.tag, one.code)
    best = request.accept_languages.best_match(codes, default=i18n.SOURCE_LANGUAGE)
    return codes[best]


def remember(response: Response, code: str) -> Response:
    """Tell the browser to use a language from now on."""
    response.set_cookie(
        COOKIE,
        code,
        max_age=_A_YEAR,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )
    return response


def switch() -> list[dict[str, object]]:
    """Return the languages to choose from; nothing for staff, or where there is only one.

    Each has ``code``, ``name`` in itself, ``tag``, whether it is ``current``, and ``href`` for
    visitors; who is signed in posts ``code`` and ``next`` instead, since her account keeps it.
    """
    person = current_person()
    there = i18n.languages()
    is_staff = person is not None and person.actor.role is not Role.GUARDIAN
    if len(there) == 1 or is_staff or request.endpoint in FOR_STAFF:
        return []
    path = shown_path()
    mark = "&" if "?" in path else "?"
    return [
        {
            "code": one.code,
            "name": one.name,
            "tag": one.tag,
            "current": one.code == i18n.code(),
            "href": f"{path}{mark}{urlencode({ARGUMENT: one.code})}",
            "next": path,
            "action": url_for("accounts_own.language") if person is not None else None,
        }
        for one in there
    ]


def shown_path() -> str:
    """Return the address at which the page shown can be opened again."""
    if request.method == "GET":
        return _local(request.full_path.rstrip("?"))
    try:
        current_app.create_url_adapter(request).match(request.path, method="GET")  # type: ignore[union-attr]  # there is a request
    except HTTPException:
        return "/"
    return _local(request.path)

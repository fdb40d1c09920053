"""A reload storm costs one page a second: public pages, equal for everybody, are kept so long."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from threading import Lock
from typing import ParamSpec, TypeVar

from flask import current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal.bookings.queries.rush import ReadOnceInARush
from portal.documents import i18n
from portal.web import language

P = ParamSpec("P")
T = TypeVar("T")
#: Pages kept at once, a few kilobytes each.
_MOST = 300
_MOST_PARTS = 150


class KeptPages:
    """Pages by address, each for a moment. One per app; safe among threads."""

    def __init__(self) -> None:
        self._pages: OrderedDict[str, tuple[float, bytes]] = OrderedDict()
        self._lock = Lock()

    def get(self, address: str) -> bytes | None:
        """Return a page that is still fresh."""
        with self._lock:
            until, body = self._pages.get(address, (0.0, b""))
        return body if time.monotonic() < until else None

    def put(self, address: str, body: bytes, seconds: float) -> None:
        """Keep a page for so long; what is no longer fresh makes room, or the one kept longest."""
        now = time.monotonic()
        with self._lock:
            self._pages[address] = (now + seconds, body)
            self._pages.move_to_end(address)
            while len(self._pages) > _MOST or next(iter(self._pages.values()))[0] < now:
                self._pages.popitem(last=False)


def _seconds() -> float:
    seconds: float = current_app.config.get(
        "PUBLIC_PAGE_SECONDS", 0.0 if current_app.testing else 1.0
    )
    return seconds


def read_for_all(key: object, read: Callable[[], T]) -> T:
    """Return what ``read`` gives; where many ask for the same, once a second for all of them.

    For what is published and equal for everybody, on pages that are otherwise a person's own.
    """
    if not _seconds():
        return read()
    known: ReadOnceInARush[T] = current_app.extensions.setdefault("read_for_all", ReadOnceInARush())
    return known((i18n.code(), key), read)


@dataclass
class DrawnParts:
    """Parts of pages with what they say. One per app; safe among threads."""

    _parts: OrderedDict[str, tuple[object, Markup]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, address: str, says: object, draw: Callable[[], Markup]) -> Markup:
        """Return the part at an address, drawn anew unless it says the same as last time."""
        with self._lock:
            known = self._parts.get(address)
        if known is not None and known[0] == says:
            return known[1]
        part = draw()
        with self._lock:
            self._parts[address] = (says, part)
            self._parts.move_to_end(address)
            while len(self._parts) > _MOST_PARTS:
                self._parts.popitem(last=False)
        return part


def drawn_part(template: str, **values: object) -> Markup:
    """Return what one of our templates makes, as a part of another page."""
    return Markup(render_template(template, **values))  # noqa: S704 # nosec B704 - escaped there


def drawn_if_changed(says: object, draw: Callable[[], Markup], *, to: str) -> Markup:
    """Return a part of this page that is alike for everybody, as it was drawn for who came before.

    Args:
        says: All that is read for it, compared by value: nothing else may reach the part but the
            address, the language and ``to``. It is read anew each time, so a part is never behind.
        draw: Makes the part from it.
        to: Whom it speaks to, where it has words for some alone; each has a part of their own.
    """
    parts: DrawnParts = current_app.extensions.setdefault("drawn_parts", DrawnParts())
    return parts(f"{i18n.code()} {to} {request.full_path}", says, draw)


def kept_a_second(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    """Keep a public page for a second, and answer 304 to who has it already.

    Only for visitors without any cookie but that of their language, to whom the page says nothing
    of their own. The booking itself never trusts such a page. ``PUBLIC_PAGE_SECONDS`` of the
    configuration sets the time; tests, which change things and look again, keep nothing unless
    they say so.
    """

    @wraps(view)
    def answered(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        if request.cookies.keys() - {language.COOKIE}:
            return view(*args, **kwargs)
        seconds = _seconds()
        pages: KeptPages = current_app.extensions.setdefault("public_pages", KeptPages())
        address = f"{i18n.code()} {request.full_path}"
        body = pages.get(address) if seconds else None
        if body is None:
            response = make_response(view(*args, **kwargs))
            if response.status_code != 200:  # noqa: PLR2004 - only whole pages are kept
                return response
            body = response.get_data()
            if seconds:
                pages.put(address, body, seconds)
        answer = Response(body, mimetype="text/html")
        answer.add_etag()
        answer.headers["Cache-Control"] = "no-cache"
        answer.headers.add("Vary", "Accept-Language")
        return answer.make_conditional(request)

    return answered

"""What somebody sent after her sign-in had ended: where to go back to, and what she had typed."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.web.access import Permission, current_person

_GUARDS = frozenset({"csrf_token", "once", "page_of"})
_SECRETS = re.compile(r"password|code|token")
#: What lists and boxes send: nobody typed it, and it says nothing to a reader.
_CHOICE = re.compile(r"[a-z0-9_:.-]*")


def was_signed_in_page() -> bool:
    """Say whether the request needs a sign-in that is no longer there."""
    if request.endpoint is None or current_person() is not None:
        return False
    view = current_app.view_functions.get(request.endpoint)
    return getattr(view, "required_permission", None) is not Permission.OPEN_TO_ALL


def form_address() -> str | None:
    """Return the page on which the form stood, if it can be opened; local path and query."""
    came_from = own_referrer()
    candidates = [came_from] if came_from else []
    return next((path for path in [*candidates, request.path] if _opens(path)), None)


def typed_texts() -> list[str]:
    """Return the texts that were typed, to be copied: no passwords, codes or choices.

    Empty unless a page of ours sent them: another site must not choose what ours shows.
    """
    if own_referrer() is None:
        return []
    texts = []
    for name, value in request.form.items(multi=True):
        if name in _GUARDS or _SECRETS.search(name):
            continue
        if name.endswith("phone") or not _CHOICE.fullmatch(value):
            texts.append(value)
    return [text for text in texts if text.strip()]


def sent_fields() -> dict[str, list[str]]:
    """Return everything that was sent, ticks and choices too: no passwords, codes or guards."""
    return {
        name: request.form.getlist(name)
        for name in request.form
        if name not in _GUARDS and not _SECRETS.search(name)
    }


def own_referrer() -> str | None:
    """Return the page of ours from which the request came; local path and query."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host or not parts.path.startswith("/"):
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _opens(address: str) -> bool:
    routes = current_app.create_url_adapter(request)
    if routes is None:
        return False
    try:
        routes.match(urlsplit(address).path, method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return not address.startswith("//")

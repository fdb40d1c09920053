"""Headers on every answer: nothing foreign runs, nothing personal is kept or leaked."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, g, request


def csp_nonce() -> str:
    """Return this answer's nonce; templates put it on their own scripts."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def _policy(frames: str) -> str:
    return (
        f"default-src 'none'; script-src 'nonce-{csp_nonce()}'; style-src 'self';"
        " img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self';"
        f" {frames}; base-uri 'none'; manifest-src 'self'"
    )


def shown_in_frame(response: Response) -> Response:
    """Let a page of ours stand in a frame of another page of ours: a preview."""
    response.headers["Content-Security-Policy"] = _policy("frame-ancestors 'self'")
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def with_frames(response: Response) -> Response:
    """Let a page hold a frame with another page of ours."""
    response.headers["Content-Security-Policy"] = _policy(
        "frame-src 'self'; frame-ancestors 'none'"
    )
    return response


def _without_host(location: str) -> str:
    """Return an address as this site's own: the host came from the request, so from anybody."""
    parts = urlsplit(location)
    path = "/" + parts.path.lstrip("/\\")
    return f"{path}?{parts.query}" if parts.query else path


def add_headers(response: Response) -> Response:
    """Add the security headers; pages of signed-in people are not kept, but for shown forms."""
    response.headers.setdefault("Content-Security-Policy", _policy("frame-ancestors 'none'"))
    headers = response.headers
    if response.status_code == 308:  # noqa: PLR2004 - the router's, when a slash is missing
        headers["Location"] = _without_host(headers["Location"])
        response.set_data(b"")  # its page repeats the address
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers.setdefault("X-Frame-Options", "DENY")
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=(), payment=()"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    if _is_shown_form(response):
        headers.setdefault("Cache-Control", "private, no-cache")
    if request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
        headers.add("Vary", "Cookie")
    return response


def _is_shown_form(response: Response) -> bool:
    """Say whether this is a family's own form, shown again or for a last look.

    Browsers cannot go back to the answer of a post that they did not keep. It is kept on her device
    alone, and sign-out clears it. Pages of staff and of passwords are never kept.
    """
    is_familys = (request.blueprint or "").startswith("selfservice")
    return request.method == "POST" and is_familys and not 300 <= response.status_code < 400  # noqa: PLR2004 - HTTP


def install(app: Flask) -> None:
    """Put the headers on every answer of ``app`` and the nonce into its templates."""
    app.after_request(add_headers)
    app.jinja_env.globals["csp_nonce"] = csp_nonce

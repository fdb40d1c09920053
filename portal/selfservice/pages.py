"""The front door and the few standing pages; open to all."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template
from flask.typing import ResponseReturnValue

from portal.web.access import Permission, current_person, requires
from portal.web.navigation import home_url

bp = Blueprint("pages", __name__)


@bp.get("/")
@requires(Permission.OPEN_TO_ALL)
def home() -> ResponseReturnValue:
    """Show the front door; whoever is signed in goes on to her own first page."""
    person = current_person()
    if person is not None and person.is_fully_in:
        return redirect(home_url(), 303)
    return render_template("pages/home.html")


@bp.get("/usage")
@requires(Permission.OPEN_TO_ALL)
def usage() -> ResponseReturnValue:
    """Explain the way from finding a place to the first stay."""
    return render_template("pages/usage.html")


@bp.get("/privacy")
@requires(Permission.OPEN_TO_ALL)
def privacy() -> ResponseReturnValue:
    """Say what is kept of families, why, and who sees it."""
    return render_template("pages/privacy.html")


@bp.get("/accessibility")
@requires(Permission.OPEN_TO_ALL)
def accessibility() -> ResponseReturnValue:
    """Say how the portal can be used without a mouse, a big screen or JavaScript."""
    return render_template("pages/accessibility.html")


@bp.get("/phone-fax")
@requires(Permission.OPEN_TO_ALL)
def phone_fax() -> ResponseReturnValue:
    """Say how to book without a smartphone."""
    return render_template("pages/phone_fax.html")

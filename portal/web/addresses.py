"""Addresses: days in them (``/days/2026-11-25``), and those that every page names."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, current_app, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter, ValidationError

from portal.kernel.clock import written_day


def fixed(endpoint: str, filename: str | None = None) -> str:
    """Return the address of a page that takes nothing, built once: every page names a dozen.

    Args:
        filename: With the endpoint ``static``: which of its files.
    """
    known: dict[tuple[str, str, str | None], str] = current_app.extensions.setdefault(
        "fixed_addresses", {}
    )
    key = (request.root_path, endpoint, filename)
    found = known.get(key)
    if found is None:
        found = url_for(endpoint) if filename is None else url_for(endpoint, filename=filename)
        known[key] = found
    return found


class DayConverter(BaseConverter):
    """A local day as ``YYYY-MM-DD``; any other writing, or a day that is none, is not found."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        """Return the day.

        Raises:
            ValidationError: there is no such day; the address leads nowhere.
        """
        try:
            return written_day(value)
        except ValueError:
            raise ValidationError from None

    def to_url(self, value: date) -> str:
        """Return the day as it stands in the address."""
        return value.isoformat()


def allow_days(bp: Blueprint) -> None:
    """Let routes of ``bp`` say ``<date:day>``. Called before its first route."""

    def teach(state: BlueprintSetupState) -> None:
        state.app.url_map.converters["date"] = DayConverter

    bp.record_once(teach)

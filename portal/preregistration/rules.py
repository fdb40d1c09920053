"""States of a pre-registration and what follows what. Pure."""

from __future__ import annotations

from enum import StrEnum


class PreregistrationState(StrEnum):
    """Where an application stands; both sides see it."""

    APPLIED = "applied"
    ASKED_BACK = "asked_back"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"

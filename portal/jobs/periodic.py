"""What is done by the clock: every job that comes round, in one table."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

#: Does one round of a job. ``now`` is aware. Opens its own ``acting_as`` and ``transaction``.
Work = Callable[[datetime], None]


@dataclass(frozen=True, slots=True)
class Periodic:
    """A job by the clock.

    ``cron`` is in UTC (18:00 in Japan is ``0 9 * * *``). ``function`` is ``module:name`` of a
    ``Work``. Each round runs once, however many workers there are; a round that was missed is
    made up for within a day, and one that broke off is run again. So a function does what is to be
    done at ``now``, and may be run twice without harm.
    """

    name: str
    cron: str
    function: str


PERIODIC: tuple[Periodic, ...] = (
    Periodic("clear_out", "17 18 * * *", "portal.jobs.clearing_out:clear_out"),
    Periodic("lay_out_days", "10 19 * * *", "portal.slots.daily:lay_out_days"),
    Periodic("give_kept", "*/5 * * * *", "portal.slots.keeping:give_to_everybody"),
    Periodic("make_day_sheets", "*/10 * * * *", "portal.daysheets.service:make_due"),
    Periodic("end_drafts", "5 22 * * *", "portal.drafts.service:end"),
    Periodic("sweep_uploads", "*/10 * * * *", "portal.uploads.sweeping:sweep"),
    Periodic("move_up", "*/10 * * * *", "portal.preregistration.deciding:move_up_everywhere"),
    Periodic("renewals", "20 0 * * *", "portal.preregistration.renewing:tell_season"),
    Periodic("ask_records", "40 0 * * *", "portal.preregistration.records:ask_yearly"),
    Periodic("clear_provisions", "27 18 * * *", "portal.referrals.provisions:clear_out"),
    Periodic("remind", "*/10 * * * *", "portal.attendance.service.reminders:remind"),
    Periodic("no_shows", "* * * * *", "portal.noshow.jobs:each_minute"),
)


def load(entry: Periodic) -> Work:
    """Return the function of an entry.

    Raises:
        ModuleNotFoundError, AttributeError: there is none.
    """
    module, name = entry.function.split(":")
    return cast("Work", getattr(importlib.import_module(module), name))

"""Eighteen kinds of probes: none breaks the portal, each breaks it without its guard: P8, P9."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import NamedTuple
from unittest import mock

import pytest

from tests.hostile import probes_accounts, probes_files, probes_requests, probes_uploads, probes_web
from tests.hostile import weak_app as weak
from tests.hostile.crawl import every_form
from tests.hostile.feeder import BreakFound, Findings
from tests.hostile.world import Bench, tell


class Probe(NamedTuple):
    """A probe, how often it tries at least, and the guards without which it must report."""

    run: Callable[[Bench], Findings]
    least: int
    without: tuple[Callable[[Bench], AbstractContextManager[None]], ...]


PROBES = {
    "authorization": Probe(probes_web.authorization, 60, (weak.everybody_may,)),
    "ids of others": Probe(probes_web.other_peoples_ids, 60, (weak.nothing_is_anybodys,)),
    "SQL": Probe(probes_web.sql, 80, (weak.statements_are_glued,)),
    "markup": Probe(probes_web.markup, 200, (weak.nothing_is_escaped,)),
    "templates": Probe(probes_web.templates, 40, (weak.pages_are_templates,)),
    "redirects": Probe(probes_requests.redirects, 60, (weak.any_next_page,)),
    "forged forms": Probe(probes_requests.forged_forms, 200, (weak.forms_without_token,)),
    "sessions": Probe(
        probes_requests.cookies, 15, (weak.sessions_never_end, weak.cookies_for_scripts)
    ),
    "headers": Probe(probes_requests.headers, 200, (weak.bare_answers,)),
    "who is known": Probe(probes_accounts.who_is_known, 50, (weak.unknown_accounts_are_quick,)),
    "guessing at one account": Probe(
        probes_accounts.tries_at_one_account, 11, (weak.nobody_counts,)
    ),
    "guessing from one address": Probe(
        probes_accounts.tries_from_one_address, 250, (weak.nobody_counts,)
    ),
    "extra fields": Probe(probes_requests.extra_fields, 400, (weak.every_field_counts,)),
    "uploads": Probe(probes_uploads.uploads, 60, (weak.files_are_believed,)),
    "imported cells": Probe(probes_uploads.imported_cells, 100, (weak.nothing_is_escaped,)),
    "spreadsheets": Probe(probes_files.spreadsheet_cells, 100, (weak.cells_run,)),
    "mail headers": Probe(probes_files.mail_headers, 100, (weak.mails_are_glued,)),
    "papers": Probe(probes_files.paper_fetches, 20, (weak.paper_may_fetch,)),
    "typed texts on paper": Probe(probes_files.papers_of_typed_texts, 40, ()),
    "calendars": Probe(probes_files.calendar_lines, 40, (weak.calendars_are_glued,)),
    "names": Probe(probes_accounts.names, 100, (weak.any_sign,)),
}
_WITHOUT = [(name, guard) for name, probe in PROBES.items() for guard in probe.without]


@pytest.mark.proves("P8", "P9")
@pytest.mark.parametrize("name", PROBES)
def test_nothing_breaks(bench: Bench, name: str) -> None:
    findings = PROBES[name].run(bench)
    tell(f"{name}: {dict(findings.tries)}")
    assert not findings.breaks, "\n".join(findings.breaks[:60])
    assert findings.tries.total() >= PROBES[name].least


@pytest.mark.proves("P8", "P9")
@pytest.mark.parametrize(
    ("name", "guard"), _WITHOUT, ids=[f"{n} - {g.__name__}" for n, g in _WITHOUT]
)
def test_without_its_guard_the_probe_reports_it(
    bench: Bench, name: str, guard: Callable[[Bench], AbstractContextManager[None]]
) -> None:
    every_form(bench)  # found while everything stands
    with (
        guard(bench),
        mock.patch.object(Findings, "one_is_enough", True),  # noqa: FBT003 - mock's own
        pytest.raises(BreakFound) as found,
    ):
        PROBES[name].run(bench)
    tell(f"{name} without its guard: {found.value}")

"""Probes of pages: who gets in, what a request may smuggle, what comes back. Each proves first that
the good way works, then counts its tries and names what broke."""

from __future__ import annotations

import re
import time

from werkzeug.test import TestResponse

from tests.hostile.crawl import Found, address, every_form, rules
from tests.hostile.feeder import Findings, complaints_about, markup_in
from tests.hostile.inputs import ELEMENT, MARKUP, STATEMENTS, TEMPLATES
from tests.hostile.world import Bench
from tests.pages.authorization_expectations import EXPECT
from tests.pages.authorization_given import GIVEN
from tests.pages.authorization_world import NEUTRAL

OFFICE = ("office_", "liaison_", "accounts_staff")


def form_of(bench: Bench, endpoint: str) -> Found:
    """Return the form of a route that is accepted as it stands."""
    return next(f for f in every_form(bench) if f.endpoint == endpoint and f.form.method == "POST")


def where_text_is_kept(bench: Bench) -> list[tuple[Found, str]]:
    """Return forms with a field whose words other pages show."""
    wanted = {
        "selfservice_family.guardian": "name",
        "selfservice_children.edit": "name",
        "selfservice_children.section": "illnesses",
        "selfservice_family.add_pickup": "name",
        "office_facility.edit": "access_note",
        "office_pools.pool": "label",
        "accounts.account": "name",
        "office_closures.index": "reason",
    }
    return [
        (found, wanted[found.endpoint])
        for found in every_form(bench)
        if found.form.method == "POST"
        and wanted.get(found.endpoint) in {field.name for field in found.form.fields}
    ]


def authorization(bench: Bench) -> Findings:
    """Guardians and strangers at the doors of offices. The whole matrix stands in tests/pages."""
    findings = Findings()
    with bench.attempt():
        assert bench.browser("staff").get("/office/families/").status_code == 200
    for rule in rules(bench, "GET"):
        if not rule.endpoint.startswith(OFFICE):
            continue
        for persona in ("guardian", "new_guardian", "anonymous"):
            with bench.attempt():
                answer = bench.browser(persona).get(address(bench, rule))
            findings.tries["authz"] += 1
            if answer.status_code not in {303, 403}:
                findings.broke(f"{persona} {rule.rule}: {answer.status_code}")
    return findings


def other_peoples_ids(bench: Bench) -> Findings:
    """Ids of others, and ids that nobody has: both are not found, in the same words."""
    findings = Findings()
    opened = 0
    for rule in rules(bench, "GET"):
        names = [n for n in rule.arguments if n in bench.world.own and n not in NEUTRAL]
        expected = EXPECT[rule.endpoint]
        if not names or rule.endpoint in GIVEN:
            continue
        for persona in ("guardian", "staff", "director"):
            if persona not in (expected.get or ()) or persona in expected.any_owner:
                continue
            others = {name: bench.world.others[name] for name in names}
            absent = {name: bench.world.value(name, "absent") for name in names}
            pages = []
            for given in ({}, others, absent):
                with bench.attempt():
                    pages.append(bench.browser(persona).get(address(bench, rule, **given)))
            findings.tries["id"] += 2
            opened += pages[0].status_code == 200
            if (pages[1].status_code, _plain(pages[1])) != (
                pages[2].status_code,
                _plain(pages[2]),
            ) or pages[1].status_code != 404:
                findings.broke(f"{persona} {rule.rule}: {pages[1].status_code}")
    assert opened > 20, "one's own pages open"
    return findings


def _plain(page: TestResponse) -> str:
    return re.sub(r'(nonce|value|content)="[^"]*"', "", page.get_data(as_text=True))


def sql(bench: Bench) -> Findings:
    """Statements in searches, parameters, sign-in: neither truth nor time changes the answer."""
    findings = Findings()
    targets = (
        ("staff", "/office/bookings/?day="),
        ("staff", "/office/bookings/new?q="),
        ("anonymous", "/facilities?class="),
        ("anonymous", "/facilities?day="),
        ("anonymous", "/facilities?area="),
        ("liaison", f"/liaison/imports/{bench.world.own['import_id']}?show="),
    )
    search = form_of(bench, "office_families.index")
    assert _found(bench, search, "田中", findings)[1] > _found(bench, search, "zzz", findings)[1]
    answers = {value: _found(bench, search, value, findings) for value in _STATEMENTS}
    if answers[_STATEMENTS[0]] != answers[_STATEMENTS[1]]:
        findings.broke("the search finds something else by a true statement than by a false one")
    for persona, url in targets:
        base, _, name = url[:-1].partition("?")
        for value in _STATEMENTS:
            started = time.monotonic()
            with bench.attempt():
                page = bench.browser(persona).get(base, query_string={name: value})
                findings.add(f"{base} {value}", complaints_about(bench, page, value))
            findings.tries["sql"] += 1
            if "sleep" in value and time.monotonic() - started > 4:
                findings.broke(f"{base} {value}: slept")
    return findings


_STATEMENTS = ("zzz' OR '1'='1", "zzz' OR '1'='2", *STATEMENTS, "'", "''", '"', "zzz'--", "\\'")


def _found(bench: Bench, search: Found, words: str, findings: Findings) -> tuple[int, int]:
    """Return the answer to a search for a family, and how many families it leads to."""
    with bench.attempt():
        browser = search.browser(bench)
        page = search.send(browser, search.form.with_value("q", words))
        findings.add(f"search for {words}", complaints_about(bench, page, words))
        page = browser.get(page.headers["Location"])
        findings.add(f"search for {words}", complaints_about(bench, page, words))
    findings.tries["sql"] += 1
    return page.status_code, page.get_data(as_text=True).count('href="/office/families/')


def markup(bench: Bench) -> Findings:
    """Markup stored in every kind of text, then every page that may show it."""
    findings = Findings()
    for value in MARKUP[:3]:
        with bench.attempt():
            kept = 0
            for found, name in where_text_is_kept(bench):
                browser = found.browser(bench)
                answer = found.send(browser, found.form.with_value(name, value))
                findings.tries["reflected"] += 1
                findings.add(found.name, complaints_about(bench, answer, value))
                kept += answer.status_code == 303
            assert kept >= 6, "the texts are kept"
            shown = 0
            for persona in ("guardian", "staff", "director"):
                for rule in rules(bench, "GET"):
                    if persona not in (EXPECT[rule.endpoint].get or ()):
                        continue
                    page = bench.browser(persona).get(address(bench, rule))
                    findings.tries["stored"] += 1
                    html = page.get_data(as_text=True) if page.mimetype == "text/html" else ""
                    shown += ELEMENT in html or "onfocus" in html
                    findings.add(f"{persona} {rule.rule}", markup_in(html, value))
            assert shown >= 5, "some pages show what was kept"
    return findings


def templates(bench: Bench) -> Findings:
    """Template language in texts is shown as it was typed."""
    findings = Findings()
    for value in TEMPLATES:
        for found, name in where_text_is_kept(bench):
            with bench.attempt():
                browser = found.browser(bench)
                answer = found.send(browser, found.form.with_value(name, value))
                findings.tries["template"] += 1
                findings.add(found.name, complaints_about(bench, answer, value))
                if answer.status_code == 303:
                    page = browser.get(answer.headers["Location"])
                    findings.add(found.name, complaints_about(bench, page, value))
    return findings

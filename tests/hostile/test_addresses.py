"""Difficult values in paths and query strings of every page: P8."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from werkzeug.routing import Rule

from tests.hostile.crawl import address, rules
from tests.hostile.feeder import Findings, complaints_about
from tests.hostile.inputs import DATES, MARKUP, STATEMENTS
from tests.hostile.world import Bench, tell
from tests.pages.authorization_expectations import EXPECT

_ASKED = re.compile(r"""request\.args(?:\.get|\.getlist)?[(\[]\s*["'](\w+)["']""")
IN_QUERIES = (
    MARKUP[0],
    STATEMENTS[0],
    "\x00",
    "-1",
    "99999999999999999999",
    "２",
    "9999-12-31",
    "0001-01-01",
)
IN_PATHS = (MARKUP[0], STATEMENTS[0], "\x00", "-1", "9223372036854775808", "..", "%2e%2e%2f")
#: Where more than an id is asked for.
IN_DAYS = (*DATES[6:14], "2026-02-30", "9999-12-31", "0001-01-01", "2026-00", "٢٠٢٦-١١-٢٥")


def parameters(bench: Bench, rule: Rule) -> list[str]:
    """Return what the module of a page reads out of query strings."""
    view = inspect.unwrap(bench.app.view_functions[rule.endpoint])
    return sorted(set(_ASKED.findall(inspect.getsource(sys.modules[view.__module__]))))


def visitor_of(rule: Rule) -> str:
    """Return somebody who gets in."""
    who = EXPECT[rule.endpoint].get or frozenset()
    return next(
        (one for one in ("guardian", "staff", "director", "liaison", "operator") if one in who),
        "anonymous",
    )


def queries(bench: Bench) -> Iterator[tuple[str, str, str]]:
    for rule in rules(bench, "GET"):
        url = address(bench, rule).partition("?")[0]
        for name in parameters(bench, rule):
            for value in IN_QUERIES:
                yield visitor_of(rule), f"{url}?{name}={quote(value)}", value


def paths(bench: Bench) -> Iterator[tuple[str, str, str]]:
    for rule in rules(bench, "GET"):
        for name in rule.arguments - set(rule.defaults or {}):
            good = quote(str(address(bench, rule)).partition("?")[0], safe="/%")
            pattern = re.sub(rf"<(?:\w+(?:\([^)]*\))?:)?{name}>", "\0", rule.rule)
            head = re.sub(r"<[^>]+>", "[^/]+", pattern.partition("\0")[0])
            found = re.match(head, good)
            if found is None:
                continue
            tail = good[found.end() :].partition("/")[2]
            is_id = rule._converters[name].__class__.__name__ == "UUIDConverter"
            for value in IN_PATHS if is_id else (*IN_PATHS, *IN_DAYS):
                rest = f"/{tail}" if tail else ""
                yield visitor_of(rule), f"{found.group()}{quote(value, safe='')}{rest}", value


def visit(bench: Bench, tries: Iterator[tuple[str, str, str]]) -> Findings:
    findings = Findings()
    for persona, url, value in tries:
        with bench.attempt():
            page = bench.browser(persona).get(url)
            findings.add(f"{persona} {url[:120]}", complaints_about(bench, page, value))
        findings.tries[str(page.status_code)] += 1
    tell(f"{dict(findings.tries)}")
    return findings


@pytest.mark.proves("P8")
def test_no_query_breaks_a_page(bench: Bench) -> None:
    findings = visit(bench, queries(bench))
    assert findings.tries.total() >= 200
    assert findings.tries["200"] > 20, "some pages open all the same"
    assert not findings.breaks, "\n".join(findings.breaks[:60])


@pytest.mark.proves("P8")
def test_no_path_breaks_a_page(bench: Bench) -> None:
    findings = visit(bench, paths(bench))
    assert findings.tries.total() >= 500
    assert findings.tries["404"] > 200
    assert not findings.breaks, "\n".join(findings.breaks[:60])

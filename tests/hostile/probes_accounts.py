"""Probes of sign-in and of names: who is known, how often one may try, what a person is called."""

from __future__ import annotations

import itertools
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from unittest import mock

from itsdangerous import TimestampSigner

from portal.accounts import passwords
from portal.accounts.rules import ACCOUNT_WINDOW, TRIES_AT_ACCOUNT, TRIES_FROM_ADDRESS
from portal.kernel import clock
from tests.hostile.crawl import Found
from tests.hostile.feeder import Findings, complaints_about, shown_again
from tests.hostile.forms import PASSWORD
from tests.hostile.inputs import real_names
from tests.hostile.probes_web import form_of
from tests.hostile.world import Bench, Browser

PAIRS = 25
#: The work for an unknown account in parts of that for a known one.
ALIKE = (0.8, 1.25)
KNOWN, UNKNOWN = "staff@example.test", "nobody@example.test"


#: Where a mail address is asked for by somebody who is not signed in.
_ASKING = ("accounts.sign_in", "accounts_links.ask_password_reset", "accounts_links.sign_up")


def _body(found: Found, **values: str) -> list[tuple[str, str]]:
    return [(name, values.get(name, value)) for name, value in found.form.body()]


def _sent(found: Found, browser: Browser, **values: str) -> tuple[int, str, str]:
    answer = found.send(browser, _body(found, **values))
    html = answer.get_data(as_text=True)
    for value in values.values():
        html = html.replace(value, "")
    # How long to wait goes by the clock, which moves between two askings.
    html = re.sub(r"\d+(分ほど|秒)", r"…\1", html)
    # So does the stamp in the form's token; its key is drawn anew for each form.
    html = re.sub(r'(<input[^>]* name="(?:csrf_token|once)"[^>]* value=")[^"]*', r"\1…", html)
    words = html.partition("<main")[2].partition("</main>")[0]
    return answer.status_code, answer.headers.get("Location", ""), words


@contextmanager
def _a_second_between() -> Iterator[None]:
    """Let each stamp be a second later than the one before, as it is now and then by itself."""
    stamps = itertools.count(int(clock.now().timestamp()))
    with mock.patch.object(TimestampSigner, "get_timestamp", side_effect=stamps):
        yield


def who_is_known(bench: Bench) -> Findings:
    """Known and unknown accounts: the same words, the same code, the same work."""
    findings = Findings()
    for endpoint in (
        "accounts.sign_in",
        "accounts_links.ask_password_reset",
        "accounts_links.sign_up",
    ):
        found = form_of(bench, endpoint)
        answers = []
        for mail in (KNOWN, UNKNOWN):
            with bench.attempt(), _a_second_between():
                browser = found.browser(bench)
                answers.append(_sent(found, browser, mail=mail, password="ちがう言葉です。。。"))
            findings.tries["mail"] += 1
        if answers[0] != answers[1]:
            findings.broke(f"{endpoint}: {answers[0][:2]} and {answers[1][:2]} differ")
    with bench.attempt():
        found = form_of(bench, "accounts.sign_in")
        assert _sent(found, found.browser(bench), mail=KNOWN, password=PASSWORD)[0] == 303
    ratios = []
    for _again in range(3):
        ratios.append(_work_ratio(bench, found, findings))
        if ALIKE[0] <= ratios[-1] <= ALIKE[1]:
            return findings
    findings.broke(f"an unknown account takes {ratios} of the work of a known one")
    return findings


def _work_ratio(bench: Bench, found: Found, findings: Findings) -> float:
    """Return the median work of this process for an unknown account by that for a known one.

    Processor time, not the clock: other programs on the machine do not count.
    """
    times: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for _pair in range(PAIRS):
        for mail, spent in times.items():
            with bench.attempt():
                browser = found.browser(bench)
                body = _body(found, mail=mail, password="x")
                started = time.process_time()
                found.send(browser, body)
                spent.append(time.process_time() - started)
            findings.tries["pair"] += 1
    return statistics.median(times[UNKNOWN]) / statistics.median(times[KNOWN])


def tries_at_one_account(bench: Bench) -> Findings:
    """Guessing at one account is stopped, and its owner waits a quarter of an hour at most."""
    findings = Findings()
    found = form_of(bench, "accounts.sign_in")
    with bench.attempt():
        assert _sent(found, found.browser(bench), mail=KNOWN, password=PASSWORD)[0] == 303
    with bench.attempt():
        browser = found.browser(bench)
        for number in range(TRIES_AT_ACCOUNT):
            findings.tries["account"] += 1
            found.send(browser, _body(found, mail=KNOWN, password=f"x{number}"))
        findings.tries["account"] += 1
        answer = found.send(browser, _body(found, mail=KNOWN, password=PASSWORD))
        if answer.status_code != 429:
            findings.broke(f"the eleventh try is answered with {answer.status_code}")
        elif not 0 < int(answer.headers["Retry-After"]) <= ACCOUNT_WINDOW.total_seconds():
            findings.broke(f"the owner waits {answer.headers['Retry-After']} seconds")
    if TRIES_AT_ACCOUNT > 10 or ACCOUNT_WINDOW.total_seconds() > 900:
        findings.broke("too many tries, or too long a wait")
    return findings


def tries_from_one_address(bench: Bench) -> Findings:
    """Guessing at many accounts from one address is stopped; the hash is left out for speed."""
    findings = Findings()
    found = form_of(bench, "accounts.sign_in")
    stopped = None
    with mock.patch.object(passwords, "matches", return_value=False), bench.attempt():
        browser = found.browser(bench)
        for number in range(TRIES_FROM_ADDRESS + 1):
            findings.tries["address"] += 1
            body = _body(found, mail=f"p{number}@example.test", password="x")
            if found.send(browser, body).status_code == 429:
                stopped = number
                break
    if stopped is None:
        findings.broke(f"{TRIES_FROM_ADDRESS + 1} tries and still no wait")
    elif stopped < 50:
        findings.broke(f"a nursery behind one address waits after {stopped} tries")
    if TRIES_FROM_ADDRESS > 300:
        findings.broke("more than 300 tries")
    return findings


#: Signs that no name needs: they turn a page around, or cannot be shown.
_UNSHOWN = ("\u202e", "\u2066", "\x00", "\x1b[31m", "\u2028", "\x07", "\r\n", "\x85", "\ue000\x00")
#: Odd, and yet kept: joiners stand in real words, tags in flags, marks pile up in Vietnamese.
_ODD = ("a\u200bb", "a\u200db", "Z\u0351\u036b\u0343\u036a", "\U000e0041", "é" * 60, "👨‍👩‍👧")
NAMED = (
    ("selfservice_family.add_pickup", "name"),
    ("selfservice_family.guardian", "name"),
    ("selfservice_children.edit", "name"),
    ("office_families_people.child", "name"),
    ("accounts.account", "name"),
)


def names(bench: Bench) -> Findings:
    """What people are called is taken and kept to the letter; unshown signs are sent back."""
    findings = Findings()
    for number, name in enumerate((*real_names(), *_ODD)):
        for endpoint, field in (NAMED[0], NAMED[1 + number % 4]):
            findings.tries["name"] += 1
            findings.add(
                f"{endpoint} {name!r}", _taken(bench, form_of(bench, endpoint), field, name)
            )
    for sign in _UNSHOWN:
        for endpoint, field in NAMED:
            found = form_of(bench, endpoint)
            with bench.attempt():
                answer = found.send(
                    found.browser(bench), found.form.with_value(field, f"田{sign}中")
                )
                findings.add(endpoint, complaints_about(bench, answer, sign))
            findings.tries["sign"] += 1
            folds = endpoint == "accounts.account" and sign.isspace()
            if answer.status_code != 422 and not folds:
                findings.broke(f"{endpoint}: {sign!r} is answered with {answer.status_code}")
    return findings


def _taken(bench: Bench, found: Found, field: str, name: str) -> list[str]:
    with bench.attempt():
        browser = found.browser(bench)
        answer = found.send(browser, found.form.with_value(field, name))
        if answer.status_code != 303:
            return [f"is answered with {answer.status_code}"]
        page = browser.get(found.form.page)
        shown = shown_again(found, field, page)
        wanted = " ".join(name.split()) if found.endpoint == "accounts.account" else name
        if found.endpoint == NAMED[0][0]:
            is_shown = name in unescape(page.get_data(as_text=True))
            return [] if is_shown else ["is not shown as typed"]
    return [] if wanted in shown else [f"was kept as {shown!r}"]

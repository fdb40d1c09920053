"""Every form sent five times, and again after a lost answer, works once and answers alike: P2."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy import text

from portal.web import writes
from tests.hostile.crawl import Found, every_form
from tests.hostile.world import Bench, tell

TIMES = 5
#: Posts that go around the key, and why that is right: their effect is the same each time, or is
#: what was asked for each time. What they answer afterwards may differ.
WITHOUT_KEY = {
    "accounts.sign_in": "each sign-in opens a session",
    "accounts.sign_out": "a session that has ended cannot end again",
    "accounts.choose": "the session of before has ended",
    "accounts.second_factor": "each code opens once",
    "accounts.enrol": "each code opens once",
    "accounts_own.password": "the session of before has ended",
    "accounts_own.second_factor": "asks for the password alone",
    "accounts_own.mail": "mails are counted, five an hour",
    "accounts_links.sign_up": "mails are counted, five an hour",
    "accounts_links.ask_password_reset": "mails are counted, five an hour",
    "accounts_links.finish_sign_up": "the link opens once",
    "accounts_links.invitation": "the link opens once",
    "accounts_links.reset_password": "the link opens once",
    "accounts_links.change_mail": "the link opens once",
    "liaison_imports.index": "each upload is kept; a file is not part of the key",
}
#: The same wish asked for twice is two mails or two uploads: what those forms are for. Rules as
#: typed are kept each time they are sent; their next page publishes them once.
DOES_IT_AGAIN = frozenset(
    {
        "accounts.sign_in",
        "accounts_links.sign_up",
        "accounts_links.ask_password_reset",
        "accounts_own.mail",
        "liaison_imports.index",
        "office_rules.form",
    }
)


def whole(bench: Bench) -> Mapping[str, str]:
    """Return the digest, and how often something was written into the audit."""
    connection = bench.connection
    connection.execute(text("RESET SESSION AUTHORIZATION"))
    trace = connection.execute(
        text("SELECT count(*) FROM audit_log WHERE action NOT LIKE '%read%'")
    ).scalar_one()
    connection.execute(text("SET LOCAL SESSION AUTHORIZATION portal_app"))
    return {**bench.digest(), "audit": str(trace)}


def accepted(bench: Bench) -> list[Found]:
    """Return one form for each route that a POST of it changes something on."""
    chosen: dict[tuple[str, str], Found] = {}
    for found in every_form(bench):
        if found.form.method == "POST":
            chosen.setdefault((found.endpoint, found.mood), found)
    return list(chosen.values())


def repeat(bench: Bench, found: Found) -> tuple[int, list[str]]:
    """Send the form, then again with the cookies of before: the browser never saw the answer."""
    with bench.attempt():
        browser = found.browser(bench)
        body = found.form.body()
        nothing = whole(bench)
        first = found.send(browser, body)
        done = whole(bench)
        if first.status_code != 303 or done == nothing:
            return first.status_code, []
        wrong = []
        for number in range(2, TIMES + 1):
            browser.cookies = dict(found.cookies)
            again = found.send(browser, body)
            if again.status_code >= 500:
                wrong.append(f"{number}: status {again.status_code}")
            elif found.endpoint not in WITHOUT_KEY and (
                (again.status_code, again.headers.get("Location"))
                != (first.status_code, first.headers.get("Location"))
            ):
                wrong.append(f"{number}: {again.status_code} {again.headers.get('Location')}")
        after = whole(bench)
        if found.endpoint not in DOES_IT_AGAIN:
            wrong += [f"{name} changed again" for name in after if after[name] != done[name]]
    return first.status_code, [f"{found.name}: {what}" for what in wrong]


@pytest.mark.proves("P2")
def test_every_form_works_once_and_answers_alike(bench: Bench) -> None:
    wrong, tried = [], set()
    for found in accepted(bench):
        status, complaints = repeat(bench, found)
        wrong += complaints
        if status == 303:
            tried.add(found.endpoint)
    tell(f"{len(tried)} routes, {TIMES} times each")
    assert len(tried) > 55
    assert not wrong, "\n".join(wrong)


@pytest.mark.proves("P2")
def test_without_the_keys_the_same_posts_do_their_work_twice(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyed = [found for found in accepted(bench) if found.endpoint not in WITHOUT_KEY]
    named = {"selfservice_children.new", "selfservice_family.add_pickup"}
    monkeypatch.setattr(writes, "_claim", lambda: None)
    some = [*keyed[::4], *(found for found in keyed if found.endpoint in named)]
    twice = {found.endpoint for found in some if repeat(bench, found)[1]}
    tell(f"{len(twice)} of {len(some)} forms break: {sorted(twice)}")
    assert len(twice) > 5
    assert named <= twice


@pytest.mark.proves("P2")
def test_a_key_used_for_other_words_is_refused(bench: Bench) -> None:
    found = next(f for f in accepted(bench) if f.endpoint == "selfservice_family.add_pickup")
    with bench.attempt():
        browser = found.browser(bench)
        assert found.send(browser, found.form.body()).status_code == 303
        done = whole(bench)
        assert found.send(browser, found.form.with_value("name", "別の 人")).status_code == 409
        assert whole(bench) == done


@pytest.mark.proves("P2")
def test_each_exception_still_exists(bench: Bench) -> None:
    reached = {found.endpoint for found in every_form(bench)}
    assert sorted(set(WITHOUT_KEY) - reached) == []

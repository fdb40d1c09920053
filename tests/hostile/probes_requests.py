"""Probes of requests: redirects, forged forms, cookies, headers, fields that no form has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sqlalchemy import text

from tests.hostile.crawl import every_form
from tests.hostile.feeder import Findings, complaints_about, untouched
from tests.hostile.inputs import MARKUP, STATEMENTS, TEMPLATES
from tests.hostile.probes_web import form_of
from tests.hostile.world import PERSONAS, Bench

_HOST = "evil.test"
REDIRECTS = tuple(
    start + end
    for start in (
        *(
            "//",
            "///",
            "\\\\",
            "/\\",
            "\\/",
            "/\t/",
            "\t//",
            "/\n/",
            "http://",
            "https://",
            "http:",
        ),
        *("https:/", "//x@", "/%2f", "/%5c", "\x00//", " //", "/ /", "ftp://", "javascript://"),
        *("data:text/html,", "/\x0b/", "/\r/", "//127.0.0.1%2f@", "\u3000//", "///\\", "/.//"),
        *("/..//", "x:", "//www.", "%2f%2f", "／／", "/；//"),
    )
    for end in (_HOST, f"{_HOST}/path")
)


def redirects(bench: Bench) -> Findings:
    """Where a sign-in leads, whatever the address asked for."""
    findings = Findings()
    with bench.attempt():
        good = bench.browser("guardian").get("/sign-in", query_string={"next": "/account"})
        assert good.headers["Location"] == "/account"
    sign_in = form_of(bench, "accounts.sign_in")
    for number, wanted in enumerate(REDIRECTS):
        with bench.attempt():
            if number % 12 == 0:
                browser = sign_in.browser(bench)
                browser.get("/sign-in", query_string={"next": wanted})
                answer = sign_in.send(browser, sign_in.form.body())
            else:
                answer = bench.browser("guardian").get("/sign-in", query_string={"next": wanted})
        findings.tries["redirect"] += 1
        to = answer.headers.get("Location", "")
        if answer.status_code != 303 or not _is_local(to):
            findings.broke(f"{wanted!r} leads to {to!r} ({answer.status_code})")
    return findings


def _is_local(to: str) -> bool:
    """Say whether a browser stays here: it drops tabs and line ends and turns backslashes."""
    seen = re.sub(r"[\t\r\n]", "", to).strip().replace("\\", "/")
    return seen.startswith("/") and not seen.startswith("//")


def forged_forms(bench: Bench) -> Findings:
    """Forms without the token, with a wrong one, another person's, from another site."""
    findings = Findings()
    seen: set[str] = set()
    for found in every_form(bench):
        if found.form.method != "POST" or found.endpoint in seen:
            continue
        seen.add(found.endpoint)
        other = next(
            (
                dict(f.form.body()).get("csrf_token", "")
                for f in every_form(bench)
                if f.form.persona != found.form.persona and f.form.method == "POST"
            ),
            "",
        )
        for token, headers in (
            (None, {}),
            ("", {}),
            ("x" * 40, {}),
            (other, {}),
            (None, {"Origin": "https://evil.test", "Referer": "https://evil.test/"}),
        ):
            rest = [each for each in found.form.body() if not each[0].endswith("csrf_token")]
            body = rest if token is None else [*rest, ("csrf_token", token)]
            with bench.attempt():
                browser = found.browser(bench)
                before = untouched(bench, found) if token is None else None
                answer = found.send(browser, body, headers=headers)
                changed = before is not None and bench.digest() != before
            findings.tries["csrf"] += 1
            if answer.status_code not in {400, 403} or changed:
                findings.broke(f"{found.name} {token!r}: {answer.status_code} {changed}")
    assert len(seen) > 40
    with bench.attempt():
        good = form_of(bench, "selfservice_family.add_pickup")
        assert good.send(good.browser(bench), good.form.body()).status_code == 303
    return findings


def cookies(bench: Bench) -> Findings:
    """Cookies after sign-out, changed ones, made-up ones, and what a new one says of itself."""
    findings = Findings()
    with bench.attempt():
        browser = bench.browser("guardian")
        assert browser.get("/account").status_code == 200
        stolen = dict(browser.cookies)
        out = form_of(bench, "accounts.sign_out")
        browser.cookies = dict(out.cookies)
        stolen = dict(browser.cookies)
        assert out.send(browser, out.form.body()).status_code == 303
        thief = bench.browser("anonymous")
        thief.cookies = stolen
        findings.tries["replay"] += 1
        if thief.get("/account").status_code == 200:
            findings.broke("a cookie from before sign-out still opens")
    for forged in _forged(bench):
        with bench.attempt():
            thief = bench.browser("anonymous")
            thief.cookies = {bench.app.config["SESSION_COOKIE_NAME"]: forged}
            findings.tries["tampered"] += 1
            answer = thief.get("/account")
            findings.add(forged[:20], complaints_about(bench, answer, ""))
            if answer.status_code == 200:
                findings.broke(f"opened by {forged[:40]}")
    findings.add("fixation", _fixation(bench, findings))
    return findings


def _forged(bench: Bench) -> Iterator[str]:
    good = next(iter(bench.browser("guardian").cookies.values()))
    head, middle, signature = good.rsplit(".", 2)
    yield from (good[:-1], f"{head}.{middle}.", f"{head}.{middle}.{'A' * len(signature)}", head)
    yield from (
        f"x{good}",
        f"{head[:-2]}AA.{middle}.{signature}",
        "",
        ".",
        "..",
        "e30.x.y",
        good * 40,
    )
    yield from ('{"_user_id": "1"}', bench.world.tokens["guardian"], "\x00", "é", "=" * 100)


def _fixation(bench: Bench, findings: Findings) -> Iterable[str]:
    sign_in = form_of(bench, "accounts.sign_in")
    with bench.attempt():
        browser = sign_in.browser(bench)
        before = dict(browser.cookies)
        answer = sign_in.send(browser, sign_in.form.body())
        assert answer.status_code == 303
        findings.tries["fixation"] += 1
        if browser.cookies == before:
            yield "the cookie of before sign-in is the one after it"
        attacker = bench.browser("anonymous")
        attacker.cookies = before
        if attacker.get("/account").status_code == 200:
            yield "a cookie known before sign-in opens after it"
        flags = answer.headers["Set-Cookie"]
        yield from (
            f"no {flag}" for flag in ("HttpOnly", "SameSite=Lax", "Path=/") if flag not in flags
        )


SAFE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
SENT_HEADERS = ("Host", "X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Proto", "Forwarded")
ODD_HEADERS = (
    "Accept-Language",
    "User-Agent",
    "Referer",
    "Cookie",
    "Accept",
    "If-None-Match",
    "Range",
)


def headers(bench: Bench) -> Findings:
    """What every answer carries, and what a request's headers may not bring about."""
    findings = Findings()
    for persona in PERSONAS:
        for url in ("/", "/account", "/facilities", "/no-such-page", "/sign-in"):
            with bench.attempt():
                answer = bench.browser(persona).get(url)
            findings.tries["carried"] += 1
            for name, value in SAFE_HEADERS.items():
                if value not in answer.headers.get(name, ""):
                    findings.broke(f"{url} lacks {name}")
            signed_in = persona != "anonymous" and answer.status_code == 200
            if signed_in and "no-store" not in answer.headers.get("Cache-Control", ""):
                findings.broke(f"{url} may be kept")
    _foreign_hosts(bench, findings)
    _odd_headers(bench, findings)
    return findings


def _foreign_hosts(bench: Bench, findings: Findings) -> None:
    for name in SENT_HEADERS:
        for value in (
            _HOST,
            f"{_HOST}:80",
            "127.0.0.1",
            "localhost@evil.test",
            "evil.test/x",
            "[::1]",
            "a b",
        ):
            for url in ("/", "/sign-in", "/account", "/my/bookings"):
                with bench.attempt():
                    answer = bench.browser("anonymous").get(url, headers={name: value})
                    findings.add(f"{name}: {value} {url}", complaints_about(bench, answer, ""))
                findings.tries["host"] += 1
                shown = answer.get_data(as_text=True) + answer.headers.get("Location", "")
                if _HOST in shown:
                    findings.broke(f"{name}: {value} stands in {url}")


def _odd_headers(bench: Bench, findings: Findings) -> None:
    for name in ODD_HEADERS:
        for value in (
            *MARKUP[:3],
            TEMPLATES[0],
            STATEMENTS[0],
            "x" * 8000,
            "ja;q=x",
            ",,,",
            "\u00e9",
            ";" * 500,
            "bytes=0-",
        ):
            with bench.attempt():
                answer = bench.browser("anonymous").get(
                    "/sign-in", headers={name: value.encode("latin-1", "replace").decode("latin-1")}
                )
                findings.add(f"{name}: {value[:30]}", complaints_about(bench, answer, value))
            findings.tries["odd"] += 1


EXTRAS = {
    "role": "operator",
    "organisation_id": "{organisation}",
    "family_id": "{family}",
    "user_id": "{user}",
    "membership_id": "{membership}",
    "is_admin": "1",
    "is_primary": "1",
    "state": "accepted",
    "fee_yen": "0",
    "published_at": "2020-01-01",
    "password_hash": "x",
    "locale": "xx",
    "disabled_at": "",
    "totp_sealed": "",
    "confirmed": "1",
    "created_by": "{user}",
}
_PRIVILEGED = (
    "SELECT m.role, m.organisation_id, m.ended_at IS NULL FROM memberships m",
    (
        "SELECT u.locale, u.disabled_at IS NULL, u.totp_sealed IS NULL, u.password_hash = 'x'"
        " FROM users u"
    ),
    "SELECT g.family_id = :family, g.user_id, g.is_primary FROM guardians g",
    "SELECT b.family_id = :family, b.state, b.fee_yen, b.organisation_id FROM bookings b",
    "SELECT f.organisation_id, f.published_at IS NULL FROM facilities f",
    "SELECT p.state, p.family_id = :family, p.organisation_id FROM preregistrations p",
)


def extra_fields(bench: Bench) -> Findings:
    """Fields that a form does not have, named like columns, change nothing."""
    findings = Findings()
    with bench.attempt():
        stranger = bench.world.others
        given = {
            "organisation": bench.connection.execute(
                text("SELECT organisation_id FROM facilities WHERE id = :id"),
                {"id": stranger["facility_id"]},
            ).scalar()
            or stranger["facility_id"],
            "family": stranger["family_id"],
            "user": bench.user_of("director"),
            "membership": stranger["membership_id"],
        }
    seen: set[str] = set()
    for found in every_form(bench):
        if found.form.method != "POST" or found.endpoint in seen:
            continue
        own = {field.name for field in found.form.fields}
        extras = [(n, v.format(**given)) for n, v in EXTRAS.items() if n not in own]
        states = []
        for body in (found.form.body(), [*found.form.body(), *extras]):
            with bench.attempt():
                answer = found.send(found.browser(bench), body)
                states.append((answer.status_code, _privileged(bench)))
        if states[0][0] != 303:
            continue
        seen.add(found.endpoint)
        findings.tries["extra"] += len(extras)
        if states[0] != states[1]:
            findings.broke(f"{found.name}: {states[0][0]} {states[1][0]}")
    assert len(seen) > 40, "the forms work"
    return findings


def _privileged(bench: Bench) -> list[object]:
    connection = bench.connection
    connection.execute(text("RESET SESSION AUTHORIZATION"))
    stranger = bench.world.others["family_id"]
    return [
        sorted(map(repr, connection.execute(text(query), {"family": stranger}).all()))
        for query in _PRIVILEGED
    ]

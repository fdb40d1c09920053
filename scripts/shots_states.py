"""States that no link leads to: refused, waiting, full, empty, broken, and what a printer gets."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyotp
from playwright.sync_api import Browser, Page

from scripts.shots_album import Album, name_of

ROOT = Path(__file__).resolve().parents[1]
#: Forms that a refusal is photographed of: sent as they open, they must explain themselves.
REFUSED = {
    "public": ("/sign-in", "/sign-up", "/password-reset"),
    "new_guardian": ("/my/register", "/my/children/new"),
    "guardian": ("/my/children/new", "/my/data/correction", "/account/mail", "/account/password"),
    "staff": (
        "/office/families/caller",
        "/office/families/new",
        "/office/notices/new",
        "/office/bookings/new",
    ),
    "director": ("/office/notices/new", "/office/set-up/new", "/staff/invitations"),
    "liaison": ("/liaison/imports/", "/liaison/providers/new"),
    "operator": ("/liaison/imports/", "/staff/invitations"),
}
#: Pages without a link, by what is asked: each is answered with its own error page.
ERRORS = {
    "404": "/my-lost-page",
    "404-thing": "/facilities/00000000-0000-0000-0000-000000000000",
    "405": "/sign-out",
}
#: What others may not open, by who tries.
FORBIDDEN = {"staff": "/reports/", "guardian": "/office/", "liaison": "/office/families/"}
PASSWORD = "みほんのながい合言葉です"  # noqa: S105 - of an invented person, in a demo of minutes
_SEND = """() => {
  const forms = [...document.querySelectorAll("main form")].filter(form => form.method === "post")
  const form = forms.find(form => form.querySelector(".btn--primary")) || forms[0]
  if (!form) return false
  form.noValidate = true
  form.requestSubmit(form.querySelector("button.btn--primary") || undefined)
  return true
}"""


def send(page: Page) -> None:
    """Send the main form of the page as it stands."""
    with page.expect_navigation():
        if not page.evaluate(_SEND):
            raise LookupError(f"no form on {page.url}")


def refused(page: Page, base: str, persona: str, album: Album) -> None:
    """Photograph the forms of a persona, sent as they open, and what she may not open at all."""
    for path in REFUSED.get(persona, ()):
        answer = page.goto(base + path)
        if answer is None or answer.status != 200:  # noqa: PLR2004 - HTTP
            album.trouble.append(f"{persona}: {path}: {answer.status if answer else 'nothing'}")
            continue
        send(page)
        album.photograph(page, persona, f"refused-{name_of(base + path, base)}")
    if persona in FORBIDDEN:
        page.goto(base + FORBIDDEN[persona])
        album.photograph(page, persona, f"forbidden-{name_of(page.url, base)}")


def full(page: Page, facts: dict[str, Any], persona: str, album: Album) -> None:
    """Photograph a facility without places, and what a guardian hears who wants one."""
    calendar = facts["samples"]["full_calendar"]
    page.goto(calendar)
    album.photograph(page, persona, "full-calendar")
    if persona != "guardian":
        return
    day = page.locator("a[href*='/days/']").first
    if day.count():
        page.goto(str(day.evaluate("link => link.href")))
        album.photograph(page, persona, "full-day")
    facility = calendar.rsplit("/", 1)[1]
    tomorrow = page.evaluate("new Date(Date.now() + 33 * 3600e3).toISOString().slice(0, 10)")
    page.goto(
        f"{facts['base_url']}/my/bookings/new?facility={facility}&day={tomorrow}&start=9:00&end=11:00"
    )
    for box in page.locator("main input[type=checkbox]").all():
        box.check(force=True)
    page.check("main input[name=purpose] >> nth=0", force=True)
    send(page)
    album.photograph(page, persona, "refused-booking")


def waiting(page: Page, base: str, persona: str, album: Album) -> None:
    """Photograph what waits for somebody: a list not yet taken, a request not yet answered."""
    if persona == "liaison":
        city = (
            ROOT / "tests" / "data" / "facilities" / "yokohama_kanazawa_nurseryFacilities.geojson"
        )
        for number, file in enumerate((city, ROOT / "README.md")):
            page.goto(f"{base}/liaison/imports/")
            page.set_input_files("main input[type=file]", file)
            send(page)
            album.photograph(page, persona, ("waiting-import", "refused-file")[number])
        page.goto(f"{base}/liaison/imports/")
        album.photograph(page, persona, "waiting-imports")
    if persona == "guardian":
        page.goto(f"{base}/my/data/correction")
        for area in page.locator("main textarea").all():
            area.fill("じっさいの時刻と、15分ちがっています。")
        for first in page.locator("main input[type=radio]").all()[:1]:
            first.check(force=True)
        send(page)
        album.photograph(page, persona, "waiting-correction")


@contextmanager
def someone(browser: Browser, door: str = "") -> Iterator[Page]:
    """Open a browser of her own, signed in through the demo's door."""
    context = browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo")
    page = context.new_page()
    page.set_default_timeout(30_000)
    if door:
        page.goto(door)
    try:
        yield page
    finally:
        context.close()


def link_mailed(page: Page, base: str, to: str) -> str:
    """Wait for the newest mail to an address; return the link in it.

    Raises:
        LookupError: no mail came within a minute.
    """
    for _try in range(120):
        page.goto(f"{base}/demo/mails")
        mail = page.locator("a.list__link", has_text=to).first
        if mail.count():
            mail.click()
            return str(page.locator("pre a[href]").first.evaluate("link => link.href"))
        page.wait_for_timeout(500)
    raise LookupError(f"no mail came to {to}")


def _new_address(kind: str) -> str:
    """Return an address that a demo photographed twice does not know yet."""
    return f"first.{time.time_ns() // 10**9 % 10**6}@{kind}.example"


def first_director(browser: Browser, facts: dict[str, Any], album: Album) -> None:
    """Photograph the way of a new provider's director from the invitation to empty pages."""
    base, label, mail = facts["base_url"], "first_director", _new_address("provider")
    with someone(browser, facts["personas"]["liaison"]["sign_in"]) as page:
        page.goto(f"{base}/liaison/providers/new")
        page.fill(
            "#provider", f"{mail.partition('@')[0].removeprefix('first.')} はじめて会（架空）"
        )
        page.fill("#name", "始 はじめ")
        page.fill("#mail", mail)
        send(page)
        album.photograph(page, label, "1-invited")
    with someone(browser) as page:
        page.goto(link_mailed(page, base, mail))
        album.photograph(page, label, "2-invitation")
        page.fill("input[type=password]", PASSWORD)
        send(page)
        if page.locator(".code").count():
            album.photograph(page, label, "3-enrol")
            secret = re.sub(r"\s", "", page.locator(".code").inner_text())
            page.fill("#code", pyotp.TOTP(secret).now())
            send(page)
            album.photograph(page, label, "4-recovery-codes")
            page.click("main a.btn--primary")
            album.photograph(page, label, "5-second-factor")
        for path in (
            *(
                "/",
                "/office/board",
                "/office/bookings/",
                "/office/families/",
                "/office/facilities/",
            ),
            *("/office/preregistrations/", "/office/places", "/office/notices/", "/office/mails/"),
            *("/reports/", "/staff", "/office/data-requests/", "/office/set-up/choose"),
        ):
            answer = page.goto(base + path)
            if answer is None or answer.status != 200:  # noqa: PLR2004 - HTTP
                album.trouble.append(f"{label}: {path}: {answer.status if answer else 'nothing'}")
            album.photograph(page, label, f"empty-{name_of(base + path, base)}")


def first_guardian(browser: Browser, facts: dict[str, Any], album: Album) -> None:
    """Photograph the way of a new guardian from her mail address to the first form."""
    base, label, mail = facts["base_url"], "first_guardian", _new_address("family")
    with someone(browser) as page:
        page.goto(f"{base}/sign-up")
        page.fill("#mail", mail)
        send(page)
        album.photograph(page, label, "1-mail-sent")
        page.goto(link_mailed(page, base, mail))
        album.photograph(page, label, "2-name-and-password")
        page.fill("#name", "初瀬 はつみ")
        page.fill("input[type=password]", PASSWORD)
        send(page)
        album.photograph(page, label, "3-register")


def errors(page: Page, base: str, album: Album) -> None:
    """Photograph the error pages: those that are met, and the templates of the others."""
    for name, path in ERRORS.items():
        page.goto(base + path)
        album.photograph(page, "errors", name)
    for status, text in _rendered_errors().items():
        page.route(
            f"{base}/_shot",
            lambda route, _request, body=text: route.fulfill(
                body=body, content_type="text/html; charset=utf-8"
            ),
        )
        page.goto(f"{base}/_shot")
        page.unroute(f"{base}/_shot")
        album.photograph(page, "errors", f"page-{status}")


def _rendered_errors() -> dict[int, str]:
    """Return the error pages as they are written, by status; 503 is the waiting room."""
    from flask import Flask

    from portal.documents import templating
    from portal.web.errors import PAGES

    app = Flask("shots", template_folder=str(ROOT / "templates"))
    templating.install(app.jinja_env)
    found: dict[int, str] = {}
    with app.test_request_context("/"):
        app.jinja_env.globals["url_for"] = lambda endpoint, **values: (
            f"/static/{values['filename']}" if endpoint == "static" else "/"
        )
        app.jinja_env.globals["fixed"] = lambda _endpoint, filename="": f"/static/{filename}"
        for status in sorted(PAGES):
            template = app.jinja_env.get_template(f"errors/{status}.html")
            found[status] = template.render(csp_nonce="", footer_links=[], site_nav=[])
    return found

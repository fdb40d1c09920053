"""The whole portal for a journey: web server, worker process and mail server, all of them real."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar, Component
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from portal.app import create_app
from portal.commands.serving import WebServer, free_port
from portal.db.session import Database, in_use, make_engine, use
from portal.kernel import clock
from portal.kernel.actor import Actor
from tests.browser.journeys.worker import running_worker
from tests.conftest import settings_for_tests
from tests.database import HOME, TestServer
from tests.pages.checkers import axe_violations
from tests.pages.visit import Visitor
from tests.smtp import MailServer, running_mail_server, wait_until

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
TABLET = {"width": 1180, "height": 820}
#: A journey of two: the family at a phone and staff at a PC, and the other way round.
BOTH_WAYS = [
    pytest.param(PHONE, DESK, id="phone-family"),
    pytest.param(DESK, PHONE, id="pc-family"),
]
#: Said by every page on its own, as an error in its console, once it is there.
_TOO_WIDE = """addEventListener("load", () => {
  const wide = document.documentElement.scrollWidth
  if (wide > innerWidth) console.error(`${location.pathname} is ${wide} px wide on ${innerWidth}`)
})"""
#: Where to keep pictures for looking at; nowhere in a usual run.
PICTURES = os.environ.get("JOURNEY_PICTURES")


@dataclass
class Live:
    """A portal that answers at ``base_url`` and whose mails arrive in ``smtp``."""

    base_url: str
    app: Flask
    smtp: MailServer
    browser: Browser
    worker_url: str
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def window(
        self, size: dict[str, Any], *, of: Actor | None = None, scripts: bool = True
    ) -> Page:
        """Open a browser of somebody's own; ``of``: who is signed in on it already."""
        context = self.browser.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            base_url=self.base_url,
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            java_script_enabled=scripts,
        )
        context.add_init_script(_TOO_WIDE)
        self.contexts.append(context)
        if of is not None:
            cookie = Visitor(self.app, of).client.get_cookie("portal")
            assert cookie is not None
            context.add_cookies([{"name": "portal", "value": cookie.value, "url": self.base_url}])
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    @contextmanager
    def as_the_worker(self) -> Iterator[None]:
        """Do here, at a time of the test's choosing, what the worker does by the clock."""
        before = in_use()
        engine = make_engine(self.worker_url)
        use(Database(engine, before.secrets))
        try:
            yield
        finally:
            use(before)
            engine.dispose()

    def _hear(self, said: ConsoleMessage) -> None:
        # A page that refuses something is an answer with 409, which Chromium logs as an error; and
        # for the icon that a PDF does not name it looks by itself.
        is_meant = "status of 409" in said.text or said.location["url"].endswith("/favicon.ico")
        if said.type == "error" and not is_meant:
            self.complaints.append(said.text)

    def mail(self, to: str | None, subject: str) -> Mail:
        """Wait for the newest mail to somebody, or anybody, whose subject begins so."""

        came = wait_until(lambda: bool(self.mails(to, subject)), seconds=15)
        assert came, (
            f"no {subject} among {[str(one.message['Subject']) for one in self.smtp.taken]}"
        )
        return Mail(self.mails(to, subject)[-1])

    def mails(self, to: str | None, subject: str) -> list[EmailMessage]:
        """Return the mails to somebody whose subject begins so, as far as they have come."""
        taken = (one.message for one in list(self.smtp.taken) if to in {None, one.to})
        return [one for one in taken if str(one["Subject"]).startswith(subject)]


@dataclass(frozen=True)
class Mail:
    """A mail as its receiver's program reads it."""

    message: EmailMessage

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())

    def link(self, path: str) -> str:
        """Return the address in the text whose path begins so."""
        found = re.search(rf"http://[^\s/]+{path}\S*", self.text)
        assert found, self.text
        return found[0]

    @property
    def calendar(self) -> Calendar:
        """The entry that a mail program offers to put into the calendar."""
        (part,) = (one for one in self.message.walk() if one.get_content_type() == "text/calendar")
        assert part.get_param("method"), "without a method no mail program offers the entry"
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        calendar = Calendar.from_ical(content)
        assert isinstance(calendar, Calendar)
        assert str(calendar["METHOD"]) == str(part.get_param("method"))
        return calendar

    @property
    def entry(self) -> Entry:
        """The one event of its calendar."""
        return the_entry(self.calendar)


@dataclass(frozen=True)
class Entry:
    """What a calendar program keeps of an event."""

    uid: str
    sequence: int
    span: tuple[datetime, datetime]
    status: str


def the_entry(calendar: Component) -> Entry:
    """Return the only event of a calendar."""
    (event,) = calendar.walk("VEVENT")
    return Entry(
        uid=str(event["UID"]),
        sequence=int(str(event["SEQUENCE"])),
        span=(event.decoded("DTSTART"), event.decoded("DTEND")),
        status=str(event["STATUS"]),
    )


def _surroundings(
    server: TestServer, database: str, base_url: str, smtp: MailServer
) -> dict[str, str]:
    """Return the settings of the worker."""
    return {
        **os.environ,
        "DATABASE_URL": server.url("portal_app", database),
        "DATABASE_WORKER_URL": server.url("portal_worker", database),
        "PORTAL_SECRETS": str(HOME / "secrets.json"),
        "PORTAL_BASE_URL": base_url,
        "SMTP_HOST": smtp.settings.host,
        "SMTP_PORT": str(smtp.settings.port),
    }


@contextmanager
def live_portal(server: TestServer, database: str, browser: Browser) -> Iterator[Live]:
    """Serve the portal with CSRF guard, worker and mail server, until the test ends."""
    base_url = f"http://127.0.0.1:{free_port()}"
    app = create_app(settings_for_tests(server, base_url=base_url))
    web = WebServer(app, host="127.0.0.1", port=int(base_url.rpartition(":")[2]), threads=4)
    web.start()
    with (
        running_mail_server() as smtp,
        running_worker(_surroundings(server, database, base_url, smtp)),
    ):
        live = Live(base_url, app, smtp, browser, server.url("portal_worker", database))
        yield live
        for context in live.contexts:
            context.close()
    web.stop()
    assert live.complaints == []


class Watch:
    """The clock of the web server, which stands where the test puts it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
        self.moment = moment
        real = clock.now
        for name, module in list(sys.modules.items()):
            if name.startswith("portal.") and getattr(module, "now", None) is real:
                monkeypatch.setattr(module, "now", lambda: self.moment)


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page, if somebody wants to look."""
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        width = page.evaluate("innerWidth")
        page.screenshot(path=f"{PICTURES}/{name}-{width}.png", full_page=True)


def look(page: Page, name: str) -> None:
    """Let axe look at a page that no link leads to, or not in this state; and keep a picture."""
    picture(page, name)
    assert axe_violations(page) == [], f"{name} on {page.evaluate('innerWidth')} px"

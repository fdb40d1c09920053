"""What people do on the pages of referrals and cases. No asserts, no CSS."""

from __future__ import annotations

import re
from datetime import date

from playwright.sync_api import Locator

from tests.browser.journeys.screens import Screen


class Interview(Screen):
    """A tablet in an interview, which counts what its holder does.

    ``taps``: whatever is pressed, ticked or followed; ``fields``: whatever is typed, a date being
    three.
    """

    taps = 0
    fields = 0

    def write(self, label: str, words: str) -> None:
        self.fields += 1
        self.page.get_by_role("textbox", name=label).first.fill(words)

    def date(self, question: str, day: date) -> None:
        self.fields += 3
        super().date(question, day)

    def choose(self, question: str, *answers: str) -> None:
        self.taps += len(answers)
        super().choose(question, *answers)

    def tick(self, words: str) -> None:
        self.taps += 1
        self.page.get_by_label(words).check()

    def go(self, target: Locator) -> None:
        self.taps += 1
        super().go(target)


class Desk(Screen):
    """A PC at which somebody follows families."""

    @property
    def head(self) -> str:
        """What stands beside a page's heading: where something is."""
        return self.page.get_by_role("heading", level=1).locator("xpath=..").inner_text()

    def open_row(self, name: str) -> None:
        """Open the line of a list that names somebody, or something."""
        row = self.page.get_by_role("row").filter(has_text=name)
        self.go(row.get_by_role("link", name="開く").first)

    def card(self, heading: str) -> str:
        """Return what stands in a part of the page."""
        return self.page.get_by_role("region", name=heading).inner_text()

    def unfold(self, words: str) -> None:
        self.page.get_by_text(re.compile(rf"^\s*{re.escape(words)}")).first.click()


class Inbox(Desk):
    """Where a body reads what it was told, and says what comes next."""

    def read(self) -> None:
        self.page.goto("/liaison/")
        self.menu("受信箱")

    def next_step(self, step: str, by: str, on: date) -> None:
        self.choose("次の支援", step)
        self.write("だれが", by)
        self.date("いつまでに", on)
        self.press("記録する")

"""Puts one difficult value into one field, the rest as it should be, and judges the answer."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import html5lib
from werkzeug.test import TestResponse

from portal.kernel.signs import on_one_line
from tests.hostile.crawl import RULES_FORM, Found, every_form, fields_of
from tests.hostile.forms import Field, read
from tests.hostile.inputs import ATTRIBUTE, ELEMENT, RENDERED, REST, TEMPLATES, WORST, texts
from tests.hostile.world import Bench, Browser

#: Never shown again, by design: secrets, and files.
NOT_SHOWN_AGAIN = frozenset({"password", "file", "choice", "hidden"})
#: Addresses and codes are the same in full width: they are taken, and shown again, in half width.
TAKEN_HALF_WIDTH = frozenset({"code", "mail"})
#: Fields of one line in which several spaces become one: names of accounts, and all of these forms.
FOLDED = "name"
FOLDING = ("office_setup.", "liaison_providers.")
#: What is kept of what was typed, right or not.
KEPT_ALL_THE_SAME = {RULES_FORM: "rulebook_drafts"}
#: So many of the long list of texts are tried here; the drill tries the rest.
EVERY_OTHER = 2


#: How often a refusal is followed through all tables; no multiple of the dozen values of a field.
COUNTED_EVERY = 5


class BreakFound(Exception):  # noqa: N818 - what a probe of a weak portal is for
    """The first break, where one is enough."""


@dataclass
class Findings:
    """How often something was tried, and what broke."""

    #: Set where a guard is away: the first break ends the probe.
    one_is_enough: ClassVar[bool] = False

    tries: Counter[str] = field(default_factory=Counter)
    breaks: list[str] = field(default_factory=list)

    def add(self, where: str, complaints: Iterable[str]) -> None:
        """Note one try.

        Raises:
            BreakFound: it broke, and one is enough.
        """
        # All of them first: a generator that is left in the middle holds its transaction open.
        for complaint in list(complaints):
            self.broke(f"{where}: {complaint}")

    def broke(self, what: str) -> None:
        """Note a break.

        Raises:
            BreakFound: one is enough.
        """
        self.breaks.append(what)
        if Findings.one_is_enough:
            raise BreakFound(what)


def complaints_about(bench: Bench, response: TestResponse, value: str) -> Iterator[str]:
    """Yield what is wrong with an answer whatever the field was."""
    if response.status_code >= 500:
        yield f"status {response.status_code}"
    for seen in bench.errors.seen:
        yield f"logged {seen}"
    if response.mimetype == "text/html":
        yield from markup_in(response.get_data(as_text=True), value)
    location = response.headers.get("Location", "/")
    if not location.startswith("/") or location[1:2] in {"/", "\\"}:
        yield f"leads to {location}"


def markup_in(html: str, value: str) -> Iterator[str]:
    """Yield how ``value`` became part of a page's structure."""
    if "<" in value and value.strip() in html and len(value.strip()) > 2:
        yield "shown without being escaped"
    if value in TEMPLATES:
        yield from (f"executed: {sign}" for sign in RENDERED if sign in html)
    if ELEMENT in html:
        for tag in html5lib.parse(html, namespaceHTMLElements=False).iter():
            names = {str(name) for name in tag.attrib} if isinstance(tag.tag, str) else set()
            if tag.tag == ELEMENT or ATTRIBUTE in names or any(n.startswith("on") for n in names):
                yield f"became markup: {tag.tag} {sorted(names)}"
            if str(tag.get("href") or "").strip().lower().startswith("javascript:"):
                yield "became a link"


def shown_again(found: Found, name: str, response: TestResponse) -> list[str]:
    """Return what stands in the field on the page that answers; buttons may repeat the form."""
    html = response.get_data(as_text=True)
    forms, _links = read(html, found.form.page, found.form.persona, proposing=False)
    wanted = {each.name for each in found.form.fields}
    values = []
    for form in forms:
        names = {each.name for each in form.fields}
        if len(names & wanted) >= len(wanted) - 2:
            values += [each.value for each in form.fields if each.name == name]
    return values


def as_it_arrives(value: str) -> str:
    """Return what a program receives of it: bytes that are no text stay as ``%ED%A0%80``."""
    return value.replace("\ud800", "%ED%A0%80")


def same(endpoint: str, name: str, typed: str, shown: str) -> bool:
    """Say whether nothing but what ``docs/hostile-input.md`` names is different."""
    return _readable(endpoint, name, typed) == _readable(endpoint, name, shown)


def _readable(endpoint: str, name: str, text: str) -> str:
    if name in TAKEN_HALF_WIDTH:
        text = unicodedata.normalize("NFKC", text)
    if name == FOLDED or endpoint.startswith(FOLDING):
        text = on_one_line(text)
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def untouched(bench: Bench, found: Found) -> Mapping[str, str]:
    """Return the digest before the form is sent; moods move with the clock."""
    if found.mood != "plain":
        return bench.digest()
    if bench.plain_digest is None:
        bench.plain_digest = bench.digest()
    return bench.plain_digest


def try_value(
    bench: Bench, found: Found, target: Field, value: str, *, counting: bool = True
) -> Iterator[str]:
    """Send the form with one value and yield complaints.

    Args:
        counting: Also look through all tables whether a refusal changed one; the slowest part.
    """
    with bench.attempt():
        browser = found.browser(bench)
        before = untouched(bench, found) if counting else {}
        response = found.send(browser, found.body_with(target.name, value))
        yield from complaints_about(bench, response, value)
        refused = 400 <= response.status_code < 500
        if refused and counting:
            after = bench.digest()
            yield from (
                f"refused, yet {name} changed"
                for name in after
                if after[name] != before[name] and name != KEPT_ALL_THE_SAME.get(found.endpoint)
            )
        if response.status_code in {409, 422} and target.kind not in NOT_SHOWN_AGAIN:
            yield from _kept(found, target, value, response)
        if response.status_code == 303 and "<" in value:
            yield from _looked_at(bench, browser, response, value)


def _kept(found: Found, target: Field, value: str, response: TestResponse) -> Iterator[str]:
    shown = shown_again(found, target.name, response)
    typed = as_it_arrives(value)
    if shown and not any(same(found.endpoint, target.name, typed, each) for each in shown):
        yield f"typed {value[:40]!r}, shown again {shown[0][:40]!r}"


def _looked_at(bench: Bench, browser: Browser, response: TestResponse, value: str) -> Iterator[str]:
    page = browser.get(response.headers["Location"])
    yield from complaints_about(bench, page, value)


def plan(bench: Bench, kinds: frozenset[str]) -> list[tuple[Found, Field, str]]:
    """Return every try at fields of these kinds: the worst for each, the rest shared out."""
    by_name = {
        # The rows of a table differ by their number alone.
        (found.endpoint, re.sub(r"\d+", "#", target.name)): (found, target)
        for found, target in fields_of(every_form(bench), kinds)
    }
    targets = list(by_name.values())
    tries = []
    for shift, (found, target) in enumerate(targets):
        worst = WORST[target.kind]
        # Each field begins elsewhere, so that a part of the tries has every value somewhere.
        start = shift % len(worst)
        tries += [(found, target, value) for value in (*worst[start:], *worst[:start])]
    for kind in sorted(kinds):
        ours = [(found, target) for found, target in targets if target.kind == kind]
        rest = texts()[::EVERY_OTHER] if kind == "text" else REST[kind]
        tries += [(*ours[n % len(ours)], value) for n, value in enumerate(rest) if ours]
    return tries


def feed(bench: Bench, kinds: frozenset[str], part: int = 0, parts: int = 1) -> Findings:
    """Make one part of the tries."""
    findings = Findings()
    for number, (found, target, value) in enumerate(plan(bench, kinds)[part::parts]):
        findings.tries[target.kind] += 1
        counting = number % COUNTED_EVERY == 0
        where = f"{found.name} {target.name}={value[:60]!r}"
        findings.add(where, try_value(bench, found, target, value, counting=counting))
    return findings

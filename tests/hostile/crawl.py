"""Every form that any persona can reach, found by walking the routes, the links, the answers."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote_plus, urlsplit

import pyotp
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule
from werkzeug.test import TestResponse

from portal.kernel import clock
from portal.policies.document import load_template
from portal.rulebooks.files import write_document
from tests.factories.photos import photo
from tests.factories.places import next_open_day
from tests.factories.referral_files import file_of, row
from tests.hostile.forms import TOTP_SECRET, Field, Form, read
from tests.hostile.moods import MOODS, OTHER_REGISTRATION, put_on
from tests.hostile.moods_rules import MORE
from tests.hostile.world import PERSONAS, Bench, Browser
from tests.pages.authorization_given import GIVEN
from tests.pages.authorization_world import LIST, NEUTRAL

#: Stands for the six digits that the app shows at the moment of sending.
CODE_OF_NOW = "the app's code"
#: What is uploaded where it is not a list of facilities.
FILES = {
    "selfservice_application.document": (photo(size=(64, 48)), "paper.jpg"),
    "selfservice_pickup.photo": (photo(size=(64, 48)), "face.jpg"),
    "office_families_people.pickup_photo": (photo(size=(64, 48)), "face.jpg"),
    "liaison_referral_files.index": (file_of(row()), "referrals.csv"),
    "office_rules.file": (write_document(load_template("hourly-standard")).encode(), "rules.json"),
}
#: Pages whose forms differ by a word of their address: route, who looks, the word, all it can be.
SEVERAL = (
    (
        "office_homes.note",
        "director",
        "about",
        ("circumstance", "statement", "mark", "tax", "coupon", "enrolment", "gate"),
    ),
)
#: A guardian does these to the family's other guardian, never to herself.
OF_THE_OTHER_GUARDIAN = frozenset(
    {"selfservice_family_apart.set_rights", "selfservice_family_apart.invitation"}
)
_DAY = next_open_day(2)
ON_ANOTHER_DAY = {
    "day-year": str(_DAY.year),
    "day-month": str(_DAY.month),
    "day-day": str(_DAY.day),
}
_SIGNED = clock.today(clock.now())
RULES_FORM = "office_rules.form"
#: The words are made of what is filled in: the first answer shows them, to be agreed to.
WORDS_SHOWN_FIRST = frozenset(
    {
        "liaison_interviews.consents",
        "liaison_onward.consents",
        "office_referrals_onward.consents",
    }
)
#: What a person knows and a page does not say: endpoint -> field -> value.
KNOWN: dict[str, dict[str, str]] = {
    # Of its buttons the one that binds people; what is typed to be tried is tried.
    RULES_FORM: {"do": "publish"},
    "accounts.sign_in": {"mail": "guardian@example.test"},
    "accounts.second_factor": {"code": CODE_OF_NOW},
    "accounts_own.password": {"new_password": "まどと森とひかりの朝"},
    "office_families.new": {"mail": "", "address": "みほん市中央1-2-3"},
    "accounts.enrol": {"code": CODE_OF_NOW},
    "selfservice_bookings.change": ON_ANOTHER_DAY,
    "office_bookings.change": ON_ANOTHER_DAY,
    "office_bookings.new": ON_ANOTHER_DAY,
    # Over at any hour of the day at which the tests run.
    "office_board.times": {"arrived": "0:00", "departed": ""},
    "selfservice_children.record": {"has_allergies": "yes", "allergies": "たまご"},
    "selfservice_children.section": {"has_allergies": "yes", "allergies": "たまご"},
    "office_families_people.section": {"has_allergies": "yes", "allergies": "たまご"},
    "office_application_papers.show": {
        "source_on-year": str(_SIGNED.year),
        "source_on-month": str(_SIGNED.month),
        "source_on-day": str(_SIGNED.day),
        "paper_reference": "R8-12",
        "refused": "",
    },
    "liaison_interviews.new": {"mail": "hana@example.jp"},
    "liaison_interviews.family": {"mail": "hana@example.jp"},
    "liaison_interviews.children": {"kind": "born", "day-year": str(_SIGNED.year - 1)},
    # What stands on a paper: days that are over, and no address of a mail.
    "liaison_referral_papers.new": {
        "mail": "",
        **{
            f"{name}-{part}": str(getattr(_SIGNED, part))
            for name in ("held_on", "ticked_on")
            for part in ("year", "month", "day")
        },
    },
    "office_families_twice.close": {"same_as": OTHER_REGISTRATION},
    "office_pools.index": {"youngest_class": "3", "oldest_class": "5", "label": "3歳以上"},
}


@dataclass(frozen=True)
class Found:
    """A form, whose route it leads to, and what it takes to stand before it again."""

    form: Form
    endpoint: str
    mood: str
    cookies: Mapping[str, str]

    @property
    def name(self) -> str:
        return f"{self.form.method} {self.endpoint} ({self.form.persona}, {self.mood})"

    def body_with(self, name: str, value: str) -> list[tuple[str, str]]:
        """Return the body with one field's value put in place of its own."""
        body = self.form.with_value(name, value)
        if self.endpoint == RULES_FORM and name.startswith("try_"):
            return [(key, "try" if key == "do" else old) for key, old in body]
        return body

    def browser(self, bench: Bench) -> Browser:
        """Return the browser that was shown the form. Inside an attempt."""
        put_on(bench, self.mood)
        browser = bench.browser(self.form.persona)
        browser.cookies = dict(self.cookies)
        return browser

    def send(
        self, browser: Browser, body: list[tuple[str, str]], **options: object
    ) -> TestResponse:
        """Send the form with this body, down to bytes that are no text."""
        pairs = [
            (name, pyotp.TOTP(TOTP_SECRET).at(clock.now()) if value == CODE_OF_NOW else value)
            for name, value in body
        ]
        if self.form.method == "GET":
            path = urlsplit(self.form.action).path
            return browser.get(f"{path}?{encoded(pairs)}", **options)
        if not self.form.multipart:
            return browser.open(
                self.form.action,
                method="POST",
                data=encoded(pairs).encode(),
                content_type="application/x-www-form-urlencoded",
                **options,
            )
        parts: MultiDict[str, object] = MultiDict()
        for name, value in pairs:
            parts.add(name, value.encode("utf-8", "replace").decode())
        for field in self.form.fields:
            if field.kind == "file":
                data, name = FILES.get(self.endpoint, (LIST.read_bytes(), LIST.name))
                parts.setdefault(field.name, (io.BytesIO(data), name))
        return browser.post(self.form.action, parts, **options)


def encoded(pairs: list[tuple[str, str]]) -> str:
    """Return a form's body; half characters go out as the bytes that they would be."""
    return "&".join(
        f"{quote_plus(name)}={quote_plus(value.encode('utf-8', 'surrogatepass'))}"
        for name, value in pairs
    )


def rules(bench: Bench, method: str) -> list[Rule]:
    """Return the routes that take ``method``."""
    found = [
        rule
        for rule in bench.app.url_map.iter_rules()
        if rule.endpoint != "static" and method in (rule.methods or ())
    ]
    return sorted(found, key=lambda rule: (rule.endpoint, rule.rule))


def address(bench: Bench, rule: Rule, **given: object) -> str:
    """Return the path of a route with one's own things in it."""
    values: dict[str, object] = dict(rule.defaults or {})
    # A route may have arguments that only another address of it holds.
    for name in rule.arguments & rule._converters.keys() - set(rule.defaults or {}):
        if name == "token":
            values[name] = bench.world.secrets.get(rule.endpoint, "not-a-token")
        else:
            values[name] = NEUTRAL.get(name) or bench.world.own.get(name) or _any(rule, name)
    names = GIVEN.get(rule.endpoint, {})
    values |= {name: str(bench.world.own[whose]) for name, whose in names.items()}
    if rule.endpoint in OF_THE_OTHER_GUARDIAN:
        values["guardian_id"] = bench.second_guardian
    return bench.app.url_map.bind("localhost").build(rule.endpoint, {**values, **given})


def _any(rule: Rule, name: str) -> object:
    """Return the first of the words that may stand in this part of an address."""
    offered = getattr(rule._converters[name], "items", None)
    return min(offered) if offered else 1


def endpoint_of(bench: Bench, url: str, method: str) -> str | None:
    """Return which route an address leads to."""
    try:
        found = bench.app.url_map.bind("localhost").match(urlsplit(url).path, method=method)
    except RequestRedirect as redirect:
        return endpoint_of(bench, redirect.new_url, method)
    except HTTPException:
        return None
    return str(found[0])


class Walk:
    """One walk over the whole portal."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self._found: dict[tuple[object, ...], Found] = {}
        self._taken: set[tuple[object, ...]] = set()
        #: Routes that answer with papers and lists: a second look finds no form either.
        self._papers: set[str] = set()

    def everywhere(self) -> list[Found]:
        """Return every form once."""
        # Where one page both adds and corrects, somebody is corrected: what was kept can be seen.
        ours = sorted(rules(self.bench, "GET"), key=lambda rule: len(rule._converters))
        by_endpoint = {rule.endpoint: address(self.bench, rule) for rule in ours}
        for persona in PERSONAS:
            self._walk(persona, list(by_endpoint.values()))
        for mood, what in MOODS.items():
            for persona, page in what.pages:
                endpoint, mark, asked = page.partition("?")
                asked = asked.format(day=_DAY, **self.bench.world.own)
                self._look(persona, f"{by_endpoint[endpoint]}{mark}{asked}", mood)
        for endpoint, persona, name, values in SEVERAL:
            [rule] = (each for each in ours if each.endpoint == endpoint)
            for value in values:
                self._look(persona, address(self.bench, rule, **{name: value}), MORE)
        return list(self._found.values())

    def _walk(self, persona: str, start: list[str]) -> None:
        done: set[str] = set()
        waiting = list(start)
        while waiting:
            url = waiting.pop(0)
            endpoint = endpoint_of(self.bench, url, "GET")
            if endpoint in {None, "static"} | done | self._papers:
                continue
            links = self._look(persona, url, "plain")
            if links is not None:
                done.add(str(endpoint))
                waiting += [link for link in links if link not in waiting]

    def _look(self, persona: str, url: str, mood: str) -> list[str] | None:
        with self.bench.attempt():
            put_on(self.bench, mood)
            browser = self.bench.browser(persona)
            response = browser.get(url)
            if response.status_code >= 500 or self.bench.errors.seen:
                self.bench.broken_pages.append(f"{persona} {mood} {url}: {self.bench.errors.seen}")
            if response.status_code != 200:
                return None
            if response.mimetype != "text/html":
                self._papers.add(str(endpoint_of(self.bench, url, "GET")))
                return None
            return self._take(response, url, browser, mood)

    def _take(self, response: TestResponse, url: str, browser: Browser, mood: str) -> list[str]:
        # Fields that are empty for good reasons: each of the rules that are there is filled in.
        is_whole = endpoint_of(self.bench, url, "GET") == RULES_FORM
        body = response.get_data(as_text=True)
        forms, links = read(body, url, browser.persona, proposing=not is_whole)
        for form in forms:
            endpoint = endpoint_of(self.bench, form.action, form.method)
            key = _key(form, endpoint)
            if endpoint is None or key in self._taken:
                continue
            found = Found(_filled(form, endpoint), endpoint, mood, dict(browser.cookies))
            self._found[key] = found
            # A form that is refused as it stands is looked for again in other moods.
            self._taken.add(key)
            if form.method == "POST" and not self._follow(found):
                self._taken.discard(key)
        return links

    def _follow(self, found: Found) -> bool:
        """Send the form as it stands; take the forms of a page that asks to confirm."""
        nested = self.bench.connection.begin_nested()
        browser = self.bench.browser(found.form.persona)
        browser.cookies = dict(found.cookies)
        answer = found.send(browser, found.form.body())
        if answer.status_code == 422 and found.endpoint in WORDS_SHOWN_FIRST:
            answer = self._agree(found, answer, browser)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            self._take(answer, found.form.action, browser, found.mood)
        nested.rollback()
        return answer.status_code in {200, 303}

    def _agree(self, found: Found, answer: TestResponse, browser: Browser) -> TestResponse:
        """Send the form of the answer, which shows what is agreed to; it is the one that counts."""
        page = found.form.page
        forms, _links = read(answer.get_data(as_text=True), page, browser.persona)
        shown = next(
            f for f in forms if _key(f, found.endpoint) == _key(found.form, found.endpoint)
        )
        again = replace(found, form=_filled(shown, found.endpoint), cookies=dict(browser.cookies))
        self._found[_key(shown, found.endpoint)] = again
        return again.send(browser, again.form.body())


def _key(form: Form, endpoint: str | None) -> tuple[object, ...]:
    return endpoint, form.method, frozenset(field.name for field in form.fields)


def _filled(form: Form, endpoint: str) -> Form:
    known = KNOWN.get(endpoint, {})

    return replace(
        form,
        fields=tuple(
            replace(field, value=known.get(field.name, field.value)) for field in form.fields
        ),
    )


def every_form(bench: Bench) -> list[Found]:
    """Return every form of the portal; the walk is made once for a run."""
    if bench.forms is None:
        bench.forms, bench.broken_pages = bench.shared.once("forms", lambda: _walked(bench))
    return bench.forms


def _walked(bench: Bench) -> tuple[list[Found], list[str]]:
    return Walk(bench).everywhere(), bench.broken_pages


def fields_of(found: list[Found], kinds: frozenset[str]) -> Iterator[tuple[Found, Field]]:
    """Yield each field of these kinds."""
    for each in found:
        for number, field in enumerate(each.form.fields):
            if any(field.name == before.name for before in each.form.fields[:number]):
                continue  # a second box of one name
            if field.kind in kinds and field.name not in {"csrf_token", "once", "page_of"}:
                yield each, field

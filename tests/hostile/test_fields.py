"""Difficult values in every field of every form: P8."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.hostile.crawl import RULES_FORM, Found, every_form, rules
from tests.hostile.feeder import complaints_about, feed, plan
from tests.hostile.forms import Field
from tests.hostile.inputs import SEED, WORST
from tests.hostile.world import Bench, tell

#: Forms that cannot be accepted as they stand in any state of this small world, and why.
REFUSED_AS_THEY_STAND = {
    "selfservice_family_apart.claim": "needs the code of a paper",
    "selfservice_own_data.erasure": "a booking still stands",
    "office_families_apart.set_rights": "one guardian must keep every right",
    # No mood shows these as they are accepted yet; their own tests of pages do.
    "family_sheet.ask": "the address of this world is in no list",
    "office_families_expected.born": "asks for a name and a day of birth",
    "office_families_expected.undo_birth": "a born child without a birth that was told here",
    "selfservice_expected.born": "asks for a name and a day of birth",
    "selfservice_expected.undo_birth": "a born child without a birth that was told here",
    "office_families_people.section": "some sections ask for more than they show",
    "selfservice_children.section": "some sections ask for more than they show",
    "selfservice_visits.move": "asks which other session is meant",
}
#: How many tries each kind of field gets at least.
LEAST = {"text": 200, "date": 150, "mail": 100, "phone": 100, "search": 100, "password": 60}
#: And how many different values, over all fields of the kind.
DIFFERENT = {"text": 200, "date": 30, "mail": 40, "phone": 100, "search": 100, "password": 12}
#: Into how many parts the tries at a kind fall, and how many of these are made in each run: of most
#: kinds every second or third value, the others in the drills.
PARTS = {"text": 6, "date": 3, "choice": 5, "hidden": 2, "mail": 1}
HERE = {"text": 3, "date": 2, "choice": 1, "hidden": 1, "mail": 1}
GROUPS = {"mail": ("mail", "phone", "search", "password")}
_CASES = [(kind, part) for kind, parts in HERE.items() for part in range(parts)]


@pytest.mark.proves("P8")
def test_every_form_is_accepted_as_it_stands(bench: Bench) -> None:
    refused: dict[str, int] = {}
    accepted = set()
    broken = []
    for found in every_form(bench):
        with bench.attempt():
            response = found.send(found.browser(bench), found.form.body())
            broken += [f"{found.name}: {c}" for c in complaints_about(bench, response, "")]
        if response.status_code in {200, 303}:
            accepted.add(found.endpoint)
        else:
            refused[found.endpoint] = response.status_code
    assert [*bench.broken_pages, *broken] == []
    assert len(accepted) > 60
    missing = {name: refused[name] for name in set(refused) - accepted}
    assert {k: v for k, v in missing.items() if k not in REFUSED_AS_THEY_STAND} == {}


@pytest.mark.proves("P8")
def test_rules_are_fed_by_the_button_that_puts_them_in_force(bench: Bench) -> None:
    [found] = (each for each in every_form(bench) if each.endpoint == RULES_FORM)
    assert ("do", "publish") in found.body_with("title", "x")
    assert ("do", "try") in found.body_with("try_born-year", "x")
    with bench.attempt():
        assert found.send(found.browser(bench), found.form.body()).status_code == 303


@pytest.mark.proves("P8")
def test_every_route_that_takes_a_form_is_reached(bench: Bench) -> None:
    reached = {found.endpoint for found in every_form(bench)}
    # The API takes no forms; its own test makes what it is sent of its description.
    known = {rule.endpoint for rule in rules(bench, "POST") if not rule.endpoint.startswith("api.")}
    assert sorted(known - reached) == [], "a mood in tests/hostile/moods.py shows the form"


@pytest.mark.proves("P8")
@pytest.mark.parametrize(("kind", "part"), _CASES, ids=[f"{kind}-{part}" for kind, part in _CASES])
def test_no_value_breaks_a_field(bench: Bench, kind: str, part: int) -> None:
    kinds = frozenset(GROUPS.get(kind, (kind,)))
    findings = feed(bench, kinds, part, PARTS[kind])
    tell(f"seed {SEED}: {dict(findings.tries)}")
    assert findings.tries.total() > 100
    assert not findings.breaks, "\n".join(findings.breaks[:60])


def _planned_here(bench: Bench, kind: str) -> list[tuple[Found, Field, str]]:
    tries = plan(bench, frozenset({kind}))
    parts, here = PARTS.get(kind, 1), HERE.get(kind, 1)
    return [found for number, found in enumerate(tries) if number % parts < here]


@pytest.mark.proves("P8")
def test_each_kind_of_field_is_tried_often_enough(bench: Bench) -> None:
    plans = {kind: _planned_here(bench, kind) for kind in LEAST}
    tried = {kind: len(tries) for kind, tries in plans.items()}
    assert {kind: n for kind, n in tried.items() if n < LEAST[kind]} == {}
    # A hundred of one value in a hundred fields would be no hundred tries.
    different = {kind: {value for *_, value in tries} for kind, tries in plans.items()}
    few = {kind: len(values) for kind, values in different.items() if len(values) < DIFFERENT[kind]}
    assert few == {}
    assert len(plan(bench, frozenset({"hidden", "choice"}))) >= 200
    assert sum(tried.values()) > 2_000
    per_field = Counter(
        (found.endpoint, target.name)
        for kind in WORST
        for found, target, _value in plan(bench, frozenset({kind}))
    )
    assert {field: n for field, n in per_field.items() if n < 12} == {}

"""What the pages of rules refuse: files, drafts, months, other bodies; a replay's trace."""

from __future__ import annotations

import io
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from portal.db.session import acting_as
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.policies.document import load_template
from portal.rulebooks.files import LONGEST_FILE, write_document
from portal.rulebooks.queries import draft_of, versions_of
from tests.factories import people
from tests.factories.places import Site
from tests.pages.rules_sent import put_in_force_by
from tests.pages.test_rules_pages import typed
from tests.pages.visit import Page, Visitor
from tests.services.test_guards_rulebooks import Log, log, new_programme, published

__all__ = ["log"]

TODAY = clock.today(clock.now())


def begins(days: int = 0) -> dict[str, int]:
    day = TODAY + timedelta(days=days)
    return {f"in_force_from-{part}": getattr(day, part) for part in ("year", "month", "day")}


@pytest.fixture
def visitor(app: Flask, director: Actor) -> Visitor:
    return Visitor(app, director)


@pytest.fixture
def rules(hinata: Site) -> str:
    return f"/office/programmes/{hinata.programme_id}/rules"


def numbers(director: Actor, site: Site) -> list[int]:
    with acting_as(director) as session:
        return [one.version for one in versions_of(session, site.programme_id)]


def has_draft(director: Actor, site: Site) -> bool:
    with acting_as(director) as session:
        return draft_of(session, site.programme_id) is not None


# --- files ---


def sent(visitor: Visitor, rules: str, data: bytes, name: str = "r.toml") -> Page:
    return visitor.submit(f"{rules}/file", {"file": (io.BytesIO(data), name)})


TOML = b'title = "x"\n'


@pytest.mark.proves("P8")
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (TOML + b"#" * (LONGEST_FILE - len(TOML)) + b"\nage = 1", "ファイルが大きすぎます"),
        ('title = "みほん"'.encode("cp932"), "UTF-8の形で保存しなおしてください"),
        (b'{"title": "a\\ud800b"}', "画面に出ない特別な文字"),
        (b'{"caps":' + b"[" * 90_000 + b"]" * 90_000 + b"}", "きまりのファイルとして読めません"),
        (b"<script>alert(1)</script>", "1行目"),
    ],
)
def test_a_file_that_cannot_be_taken_is_told_and_leaves_the_draft_alone(
    visitor: Visitor, director: Actor, hinata: Site, rules: str, data: bytes, said: str
) -> None:
    page = sent(visitor, rules, data)
    assert page.status == 409
    assert said in page.text
    assert not has_draft(director, hinata)


@pytest.mark.proves("P8")
def test_a_file_of_the_greatest_size_is_read_and_none_at_all_is_asked_for(
    visitor: Visitor, director: Actor, hinata: Site, rules: str
) -> None:
    assert visitor.submit(f"{rules}/file", {}).status == 422
    none = visitor.submit(f"{rules}/file", {"file": (io.BytesIO(b""), "")})
    assert (none.status, "ファイルをえらんでください" in none.text) == (422, True)
    empty = sent(visitor, rules, b"")
    assert (empty.status in {409, 422}, has_draft(director, hinata)) == (True, False)
    for wrong in ({}, {"template": "made-up"}, {"template": "../x"}):
        assert visitor.submit(f"{rules}/template", wrong).status == 422
    assert not has_draft(director, hinata)
    document = write_document(load_template("half-day")).encode()
    full = document + b" " * (LONGEST_FILE - len(document))
    assert sent(visitor, rules, full, "any name at all").location == f"{rules}/form"
    assert has_draft(director, hinata)


# --- publishing ---


@pytest.mark.proves("P8", "R6")
@pytest.mark.parametrize(
    "wrong",
    [
        {f"in_force_from-{part}": "" for part in ("year", "month", "day")},
        {"band_0_yen": "99999999999999999999"},
        {"rest": "[fee.tariff]\nkind = 'hourly'\nbands = [{ yen = 1 }]"},
        {"rest": "#" * LONGEST_FILE + "あ"},
        {"rest": '{"caps":' + "[" * 90_000 + "]" * 90_000 + "}"},
        {
            "rest": "[[purposes.types]]\ncode = 'juror'\n[[caps]]\nmetric = 'days'\namount = 1\n"
            "period = 'month'\npurposes = ['jury']"
        },
        {"units_kind": "any"},
    ],
    ids=lambda wrong: next(iter(wrong)) + "=" + str(next(iter(wrong.values())))[:24],
)
def test_nothing_wrong_is_put_in_force_and_all_of_it_is_kept(
    visitor: Visitor, director: Actor, hinata: Site, rules: str, wrong: dict[str, Any]
) -> None:
    page = visitor.submit(f"{rules}/form", {**typed(), **begins(), **wrong, "do": "publish"})
    assert page.status == 422
    assert numbers(director, hinata) == [1]
    assert has_draft(director, hinata)


@pytest.mark.proves("R6", "P10")
def test_what_is_put_in_force_is_no_draft_any_more_and_each_step_leaves_its_trace(
    visitor: Visitor, director: Actor, hinata: Site, rules: str, log: Log
) -> None:
    assert put_in_force_by(visitor, rules, {**typed(), **begins()}).status == 303
    assert (numbers(director, hinata), has_draft(director, hinata)) == ([2, 1], False)
    for action in ("draft_saved", "published", "draft_dropped"):
        assert len(log(f"rulebook.{action}", director)) == 1, action


def test_first_rules_begin_today_whatever_day_is_sent(
    visitor: Visitor, director: Actor, hinata: Site
) -> None:
    programme = new_programme(hinata)
    form = f"/office/programmes/{programme}/rules/form"
    assert visitor.submit(form, {**typed(), **begins(9), "do": "publish"}).status == 303
    with acting_as(director) as session:
        assert [one.in_force_from for one in versions_of(session, programme)] == [TODAY]


# --- whose ---


@pytest.mark.proves("P7", "R6")
def test_versions_of_another_programme_or_body_are_not_there(
    app: Flask, visitor: Visitor, director: Actor, hinata: Site, midori: Site, rules: str
) -> None:
    stranger = Visitor(app, people.make_worker("よそ 園長", midori.organisation_id, "director"))
    for part in ("", "/form", "/file.json", "/try", "/preview", "/replay"):
        assert stranger.get(f"{rules}{part}").status == 404, part
    own = f"/office/programmes/{midori.programme_id}/rules"
    other = published(director, new_programme(hinata), TODAY)
    for version in (other, midori.rulebook_id, uuid.uuid4()):
        again = visitor.submit(f"{rules}/versions/{version}/again", {}, form_page=f"{rules}/form")
        assert again.status == 404
    assert not has_draft(director, hinata)
    for act in (f"versions/{hinata.rulebook_id}/again", f"versions/{hinata.rulebook_id}/withdraw"):
        assert stranger.submit(f"{rules}/{act}", {}, form_page=f"{own}/form").status == 404
    assert stranger.submit(f"{rules}/draft/drop", {}, form_page=f"{own}/form").status == 404
    wish = {**typed(), **begins(), "do": "publish"}
    assert stranger.submit(f"{rules}/form", wish, form_page=f"{own}/form").status == 404
    assert numbers(director, hinata) == [1]


# --- replay and try ---


@pytest.mark.proves("P8")
def test_a_replay_is_of_months_that_it_shows(visitor: Visitor, rules: str) -> None:
    for asked, status in (
        ("from=-5&page=-1&what=%00", 200),
        (f"from={2**63 - 1}&page={'9' * 40}", 200),
        (f"from={2**63}", 400),
        ("month=2026-13", 404),
        (f"month={TODAY - timedelta(days=250):%Y-%m}", 404),
        (f"month={TODAY + timedelta(days=62):%Y-%m}", 404),
    ):
        assert visitor.get(f"{rules}/replay?{asked}").status == status, asked


@pytest.mark.proves("P10")
def test_deciding_bookings_again_leaves_its_trace(
    visitor: Visitor, director: Actor, hinata: Site, rules: str, log: Log
) -> None:
    assert visitor.get(f"{rules}/replay").status == 200
    assert log("rulebook.replayed", director) == [([hinata.programme_id], {"decided": 0})]

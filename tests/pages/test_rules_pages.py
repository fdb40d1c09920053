from __future__ import annotations

import io
import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.policies.capacity import CapacityRule, PartCap
from portal.policies.document import RulesDocument, load_template
from portal.rulebooks.contradictions import contradictions, seen_mark
from portal.rulebooks.files import read_document
from portal.rulebooks.places import load_place, place_names
from portal.rulebooks.queries import draft_of, rules_in_force, versions_of
from portal.rulebooks.service import publish
from tests.factories import people, places
from tests.factories.places import Site
from tests.pages.rules_sent import put_in_force_by
from tests.pages.visit import Visitor

TODAY = clock.today(clock.now())


def typed(**changes: object) -> dict[str, object]:
    """Return the hourly template as a browser sends its form."""
    return {
        "age_min": "6",
        "age_min_unit": "months",
        "age_max_unit": "school_entry",
        "opens_kind": "months",
        "opens_number": "1",
        "opens_at": "９：００",
        "closes_days": "0",
        "units_kind": "free",
        "grid_minutes": "30",
        "tariff": "hourly",
        "band_0_below": "3",
        "band_0_yen": "400",
        "band_1_yen": "300",
        "cancel_kind": "rule",
        "free_days": "1",
        "free_at": "17:00",
        "late_kind": "percent",
        "late_percent": "50",
        **changes,
    }


def test_rules_are_tried_before_anybody_is_bound_by_them(
    app: Flask, director: Actor, hinata: Site
) -> None:
    form = f"/office/programmes/{hinata.programme_id}/rules/form"
    day = places.next_open_day()
    wish = {
        **{f"try_born-{part}": n for part, n in (("year", 2024), ("month", 6), ("day", 15))},
        **{f"try_day-{part}": getattr(day, part) for part in ("year", "month", "day")},
        **{f"try_asked-{part}": getattr(TODAY, part) for part in ("year", "month", "day")},
        "try_from": "9:00",
        "try_to": "12:00",
        "try_asked_at": "9:00",
        "do": "try",
    }
    page = Visitor(app, director).submit(form, {**typed(), **wish, "try_registered": "y"})
    assert "予約できます。料金 1,200円" in page.text
    agreed = typed(registration="y", registration_agreement="y")
    page = Visitor(app, director).submit(form, {**agreed, **wish, "try_registered": "y"})
    assert "予約できます。料金 1,200円" in page.text, "registered means that both sides read it"
    page = Visitor(app, director).submit(
        form, {**typed(registration="y", min_minutes="240", age_min="60"), **wish}
    )
    assert "理由は3つです" in page.text
    with acting_as(director) as session:
        assert len(versions_of(session, hinata.programme_id)) == 1


BLOCK = {
    "units_kind": "blocks",
    "block_0_label": "早朝",
    "block_0_starts": "5:00",
    "block_0_ends": "7:00",
}


def test_blocks_that_no_day_is_open_for_are_told_wherever_rules_go_public(
    app: Flask, director: Actor, hinata: Site
) -> None:
    visitor = Visitor(app, director)
    rules = f"/office/programmes/{hinata.programme_id}/rules"
    setup = f"/office/set-up/{hinata.facility_id}"
    assert "開く時間に入りません" not in visitor.get(f"{setup}/publish").text
    page = visitor.submit(f"{rules}/form", {**typed(**BLOCK), "do": "refresh"})
    assert "「早朝」（5:00〜7:00）は、どの曜日も開く時間に入りません" in page.text
    for path in (rules, setup, f"{setup}/preview", f"{setup}/publish"):
        assert "「早朝」" in visitor.get(path).text, path


def test_a_number_of_children_that_the_places_do_not_keep_is_told(
    app: Flask, director: Actor, hinata: Site
) -> None:
    visitor = Visitor(app, director)
    rules = f"/office/programmes/{hinata.programme_id}/rules"
    assert "予約枠が違います" not in visitor.get(rules).text
    promised = load_template("hourly-standard").model_copy(
        update={"capacity": CapacityRule(total=77, parts=(PartCap(classes=(1,), most=1),))}
    )
    with acting_as(director), transaction() as session:
        publish(session, hinata.programme_id, promised, TODAY, actor=director, now=clock.now())
    page = visitor.get(rules).text
    assert "きまりの人数は 77人、予約枠は" in page
    assert "「1歳児クラス 1人まで」を守る予約枠がありません" in page


def test_rules_saved_twice_on_a_day_are_told_apart(
    app: Flask, director: Actor, hinata: Site
) -> None:
    visitor = Visitor(app, director)
    rules = f"/office/programmes/{hinata.programme_id}/rules"
    begins = {f"in_force_from-{part}": getattr(TODAY, part) for part in ("year", "month", "day")}
    for yen in ("500", "600"):
        saved = put_in_force_by(visitor, rules, {**typed(band_0_yen=yen), **begins})
        assert saved.status == 303, saved.text
    page = visitor.get(rules).text
    assert "いま入っている予約は、前のきまりのままです" in page
    assert page.count("に直すまで") >= 1


def test_wrong_rules_are_kept_as_typed_and_named_at_their_field(
    app: Flask, director: Actor, hinata: Site
) -> None:
    form = f"/office/programmes/{hinata.programme_id}/rules/form"
    visitor = Visitor(app, director)
    page = visitor.submit(form, {**typed(band_1_yen="ただ", opens_at="25時"), "do": "publish"})
    assert page.status == 422
    assert "料金 2：円：数字で書いてください" in page.text
    assert page.field("band_1_yen") == "ただ"
    kept = visitor.get(form)
    assert (kept.field("band_1_yen"), kept.field("opens_at")) == ("ただ", "25時")
    with acting_as(director) as session:
        draft = draft_of(session, hinata.programme_id)
        assert draft is not None
        assert draft.document is None


def test_a_day_that_is_over_is_told_at_its_field(app: Flask, director: Actor, hinata: Site) -> None:
    form = f"/office/programmes/{hinata.programme_id}/rules/form"
    past = TODAY - timedelta(days=1)
    begins = {f"in_force_from-{part}": getattr(past, part) for part in ("year", "month", "day")}
    page = Visitor(app, director).submit(form, {**typed(), **begins, "do": "publish"})
    assert page.status == 422
    assert '<a href="#in_force_from' in page.html
    assert "始める日は、今日か、これからの日にしてください" in page.text


def test_rules_to_come_can_be_withdrawn_and_those_in_force_cannot(
    app: Flask, director: Actor, hinata: Site
) -> None:
    visitor, url = Visitor(app, director), f"/office/programmes/{hinata.programme_id}/rules"
    begins = TODAY + timedelta(days=20)
    start = {f"in_force_from-{part}": getattr(begins, part) for part in ("year", "month", "day")}
    assert put_in_force_by(visitor, url, {**typed(), **start}).status == 303
    with acting_as(director) as session:
        coming = versions_of(session, hinata.programme_id)[0]
    shown = visitor.get(url).text
    assert "これからのきまり" in shown
    assert "前のきまりと変わるところ" in shown
    withdraw = f"{url}/versions/{{}}/withdraw"
    gone = visitor.submit(withdraw.format(coming.id), {}, form_page=url)
    assert gone.status == 303
    assert (
        "からのきまりを取りやめました。その日からも、いまのきまりが続きます"
        in visitor.get(url).text
    )
    assert "これからのきまり" not in visitor.get(url).text
    with acting_as(director) as session:
        in_force, _ = rules_in_force(session, hinata.programme_id, begins)
        assert in_force == hinata.rulebook_id
    page = visitor.submit(withdraw.format(hinata.rulebook_id), {}, form_page=f"{url}/form")
    assert (page.status, "もう始まっています" in page.text) == (409, True)
    with acting_as(director), transaction() as session:
        taken = text("UPDATE rulebooks SET withdrawn_at = now() WHERE id = :id")
        assert session.execute(taken, {"id": hinata.rulebook_id}).rowcount == 0  # type: ignore[attr-defined]


def test_a_rules_file_goes_out_and_in_and_every_mistake_has_its_line(
    app: Flask, director: Actor, hinata: Site
) -> None:
    visitor, url = Visitor(app, director), f"/office/programmes/{hinata.programme_id}/rules"
    written = visitor.get(f"{url}/file.json").html
    assert json.loads(written)["title"] == load_template("hourly-standard").title
    wrong = written.replace('"yen": 400', '"yen": "ただ"').replace('"late_fee"', '"late_fe"')
    line = next(n for n, row in enumerate(wrong.splitlines(), 1) if "ただ" in row)
    page = visitor.submit(f"{url}/file", {"file": (io.BytesIO(wrong.encode()), "r.json")})
    assert page.status == 409
    assert f"{line}行目" in page.text
    assert "fee.tariff.bands[1].yen" in page.text
    assert "cancel.late_fe" in page.text
    right = written.replace('"yen": 400', '"yen": 444')
    taken = visitor.submit(f"{url}/file", {"file": (io.BytesIO(right.encode()), "r.json")})
    assert taken.location == f"{url}/form"
    assert visitor.get(taken.location).field("band_0_yen") == "444"
    chosen = visitor.submit(f"{url}/template", {"template": "half-day"})
    assert visitor.get(chosen.location).field("band_0_half") == "1250"


@pytest.mark.proves("J1")
def test_the_preview_shows_what_is_being_written_and_to_nobody_else(
    app: Flask, director: Actor, hinata: Site, midori: Site, sato: Actor
) -> None:
    visitor = Visitor(app, director)
    form = f"/office/programmes/{hinata.programme_id}/rules/form"
    assert visitor.submit(form, {**typed(band_0_yen="987"), "do": "draft"}).status == 303
    here = f"/office/set-up/{hinata.facility_id}/preview"
    month = visitor.get(f"{here}/month")
    assert "公開前の見本" in month.text
    assert "1時間 987円" in month.text
    assert "1時間 987円" not in Visitor(app).get(f"/facilities/{hinata.facility_id}").text
    assert f'href="/facilities/{hinata.facility_id}' not in month.html
    assert f"{here}/days/" in month.html
    assert month.response.headers["X-Frame-Options"] == "SAMEORIGIN"
    day = visitor.get(f"{here}/days/{places.next_open_day()}?start=9:00&end=11:00")
    assert "1人 600円〜1,974円" in day.text or "987" in day.text or "1,974円" in day.text
    assert "<iframe" in visitor.get(here).html
    stranger = people.make_worker("よそ 園長", midori.organisation_id, "director")
    for path in (here, f"{here}/month", f"{here}/days/{places.next_open_day()}"):
        assert Visitor(app, stranger).get(path).status == 404
        assert Visitor(app, sato).get(path).status == 403
        assert Visitor(app).get(path).status == 303


def test_words_that_say_other_figures_than_the_rules_are_shown_before_publishing(
    app: Flask, director: Actor, hinata: Site
) -> None:
    form = f"/office/programmes/{hinata.programme_id}/rules/form"
    begins = {f"in_force_from-{part}": getattr(TODAY, part) for part in ("year", "month", "day")}
    said = "1か月前の9:00から予約できます"
    wish = {**typed(opens_number="2", text_booking=said), **begins, "do": "publish"}
    visitor = Visitor(app, director)
    page = visitor.submit(form, wish)
    assert page.status == 422
    assert "2か月前の同じ日（ない月は、最後の日）の 9:00 から" in page.text
    assert "きまりにない数字：1か月前" in page.text
    # A tick from another page, under other words, is none.
    assert visitor.submit(form, {**wish, "words_kept": "y"}).status == 422
    with acting_as(director) as session:
        assert len(versions_of(session, hinata.programme_id)) == 1
        (draft,) = [draft_of(session, hinata.programme_id)]
    assert draft is not None
    assert draft.document is not None
    mark = seen_mark(contradictions(RulesDocument.model_validate(draft.document)))
    assert visitor.submit(form, {**wish, "words_kept": mark}).location.endswith("/publish")


def test_rules_of_a_real_place_are_a_template(app: Flask, director: Actor, hinata: Site) -> None:
    visitor = Visitor(app, director)
    rules = f"/office/programmes/{hinata.programme_id}/rules"
    offered = visitor.get(f"{rules}/template").text
    assert all(load_place(name).title in offered for name in place_names())
    assert visitor.submit(f"{rules}/template", {"template": "M04"}).status == 303
    page = visitor.get(f"{rules}/form")
    assert "[capacity]" in page.html
    assert page.field("cap_0_units") == "午前、午後"
    assert page.field("price_1_yen") == "1500"
    written = visitor.get(f"{rules}/file.toml")
    assert read_document(written.html.encode()) == load_place("M04")
    assert visitor.get(f"{rules}/file.json").status == 200


def test_an_earlier_version_goes_back_into_what_is_being_written(
    app: Flask, director: Actor, hinata: Site, yamada: Actor
) -> None:
    rules = f"/office/programmes/{hinata.programme_id}/rules"
    newer = load_template("half-day")
    with acting_as(director), transaction() as session:
        publish(session, hinata.programme_id, newer, TODAY, actor=director, now=clock.now())
    again = f"{rules}/versions/{hinata.rulebook_id}/again"
    assert Visitor(app, yamada).post(again, {}).status in {403, 404}
    assert Visitor(app, director).submit(again, {}, form_page=rules).status == 303
    with acting_as(director) as session:
        draft = draft_of(session, hinata.programme_id)
        assert draft is not None
        back = RulesDocument.model_validate(draft.document)
        assert back == load_template("hourly-standard")


def test_what_people_must_do_is_said_before_publishing(
    app: Flask, director: Actor, hinata: Site
) -> None:
    rest = {"rest": "[allocation]\nmethod = 'lottery'", "do": "refresh"}
    form = f"/office/programmes/{hinata.programme_id}/rules/form"
    page = Visitor(app, director).submit(form, {**typed(), **rest})
    assert "職員がすることがあります" in page.text


def test_the_usual_limits_have_fields(app: Flask, director: Actor, hinata: Site) -> None:
    caps = {
        "cap_0_metric": "half_days",
        "cap_0_amount": "１４",
        "cap_0_half": "240",
        "cap_1_metric": "days",
        "cap_1_amount": "3",
        "cap_1_period": "week",
        "cap_1_scope": "municipality",
    }
    form = f"/office/programmes/{hinata.programme_id}/rules/form"
    page = Visitor(app, director).submit(form, {**typed(), **caps, "do": "refresh"})
    assert "14日分まで" in page.text
    with acting_as(director) as session:
        draft = draft_of(session, hinata.programme_id)
    assert draft is not None
    assert draft.document is not None
    amounts = [(cap["metric"], cap["amount"], cap["period"]) for cap in draft.document["caps"]]
    assert amounts == [("half_days", 14, "month"), ("days", 3, "week")]
    unsaid = {**typed(), "cap_0_metric": "days", "do": "refresh"}
    wrong = Visitor(app, director).submit(form, unsaid)
    assert "上限1：いくつまで" in wrong.text
    assert "直すところがあります" in wrong.text


def test_rules_that_nobody_could_ever_use_are_not_published_unread(
    app: Flask, director: Actor, hinata: Site
) -> None:
    rules = f"/office/programmes/{hinata.programme_id}/rules"
    begins = {f"in_force_from-{part}": getattr(TODAY, part) for part in ("year", "month", "day")}
    none = {
        **typed(opens_kind="days", opens_number="1", closes_days="5"),
        **begins,
        "do": "publish",
    }
    visitor = Visitor(app, director)
    page = visitor.submit(f"{rules}/form", none)
    assert page.status == 422
    assert "だれも使えないところがあります" in page.text
    with acting_as(director) as session:
        assert len(versions_of(session, hinata.programme_id)) == 1
    assert put_in_force_by(visitor, rules, {**none, "never_kept": "y"}).status == 303


def test_what_mostly_is_not_meant_is_told_and_can_be_published(
    app: Flask, director: Actor, hinata: Site
) -> None:
    form = f"/office/programmes/{hinata.programme_id}/rules/form"
    visitor = Visitor(app, director)
    rest = '[no_show]\nconsequences = [{ at_points = 2, then = "refuse"%s }]\n'
    page = visitor.submit(form, {**typed(), "rest": rest % "", "do": "refresh"})
    assert "もう一度見ていただきたいところがあります" in page.text
    assert "連絡のないお休み：いつまで断るかがないので、その年度の終わりまで断ります" in page.text
    page = visitor.submit(form, {**typed(), "rest": rest % ", days = 14", "do": "refresh"})
    assert "もう一度見ていただきたいところがあります" not in page.text

"""Rules tried before anybody is bound by them: families, a month ahead, a month decided again."""

from __future__ import annotations

import re
from datetime import time, timedelta
from html import unescape

import pytest
from flask import Flask

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.office import rules_replay
from portal.policies.document import RulesDocument
from portal.rulebooks import drafts
from portal.rulebooks.places import load_place, place_names
from tests.factories import people
from tests.factories.places import Site, accept, next_open_day
from tests.factories.rules import rules_with
from tests.pages.visit import Page, Visitor
from tests.services.test_take_places import mine, stay_for, take

TODAY = clock.today(clock.now())
DAY = next_open_day(1)


def written(site: Site, director: Actor, document: RulesDocument) -> None:
    with acting_as(director), transaction() as session:
        drafts.save_draft(session, site.programme_id, {}, document, actor=director, now=clock.now())


def rules_of(site: Site) -> str:
    return f"/office/programmes/{site.programme_id}/rules"


def sample(page: Page, title: str) -> str:
    """The address behind a proposed family."""
    for href, body in re.findall(
        r'<a class="list__link" href="([^"]+)">(.*?)</a>', page.html, re.DOTALL
    ):
        if title in body:
            return unescape(href).split("#")[0]
    raise AssertionError(f"no family {title!r}")


@pytest.mark.parametrize("place", place_names())
def test_families_are_proposed_and_answered_for_rules_of_every_kind(
    app: Flask, director: Actor, hinata: Site, place: str
) -> None:
    written(hinata, director, load_place(place))
    visitor = Visitor(app, director)
    page = visitor.get(f"{rules_of(hinata)}/try")
    assert page.status == 200
    assert "保存した書きかけで、ためしています" in page.text
    links = re.findall(r'<a class="list__link" href="([^"]+)"', page.html)
    assert len(links) >= 4
    for link in links:
        answer = visitor.get(unescape(link).split("#")[0])
        assert answer.status == 200
        assert "予約のしめきり" in answer.text
    if place == "M09":  # its terms are those of one year, long over
        return
    usual = visitor.get(sample(page, "いつも使っている子"))
    assert "予約できません" not in re.split("いまのきまりとのちがい|見本の家庭", usual.text)[0]
    assert visitor.get(f"{rules_of(hinata)}/preview").status == 200


def test_todays_rules_are_tried_where_nothing_is_written_and_mistakes_are_told(
    app: Flask, director: Actor, hinata: Site
) -> None:
    visitor = Visitor(app, director)
    for part in ("try", "preview", "replay"):
        assert "書きかけはありません" in visitor.get(f"{rules_of(hinata)}/{part}").text
    with acting_as(director), transaction() as session:
        drafts.save_draft(
            session, hinata.programme_id, {"age_min": "x"}, None, actor=director, now=clock.now()
        )
    for part in ("try", "preview", "replay"):
        page = visitor.get(f"{rules_of(hinata)}/{part}")
        assert "書きかけのきまりに、直すところがあります" in page.text


CAPPED = {
    "metric": "half_days",
    "amount": 7,
    "period": "month",
    "label": "月の利用日数",
    "half_day_minutes": 240,
}


def test_days_used_before_reach_a_limit_and_the_answer_names_its_rule(
    app: Flask, director: Actor, hinata: Site
) -> None:
    written(hinata, director, rules_with(caps=[CAPPED]))
    visitor = Visitor(app, director)
    page = visitor.get(f"{rules_of(hinata)}/try")
    usual = sample(page, "いつも使っている子")
    fits = visitor.get(f"{usual}&used_month=6.5")
    assert "予約できます" in fits.text
    assert "上限「月の利用日数」7日" in fits.text
    assert "これまで 6.5日" in fits.text
    full = visitor.get(f"{usual}&used_month=7")
    assert "予約できません。理由は1つです" in full.text
    assert "（きまり：使える日数と時間）" in full.text
    assert "G6" not in full.text
    assert "きまりを読む：使える日数と時間" in full.text
    assert "いまのきまりとのちがい" in full.text
    assert sample(page, "「月の利用日数」まで使った子")
    elsewhere = visitor.get(f"{usual}&used_month=7&used_elsewhere=y")
    assert "予約できます" in elsewhere.text, "the limit is of this nursery alone"


def test_a_wish_that_cannot_be_read_is_told_at_its_field(
    app: Flask, director: Actor, hinata: Site
) -> None:
    visitor = Visitor(app, director)
    usual = sample(visitor.get(f"{rules_of(hinata)}/try"), "いつも使っている子")
    wrong = visitor.get(f"{usual}&used_month=99&used_week=%E3%81%82")
    assert wrong.status == 422
    assert "0から30までで入れてください" in wrong.text
    assert "結果" not in wrong.text.split("見本の家庭")[0].split("ためし方")[-1]
    backwards = visitor.get(re.sub(r"end=[^&]*", "end=0:30", usual))
    assert backwards.status == 422
    assert "終わりの時刻を、始まりより後にしてください" in backwards.text
    unborn = visitor.get(re.sub(r"born-year=\d+", "born-year=2049", usual))
    assert "予約できません" in re.split("見本の家庭", unborn.text)[0]
    far = visitor.get(re.sub(r"day-year=\d+", "day-year=2050", usual))
    assert far.status == 422


def test_a_month_ahead_says_from_when_each_day_can_be_booked_and_what_changes(
    app: Flask, director: Actor, hinata: Site
) -> None:
    visitor = Visitor(app, director)
    preview = f"{rules_of(hinata)}/preview"
    assert "いまのきまりと変わる日" not in visitor.get(preview).text
    window = {
        "opens": {"kind": "monthly", "day": 15, "at": "09:00"},
        "closes": {"days": 1, "at": "17:00", "counting": "open"},
    }
    cancel = {"free_until": {"days": 1, "at": "12:00"}}
    hours = {"weekly": [{"weekdays": ["tue", "wed"], "starts": "09:00", "ends": "15:00"}]}
    written(hinata, director, rules_with(booking_window=window, cancel=cancel, hours=hours))
    page = visitor.get(preview)
    month = (TODAY.replace(day=1) + timedelta(days=31)).replace(day=1)
    assert re.search(r"いまのきまりと変わる日が、\d+日あります", page.text)
    day = month + timedelta(days=(1 - month.weekday()) % 7 + 7)
    row = page.html.split(f'id="d{day.day}"')[1].split("</tr>")[0]
    assert "9:00〜15:00" in row
    assert f"{TODAY.month}月15日" in row, "the 15th of the month before, as the draft says"
    assert re.search(r"<ins>[^<]*12:00</ins>", row)
    closed = page.html.split(f'id="d{(day + timedelta(days=2)).day}"')[1].split("</tr>")[0]
    assert "<ins>お休み" in closed
    assert visitor.get(f"{preview}?month=1999-01").status == 404
    assert visitor.get(f"{preview}?month={TODAY:%Y-%m}").status == 200


def test_no_day_is_read_out_as_free_and_a_round_that_is_over_before_it_begins_is_not_shown(
    app: Flask, director: Actor, hinata: Site
) -> None:
    # From the 8th on both rounds are real; of the first days the first is over before it begins.
    first = {
        "name": "一次受付",
        "opens": {"kind": "monthly", "day": 1, "months_before": 0, "at": "09:00"},
        "closes": {"days": 7, "at": "17:00"},
    }
    second = {"name": "二次受付", "opens": {"kind": "rolling", "days": 5, "at": "09:00"}}
    written(hinata, director, rules_with(booking_window={"phases": [first, second]}))
    page = Visitor(app, director).get(f"{rules_of(hinata)}/preview")
    calendar = page.html.split("<tbody>")[1].split("</tbody>")[0]
    assert "空きあり" not in calendar, "a preview knows no vacancies"
    assert "受付前" in calendar
    rows = {
        day: body.split("</tr>")[0]
        for day, body in re.findall(r'<tr id="d(\d+)">(.*?)</tr>', page.html, re.DOTALL)
    }
    early = [body for day, body in rows.items() if int(day) <= 7 and "お休み" not in body]
    later = [body for day, body in rows.items() if int(day) > 8 and "お休み" not in body]
    assert early
    for body in early:
        assert "一次受付" not in body
        assert "二次受付" in body
    assert all("一次受付" in body and "二次受付" in body for body in later)


def test_a_day_without_any_round_says_so(app: Flask, director: Actor, hinata: Site) -> None:
    opens = {"kind": "rolling", "days": 2, "at": "09:00"}
    window = {"opens": opens, "closes": {"days": 3, "at": "17:00"}}
    written(hinata, director, rules_with(booking_window=window))
    page = Visitor(app, director).get(f"{rules_of(hinata)}/preview")
    for term in ("予約の始まり", "予約のしめきり"):
        told = f'data-label="{term}">(<del>[^<]*</del><br><ins>)?受け付ける期間がありません'
        assert re.search(told, page.html), term
    assert "受付なし" in page.text


@pytest.fixture
def families(hinata: Site) -> list[str]:
    """Two families with three hours booked next week; their names."""
    names = ["秋山 ふみ", "冬木 さち"]
    for name in names:
        mother = people.make_guardian(name, children=(f"{name}の子",))
        accept(hinata, mother, mine(mother)[1])
        take(mother, stay_for(hinata, *mine(mother), DAY, start=time(9), end=time(12)))
    return names


#: An age that no child is below any more.
PAST = {"unit": "days", "value": 1}


def replay(site: Site, **more: object) -> str:
    asked = "".join(f"&{name}={value}" for name, value in more.items())
    return f"{rules_of(site)}/replay?month={DAY:%Y-%m}{asked}"


def test_bookings_are_decided_again_and_only_what_would_change_is_shown(
    app: Flask, director: Actor, hinata: Site, families: list[str]
) -> None:
    visitor = Visitor(app, director)
    written(hinata, director, rules_with())
    same = visitor.get(replay(hinata))
    assert "予約 2件でためしても、結果は変わりません" in same.text
    assert families[0] not in same.text
    units = {"grid_minutes": 30, "min_minutes": 240}
    fee = rules_with().model_dump(mode="json")["fee"]
    for band in fee["tariff"]["bands"]:
        band["yen"] += 100
    cancel = {"free_until": {"days": 2, "at": "17:00"}}
    written(hinata, director, rules_with(units=units, fee=fee, cancel=cancel))
    page = visitor.get(replay(hinata))
    assert "予約 2件でためすと、2件の結果が変わります" in page.text
    assert "予約できなくなる：2件" in page.text
    for name in families:
        assert f"{name}の子さん" in page.text
    assert re.search(r"<del>[0-9,]+円</del> → <ins>[0-9,]+円</ins>", page.html)
    assert "無料の取り消し" in page.text
    narrowed = visitor.get(replay(hinata, what="freed"))
    assert "予約できなくなる：2件" in narrowed.text
    assert families[0] not in narrowed.text
    assert visitor.get(replay(hinata, what="nothing")).status == 200
    link = re.search(r'href="(/office/bookings/[^"]+)"', page.html)
    assert link
    assert visitor.get(link[1]).status == 200


def test_what_changes_is_counted_by_the_rule_that_changes_it(
    app: Flask, director: Actor, hinata: Site, families: list[str]
) -> None:
    cap = {"metric": "hours", "amount": 2, "period": "month", "label": "月の上限"}
    units = {"grid_minutes": 30, "max_minutes": 120}
    written(hinata, director, rules_with(units=units, caps=[cap], age={"max": PAST}))
    page = Visitor(app, director).get(replay(hinata))
    assert "予約できなくなる：2件" in page.text
    assert "使える日数と時間「月の上限」：2件" in page.text
    assert "預かりの時間：2件" in page.text
    assert "使える年齢：2件" in page.text
    link = re.search(r'href="([^"]+)">預かりの時間：2件', page.html)
    assert link
    narrowed = Visitor(app, director).get(unescape(link[1]))
    assert "<strong>預かりの時間：2件</strong>" in narrowed.html
    assert families[0] in narrowed.text
    other = Visitor(app, director).get(replay(hinata, what="refused", why="G0"))
    assert families[0] not in other.text


@pytest.mark.proves("G7", "G13")
def test_bookings_that_came_too_early_are_counted_apart_with_the_day_on_which_they_could(
    app: Flask, director: Actor, hinata: Site, families: list[str]
) -> None:
    opens = {"opens": {"kind": "rolling", "days": 0, "at": "00:00"}}
    written(hinata, director, rules_with(booking_window=opens))
    page = Visitor(app, director).get(replay(hinata, what="early"))
    assert f"申し込みが早すぎる（受付が始まれば、予約できる）：{len(families)}件" in page.text
    assert "予約できなくなる：" not in page.text
    assert "予約できる期間：" not in page.text, "there is but one rule that it can be"
    assert families[0] in page.text
    assert re.search(rf"{DAY.month}月{DAY.day}日（.）0:00", page.text)


def test_a_large_month_is_decided_in_parts(
    app: Flask,
    director: Actor,
    hinata: Site,
    families: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules_replay, "AT_ONCE", 1)
    written(hinata, director, rules_with(units={"grid_minutes": 30, "min_minutes": 240}))
    visitor = Visitor(app, director)
    page = visitor.get(replay(hinata))
    assert "2件のうち、1件目から1件目までをためしました" in page.text
    further = re.search(r'class="btn" href="([^"]+)"', page.html)
    assert further
    rest = visitor.get(unescape(further[1]))
    assert "2件のうち、2件目から2件目までをためしました" in rest.text
    shown = [name for name in families if name in page.text]
    assert len(shown) == 1
    assert [name for name in families if name in rest.text] == [
        n for n in families if n not in shown
    ]


def test_what_would_take_the_place_of_a_draft_says_so_first(
    app: Flask, director: Actor, hinata: Site
) -> None:
    visitor = Visitor(app, director)
    taken = "いまの書きかけと入れかわります"
    for part in ("template", "file"):
        assert taken not in visitor.get(f"{rules_of(hinata)}/{part}").text
    written(hinata, director, rules_with())
    for part in ("template", "file"):
        assert taken in visitor.get(f"{rules_of(hinata)}/{part}").text
    assert "捨てた書きかけは、もどせません" in visitor.get(rules_of(hinata)).text
    assert "神戸市 認可保育施設の一時保育" in visitor.get(f"{rules_of(hinata)}/template").text


def test_the_samples_show_what_they_are_named_after(
    app: Flask, director: Actor, hinata: Site
) -> None:
    gates = [{"code": "no_fever", "asked_at": "arrival"}, {"code": "weaned"}]
    trial = {"kind": "trial_care", "trial": {"parts": [{"longest_minutes": 120}], "fee": "free"}}
    steps = {"steps": [{"kind": "interview", "before": "acceptance"}, trial]}
    cap = {"metric": "days", "amount": 9, "per_cause": True, "extension": 7, "extensions": 1}
    written(hinata, director, rules_with(gates=gates, steps=steps, caps=[cap]))
    visitor = Visitor(app, director)
    page = visitor.get(f"{rules_of(hinata)}/try")
    # Its interview is held, so that the time and the fee of trial care are to be seen.
    first = visitor.get(sample(page, "ならし預かりの1回目")).text
    assert "予約できません" not in re.split("いまのきまりとのちがい|見本の家庭", first)[0]
    # Not the question of the morning, which forbids nothing.
    weaned = visitor.get(sample(page, "「離乳が終わっている」に、預かれない答えの子")).text
    assert "予約できません" in weaned
    assert "延長の承認" in page.text
    assert ">extension<" not in page.html

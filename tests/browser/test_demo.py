"""The demo as its first visitor meets it: doors, samples, a second start."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.demo import Browser, Demo

LIST = Path(__file__).parents[2] / "portal/facilities/data/koriyama_nurseryData.cp932.csv"


def test_the_first_line_names_every_door_and_sample(demo: Demo) -> None:
    assert set(demo.facts) == {"base_url", "personas", "samples"}
    assert set(demo.facts["personas"]) == {
        *("director", "staff", "other_staff", "new_director", "liaison", "operator"),
        *("center_worker", "office_worker", "guardian", "new_guardian", "expecting"),
        *("apart", "apart_father", "kept_away", "limiting"),
        *("half_way", "siblings", "trial", "twins", "renews"),
        *("referred", "other_liaison"),
    }
    assert set(demo.facts["samples"]) == {
        *("public_calendar", "full_calendar", "day_board", "month_report", "month_report_pdf"),
        *("month_report_csv", "facility_feed", "phone_family", "mail"),
        "paper_family",
    }
    for persona in demo.facts["personas"].values():
        assert persona["name"]


def test_every_door_opens_as_often_as_wanted(demo: Demo) -> None:
    for persona in demo.facts["personas"].values():
        for browser in (Browser(), Browser()):
            for _ in range(2):
                status, _kind, page = browser.open(persona["sign_in"])
                assert status == 200
                assert 'name="password"' not in page.decode()
                assert "架空のデータ" in page.decode()


@pytest.mark.parametrize(
    ("name", "kind", "holds"),
    [
        ("public_calendar", "text/html", "空き状況"),
        ("full_calendar", "text/html", "空きなし"),
        ("day_board", "text/html", "ボード"),
        ("phone_family", "text/html", "山本 一郎"),
        ("paper_family", "text/html", "星野 トメ"),
        ("month_report", "text/html", "利用の報告"),
        ("month_report_pdf", "application/pdf", "%PDF-"),
        ("month_report_csv", "text/csv", "実人数"),
        ("facility_feed", "text/calendar", "BEGIN:VEVENT"),
        ("mail", "text/html", "架空のデータ"),
    ],
)
def test_every_sample_answers(demo: Demo, name: str, kind: str, holds: str) -> None:
    browser = Browser()
    browser.open(demo.sign_in("director"))
    status, content_type, body = browser.open(demo.facts["samples"][name])
    assert status == 200
    assert content_type.startswith(kind)
    assert holds in body.decode(errors="replace")


def test_the_doors_open_from_this_machine_alone(demo: Demo) -> None:
    door = demo.sign_in("director")
    assert Browser().open(door, Host="portal.example")[0] == 404
    assert Browser().open(door, **{"X-Forwarded-For": "203.0.113.9"})[0] == 404
    wrong = door.rsplit("/", 2)[0] + "/guessed-secret/director"
    assert Browser().open(wrong)[0] == 404


def test_ctrl_c_ended_everything_and_the_second_start_kept_the_data(demo: Demo) -> None:
    assert demo.first_exit == 0
    assert demo.left_behind == ""
    path = demo.facts["samples"]["public_calendar"].removeprefix(demo.base)
    assert demo.first_facts["samples"]["public_calendar"].endswith(path)
    feed = demo.facts["samples"]["facility_feed"].removeprefix(demo.base)
    assert demo.first_facts["samples"]["facility_feed"].endswith(feed)


def test_no_real_phone_number_and_no_hidden_facility_is_shown(demo: Demo) -> None:
    rows = list(csv.DictReader(io.StringIO(LIST.read_bytes().decode("cp932"))))
    browser = Browser()
    browser.open(demo.sign_in("director"))
    pages = "".join(
        browser.open(url)[2].decode()
        for url in (demo.facts["samples"]["public_calendar"], f"{demo.base}/facilities")
    )
    assert not [row["TEL"] for row in rows if row["TEL"] and row["TEL"] in pages]
    assert not [row["Name"] for row in rows if "非公開" in row["Type"] and row["Name"] in pages]

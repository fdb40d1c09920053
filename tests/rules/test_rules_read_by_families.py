from __future__ import annotations

import pytest

from portal.documents.wording.sentences import sentence
from portal.kernel.errors import Reason
from portal.policies.reasons import BookingRefusal
from portal.rulebooks.explain import explained
from portal.rulebooks.files import read_document


def told(written: str) -> dict[str, str]:
    return {fact.term: fact.text for fact in explained(read_document(written.encode()))}


def test_the_papers_and_consents_of_an_application_are_said() -> None:
    lines = told(
        "[application]\nphotographs = true\ndocuments = [\n"
        '{ name = "医療証" },\n'
        '{ name = "住民票", each_child = false, hint = "写しで足ります。" } ]\n'
    )
    assert lines["登録のときに見せる書類"] == (
        "「医療証」（お子さん1人ごと）、「住民票」（家庭で1つ。写しで足ります）を見せてください。"
        "あとからでも、紙でも出せます。"
    )
    assert lines["同意をたずねること"] == (
        "救急のとき、お子さんのことを救急隊や医師に伝えてよいかをたずねます。"
        "預かりのあいだに、写真をとってよいかをたずねます。"
    )


def test_an_application_that_asks_for_nothing_says_nothing() -> None:
    lines = told("[application]\nemergency_care = false\n")
    assert not {"同意をたずねること", "登録のときに見せる書類"} & set(lines)


def test_a_mark_that_a_document_made_is_a_named_code_with_a_hint() -> None:
    lines = told(
        '[fee]\ntariff = { kind = "day", bands = [{ yen = 500 }] }\n'
        'reductions = [{ marks = ["support_needed"], percent = 100, label = "手助け" }]\n'
    )
    assert lines["料金：手助け"].startswith(
        "「support_needed」に当てはまると園が認めた方は、利用料が無料です。"
    )


@pytest.mark.parametrize("code", ["respite", "irregular_work", "emergency"])
def test_a_type_of_use_has_one_name_in_all_lines(code: str) -> None:
    lines = told(
        f'[purposes]\ntypes = [{{ code = "{code}" }}]\n[steps]\nfirst_use_purposes = ["{code}"]\n'
    )
    name = next(term for term in lines if term != "利用の理由" and "はじめて" not in term)
    assert lines["はじめての利用"].startswith(f"「{name}」から始めます。")


def test_the_first_day_of_a_week_says_what_its_deadline_is_for() -> None:
    lines = told(
        "[cancel]\nfree_until_minutes_before = 1440\n"
        'free_until = { days = 1, at = "17:00", first_of_week = { days = 2, at = "12:00" } }\n'
        'late_fee = { kind = "percent", percent = 50 }\n'
    )
    assert lines["取り消し"].endswith(
        "はじめの開所日の利用は、利用の2日前 12:00まで無料"
        "（予約の始まりの24時間前のほうが早いときは、そのときまで）。"
    )


def test_two_ends_of_booking_are_the_earlier_of_both() -> None:
    lines = told('[booking_window]\nnotice_minutes = 120\ncloses = { days = 3, at = "12:00" }\n')
    said = "利用の3日前 12:00と予約の始まりの2時間前の早いほうまで"
    assert lines["予約できる期間"] == said


def test_weekdays_of_regular_use_are_whole_words() -> None:
    lines = told(
        '[regular]\nuse = "both"\nweekdays = ["wed"]\nleast_weekdays = 1\nmost_weekdays = 1\n'
    )
    assert "申し込めるのは、水曜日です。週に1日です。" in lines["定期利用"]


def test_the_refusal_of_another_weekday_names_whole_weekdays() -> None:
    reason = Reason(BookingRefusal.REGULAR_WEEKDAY_NOT_OFFERED, {"weekdays": ("mon", "wed")})
    assert "定期利用は、月・水曜日にできます" in sentence(reason)

from __future__ import annotations

from datetime import date, time

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import Form, StringField
from wtforms.validators import InputRequired, Optional

from portal.web.fields import DateParts, TimeCell
from portal.web.forms import PortalForm
from tests.pages.style_guide import posted


class StayForm(Form):
    born_on = DateParts("生まれた日", [InputRequired("生まれた日を入れてください")])
    until = DateParts("おわりの日", [Optional()])
    starts = TimeCell("はじまり", [Optional()], first=17, last=34)


def typed_date(year: str, month: str, day: str) -> StayForm:
    form = posted(StayForm, **{"born_on-year": year, "born_on-month": month, "born_on-day": day})
    assert isinstance(form, StayForm)
    return form


@pytest.mark.parametrize(
    "typed",
    [
        ("2025", "3", "10"),
        ("２０２５", "０３", " 10 "),
        ("令和7", "3", "10"),
        ("Ｒ７", "3", "10"),
        ("r7年", "3", "10"),
        ("平成37", "3", "10"),
    ],
)
def test_a_date_may_be_typed_on_a_japanese_keyboard(typed: tuple[str, str, str]) -> None:
    form = typed_date(*typed)
    assert not form.errors
    assert form.born_on.data == date(2025, 3, 10)


@pytest.mark.parametrize(
    ("typed", "sentence", "wrong"),
    [
        (("", "", ""), "生まれた日を入れてください", "year"),
        (("2025", "", ""), "生まれた日の月・日も入れてください", "month"),
        (
            ("令和0", "3", "10"),
            "生まれた日は西暦の数字で入れてください（例：2025年3月10日）",
            "year",
        ),
        (
            ("2025", "3", "1-0"),
            "生まれた日は西暦の数字で入れてください（例：2025年3月10日）",
            "day",
        ),
        (("25", "3", "10"), "生まれた日は西暦の数字で入れてください（例：2025年3月10日）", "year"),
        (
            ("2025", "2", "30"),
            "2025年2月30日という日はありません。生まれた日をたしかめてください",
            "day",
        ),
        (
            ("2025", "13", "1"),
            "2025年13月1日という日はありません。生まれた日をたしかめてください",
            "month",
        ),
        (
            ("2025", "²", "1"),
            "生まれた日は西暦の数字で入れてください（例：2025年3月10日）",
            "month",
        ),
    ],
)
def test_a_wrong_date_is_kept_and_told_which_part_to_correct(
    typed: tuple[str, str, str], sentence: str, wrong: str
) -> None:
    form = typed_date(*typed)
    assert form.born_on.errors == [sentence]
    assert form.born_on.data is None
    assert form.born_on.first_id == f"born_on-{wrong}"
    assert tuple(form.born_on.typed.values()) == typed


def test_a_date_that_may_be_missing_may_be_missing() -> None:
    form = typed_date("2025", "3", "10")
    assert form.until.data is None
    assert not form.until.errors


def test_a_stored_date_is_shown_in_its_three_parts() -> None:
    form = StayForm(data={"born_on": date(2025, 3, 10)})
    assert form.born_on.typed == {"year": "2025", "month": "3", "day": "10"}


def test_a_stored_date_can_be_emptied() -> None:
    form = posted(StayForm, **{"until-year": "", "until-month": "", "until-day": ""})
    assert form.until.typed == {"year": "", "month": "", "day": ""}
    assert form.until.data is None


def test_half_hours_are_offered_and_read_as_cells() -> None:
    form = posted(StayForm, starts="９：３０", **{"born_on-year": "1"})
    assert form.starts.data == 19
    assert not form.starts.errors
    labels = [choice.label for choice in form.starts.iter_choices()]
    assert labels[:3] == ["えらんでください", "8:30", "9:00"]
    assert labels[-1] == "17:00"
    assert [c.label for c in form.starts.iter_choices() if c.selected] == ["9:30"]
    assert StayForm(data={"starts": time(9)}).starts.data == 18


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("9:15", "時刻は 9:00 や 9:30 のように、30分きざみで入れてください"),
        ("25:00", "時刻は 9:00 や 9:30 のように、30分きざみで入れてください"),
        ("20:00", "はじまりを一覧からえらんでください"),
    ],
)
def test_another_time_is_refused_in_a_sentence(typed: str, sentence: str) -> None:
    assert posted(StayForm, starts=typed).errors["starts"] == [sentence]


@pytest.mark.parametrize("blank", ["   ", "\u3000"])
def test_spaces_alone_do_not_fill_in_what_is_needed(blank: str) -> None:
    class PickupForm(PortalForm):
        relation = StringField("関係", [InputRequired("関係を入れてください")])
        note = StringField("メモ", [Optional()])

    with Flask(__name__).test_request_context(method="POST"):
        typed = MultiDict({"relation": blank, "note": blank})
        form = PickupForm(typed, meta={"csrf": False})
        assert not form.validate()
        assert form.errors == {"relation": ["関係を入れてください"]}
        assert form.relation.data == blank

"""Readings above kanji: texts stay plain strings, and what people typed never becomes one."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from markupsafe import escape

from portal.documents import dates, i18n
from portal.documents.readings import (
    WithReadings,
    count,
    odd_readings,
    parsed,
    unread,
    where_shown,
    without,
)
from portal.documents.templating import environment

RUBY = "<ruby>{}<rp>（</rp><rt>{}</rt><rp>）</rp></ruby>"
EMPTY = RUBY.format("空", "あ")


def test_the_notation_gives_a_reading_to_kanji_or_to_what_is_marked() -> None:
    text = parsed("空《あ》いている｜1日《ついたち》と%(n)s日《》｜｜予約《よやく》")
    assert text == "空いている1日と%(n)s日｜予約"
    assert text.markup == (
        f"{EMPTY}いている{RUBY.format('1日', 'ついたち')}と%(n)s日｜{RUBY.format('予約', 'よやく')}"
    )
    assert text.spelled() == "空（あ）いている1日（ついたち）と%(n)s日｜予約（よやく）"
    assert count("空《あ》き、日《》") == 1


def test_kanji_without_reading_and_odd_notation_are_found() -> None:
    assert unread("空《あ》きを見る｜1日《ついたち》、何日《》") == ["見"]
    assert list(odd_readings("空《空》き 《あ》")) == ["空", "《", "》"]


def test_readings_last_through_all_that_puts_texts_together() -> None:
    text = parsed("%(n)s人《にん》") % {"n": 3}
    joined = "計 " + text + " <"
    assert isinstance(joined, WithReadings)
    assert joined == "計 3人 <"
    assert joined.markup == f"計 3{RUBY.format('人', 'にん')} &lt;"
    assert parsed("{0}を見《み》る").format(joined).markup.count("<ruby>") == 2
    first, second = parsed("空《あ》き。日《ひ》").split("。")
    assert (str(first), str(escape(second))) == ("空き", f"<span>{RUBY.format('日', 'ひ')}</span>")


def test_a_text_is_a_plain_string_wherever_no_page_shows_it() -> None:
    text = parsed("空《あ》き")
    assert json.dumps(text, ensure_ascii=False) == '"空き"'
    assert f"{text}" == str(text) == "空き"
    assert type(str(text)) is str
    assert {"空き": 1}[text] == 1


@given(st.text())
def test_what_is_filled_in_is_shown_as_typed(typed: str) -> None:
    said = parsed("%(name)sを見《み》る") % {"name": typed}
    assert str(said) == f"{typed}を見る"
    assert said.markup == f"{escape(typed)}を{RUBY.format('見', 'み')}る"
    page = f'<a title="{escape(typed)}">{escape(typed)}</a><textarea>{escape(typed)}</textarea>'
    assert where_shown(EMPTY + page) == EMPTY + page


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("<title>{}</title>", "<title>空</title>"),
        (
            "<p aria-label='{}' title=\"a > {}\">{}</p>",
            "<p aria-label='空' title=\"a > 空\">{}</p>",
        ),
        ("<option value=1>{}</option>", "<option value=1>空</option>"),
        ("<textarea>{}</textarea>", "<textarea>空</textarea>"),
        ("<script>{}</script><style>{}</style>", "<script>空</script><style>空</style>"),
        ("<!-- {} --><svg><text>{}</text></svg>", "<!-- 空 --><svg><text>空</text></svg>"),
        ("<h1><span>{}</span></h1>", "<h1><span>{}</span></h1>"),
    ],
)
def test_readings_stand_only_where_a_browser_shows_them(page: str, shown: str) -> None:
    assert where_shown(page.replace("{}", EMPTY)) == shown.replace("{}", EMPTY)
    assert "<ruby>" not in without(page.replace("{}", EMPTY))


def test_pages_show_readings_mails_spell_them() -> None:
    with i18n.use_language("ja_easy"):
        page = Environment(autoescape=True)
        page.filters["translated"] = i18n.gettext
        assert "<rt>よやく</rt>" in page.from_string("{{ '予約の一覧'|translated }}").render()
        mails = environment()
        mails.autoescape = False
        mail = mails.from_string("{{ _('予約ずみです。') }} {{ day|jday }}")
        assert mail.render(day=date(2026, 11, 1)) == "予約（よやく）ができました。 11月1日"


@pytest.mark.parametrize(
    ("day", "reading"),
    [(1, "ついたち"), (4, "よっか"), (14, "じゅうよっか"), (20, "はつか"), (21, "にち")],
)
def test_days_of_the_month_are_read_as_they_are_said(day: int, reading: str) -> None:
    with i18n.use_language("ja_easy"):
        said = dates.jdate(date(2026, 11, day), date(2026, 1, 1))
    assert isinstance(said, WithReadings)
    assert f"<rt>{reading}</rt>" in said.markup
    assert str(said).startswith(f"11月{day}日（")


@pytest.mark.parametrize(
    ("number", "reading"), [(1, "ひとり"), (2, "ふたり"), (3, "にん"), (10, "にん")]
)
def test_people_are_counted_as_they_are_said(number: int, reading: str) -> None:
    with i18n.use_language("ja_easy"):
        said = i18n.gettext("残り%(count)s人") % {"count": number}
    assert isinstance(said, WithReadings)
    assert f"<rt>{reading}</rt>" in said.markup
    assert str(said) == f"あと{number}人"

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import html5lib
import pytest
from markupsafe import Markup
from wtforms import Form, StringField

from portal.documents.templating import Problem, environment, first_control, problems
from tests.pages.style_guide import SampleForm, posted, render_guide


def parse(html: str) -> ET.Element:
    tree: ET.Element = html5lib.parse(html, namespaceHTMLElements=False)
    return tree


def all_text(element: ET.Element | None) -> str:
    assert element is not None
    return "".join("".join(element.itertext()).split())


def by_id(tree: ET.Element, identity: str) -> ET.Element:
    found = tree.find(f".//*[@id='{identity}']")
    assert found is not None, identity
    return found


def controls(tree: ET.Element) -> Iterator[ET.Element]:
    for element in tree.iter():
        if element.tag in {"input", "select", "textarea"} and element.get("type") != "hidden":
            yield element


@pytest.fixture(params=[False, True], ids=["as first shown", "after mistakes"])
def guide(request: pytest.FixtureRequest) -> ET.Element:
    return parse(render_guide(wrong=request.param))


def test_every_control_has_a_label_that_can_be_seen(guide: ET.Element) -> None:
    named = {label.get("for") for label in guide.iter("label")}
    wrapped = {id(inner) for label in guide.iter("label") for inner in controls(label)}
    unlabelled = [
        control.get("id")
        for control in controls(guide)
        if control.get("id") not in named and id(control) not in wrapped
    ]
    assert not unlabelled


def test_every_reference_leads_to_one_element(guide: ET.Element) -> None:
    ids = Counter(element.get("id") for element in guide.iter() if element.get("id"))
    assert not [identity for identity, count in ids.items() if count > 1]
    for element in guide.iter():
        for name in ("aria-describedby", "aria-labelledby", "for"):
            assert set((element.get(name) or "").split()) <= ids.keys()
        href = element.get("href", "")
        assert not href.startswith("#") or href[1:] in ids


def test_nothing_needs_an_exception_from_the_content_security_policy(guide: ET.Element) -> None:
    for element in guide.iter():
        assert element.tag not in {"script", "style"}
        assert "style" not in element.attrib
        assert not [name for name in element.attrib if name.startswith("on")]


def test_a_mistake_stands_at_its_field_and_is_tied_to_it() -> None:
    tree = parse(render_guide(wrong=True))
    control = by_id(tree, "name")
    assert control.get("aria-invalid") == "true"
    assert control.get("aria-describedby") == "name-hint name-problem"
    assert all_text(by_id(tree, "name-problem")) == "お名前を入れてください"
    assert by_id(tree, "phone").get("value") == "090"


def test_a_field_without_mistake_says_nothing_of_one() -> None:
    tree = parse(render_guide(wrong=False))
    assert not tree.findall(".//*[@aria-invalid]")
    assert tree.find(".//*[@role='alert']") is None
    assert by_id(tree, "name").get("aria-describedby") == "name-hint"
    assert by_id(tree, "phone").get("aria-describedby") is None


def test_the_summary_tells_every_reason_in_the_words_of_the_field() -> None:
    tree = parse(render_guide(wrong=True))
    summary = tree.find(".//*[@role='alert']")
    assert summary is not None
    lines = [all_text(line) for line in summary.iter("li")]
    at_fields = [all_text(line) for line in tree.iter("p") if line.get("class") == "field__error"]
    assert lines == ["1歳児クラスが10:30〜11:30に満員です", *at_fields]
    assert len(lines) == 6
    assert all_text(tree.find(".//title")).startswith("エラー（6件）：")
    assert all_text(summary.find("h2")) == "まだ進めません。理由は6つです"


def test_a_group_of_choices_is_named_and_says_why_one_cannot_be_chosen() -> None:
    tree = parse(render_guide(wrong=True))
    group = by_id(tree, "purpose")
    assert group.tag == "fieldset"
    assert all_text(group.find("legend")) == "利用の理由必須"
    options = list(controls(group))
    assert [option.get("type") for option in options] == ["radio", "radio"]
    assert [option.get("disabled") is not None for option in options] == [False, True]
    assert "2月の申込から" in all_text(group)
    assert [option.get("type") for option in controls(by_id(tree, "children"))] == ["checkbox"] * 2


def test_what_was_typed_is_escaped() -> None:
    class Named(Form):
        name = StringField("<b>名</b>")

    template = environment().from_string(
        '{% from "layout/forms.html" import text %}'
        '{% from "layout/parts.html" import chip, notice, record %}'
        "{{ text(form.name, hint=evil) }}{{ chip(evil) }}{{ notice(evil, evil) }}"
        "{{ record([(evil, evil)]) }}"
    )
    evil = "<script>alert(1)</script>"
    html = template.render(form=posted(Named, name='"><script>'), evil=evil)
    assert "<script" not in html
    assert "<b>" not in html


def test_the_guards_of_a_post_carry_no_id_since_a_page_may_hold_many() -> None:
    template = environment().from_string(
        '{% from "layout/forms.html" import hidden, post %}'
        '{{ hidden(form) }}{{ post("/x", "登園", form, suffix="木村 れんさん", once="row-1") }}'
    )
    tree = parse(template.render(form=SampleForm()))
    guards = [(field.get("name"), field.get("value")) for field in tree.iter("input")]
    expected = [
        ("csrf_token", "guard"),
        ("once", "key"),
        ("csrf_token", "guard"),
        ("once", "row-1"),
    ]
    assert guards == expected
    assert not [field for field in tree.iter("input") if field.get("id")]
    assert all_text(tree.find(".//button")) == "登園（木村れんさん）"


def test_the_problems_of_a_form_name_the_control_to_go_to() -> None:
    form = posted(SampleForm, name="さとう", phone="0857000100", relation="母", purpose="")
    assert problems(form) == [
        Problem("生まれた日を入れてください", "born_on-year"),
        Problem("利用の理由をえらんでください", "purpose-0"),
    ]
    assert problems(None) == []
    assert first_control(form.relation) == "relation"


def test_a_day_of_the_calendar_is_said_in_words_beside_its_sign() -> None:
    tree = parse(render_guide(wrong=False))
    calendar = tree.find(".//table[@class='calendar']")
    assert calendar is not None
    cells = [all_text(cell) for cell in calendar.iter("td")]
    assert cells[2] == "1日休お休み日曜"
    assert cells[4] == "3日今日×空きなし満空きなし"
    assert cells[6] == "5日○空きあり残3残り3人"
    assert len(cells) == 14
    assert [link.get("href") for link in calendar.iter("a")] == ["/4", "/5", "/6"]


def test_a_text_mail_greets_and_closes_without_stray_empty_lines() -> None:
    template = environment().from_string(
        '{% extends "layout/mail.txt" %}\n'
        "{% block body %}\n予約が決まりました。\n{% endblock body %}"
    )
    text = template.render(to_name="佐藤", portal_url="http://p/", contact_line="園　0857")
    assert text.startswith("佐藤 様\n\n予約が決まりました。\n\n園　0857\n----\n")
    assert "\n\n\n" not in text


ERRORS = (400, 403, 404, 405, 409, 413, 422, 429, 500, 503)


@pytest.mark.parametrize("status", ERRORS)
def test_an_error_page_stands_alone_and_shows_a_next_step(status: int) -> None:
    env = environment()
    env.globals["fixed"] = lambda _endpoint, filename: f"/static/{filename}"
    tree = parse(env.get_template(f"errors/{status}.html").render())
    words = all_text(tree.find(".//main"))
    assert len(list(tree.iter("h1"))) == 1
    assert re.search(r"ください|相談", words)
    assert not re.search(r"不正|無効|規定|ご遠慮|エラー", words)


def test_lines_of_one_name_stand_under_it_together() -> None:
    source = '{% from "layout/parts.html" import record %}{{ record(rows) }}'
    rows = [("Who", "a"), ("Who", "b"), ("When", "c"), ("Who", None)]
    tree = parse(environment().from_string(source).render(rows=rows))
    assert [all_text(term) for term in tree.iter("dt")] == ["Who", "When", "Who"]
    assert [all_text(words) for words in tree.iter("dd")] == ["ab", "c", "なし"]


def test_spans_of_times_stay_on_one_line_and_words_stay_escaped() -> None:
    template = "{% autoescape html %}{{ words|unbroken }}{% endautoescape %}"
    shown = environment().from_string(template).render
    assert shown(words="月〜金 8:30〜17:00", html=False) == "月〜金 8:30〜17:00", (
        "a mail has no tags"
    )
    assert shown(words="<b>8:30〜17:00、9:00–12:00", html=True) == (
        '&lt;b&gt;<span class="nowrap">8:30〜17:00</span>、<span class="nowrap">9:00–12:00</span>'
    )
    marked = Markup('<a title="8:30〜17:00">')
    assert shown(words=marked, html=True) == marked
    assert shown(words=None, html=True) == "None"

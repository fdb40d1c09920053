"""What a provider writes beside its rules says no other figures, or a person has read it."""

from __future__ import annotations

import pytest

from portal.policies.document import RulesDocument, load_template, template_names
from portal.rulebooks.contradictions import contradictions, seen_mark


def rules(**texts: str) -> RulesDocument:
    content = load_template("hourly-standard").model_dump(mode="json")
    return RulesDocument.model_validate({**content, "texts": texts})


@pytest.mark.parametrize("name", template_names())
def test_what_comes_with_the_portal_says_one_thing(name: str) -> None:
    assert contradictions(load_template(name)) == []


@pytest.mark.parametrize(
    ("field", "said", "figures"),
    [
        ("booking", "１ヶ月前の９時から予約できます", ()),
        ("booking", "一か月前から。8時間まで、3日間つづけて使えます", ()),
        ("booking", "2か月前の9時半から", ("2か月前", "9時半")),
        ("booking", "毎月15日から、二週間前まで", ("15日", "2週間前")),
        ("cancel", "前日の17:00まで無料。そのあとは50％", ()),
        ("cancel", "3日前まで無料。そのあとは100％", ("3日前", "100%")),
        ("fee", "1時間400円、給食は３００円", ()),
        ("fee", "給食は1,250円", ("1,250円",)),
        ("belongings", "着替えを10枚、9:00に名前を書いて", ()),
    ],
)
def test_figures_that_the_rules_do_not_say_are_named(
    field: str, said: str, figures: tuple[str, ...]
) -> None:
    found = contradictions(rules(**{field: said}))
    assert [one.figures for one in found] == ([figures] if figures else [])
    assert bool(seen_mark(found)) == bool(figures)


def test_a_tick_stands_for_one_text_only() -> None:
    marks = {seen_mark(contradictions(rules(booking=f"{n}か月前から"))) for n in range(2, 9)}
    assert len(marks) == 7

"""What paper shows of a mail's template: nothing that leads to a page."""

from __future__ import annotations

import re

import pytest
from jinja2 import Environment

from portal.documents.templating import environment
from portal.letters.rules import is_for_paper
from portal.messages.letters import collect


@pytest.mark.proves("J7")
@pytest.mark.parametrize("kind", sorted(filter(is_for_paper, collect())))
def test_no_template_of_a_letter_leads_to_a_page_or_speaks_of_the_mail(kind: str) -> None:
    """Whatever a template says to a reader of paper: no address of a page, no button."""
    feature, name = kind.split("/")
    env = environment()
    name = {"notices/again": "sent"}.get(kind, name)
    source = _paper_branch(env, f"{feature}/mail/{name}.txt")
    for word in (
        "url }}",
        "link }}",
        "メールアドレスに",
        "ここから",
        "下のページ",
        "押し",
        "ログイン",
    ):
        assert word not in source, f"{kind}: {word}"
    assert name in kind or kind.startswith("notices")
    assert source.strip()


def _paper_branch(env: Environment, template: str) -> str:
    """Return a template's source, with what it includes, without the branches not on paper."""
    assert env.loader is not None
    source, _, _ = env.loader.get_source(env, template)
    shown: list[str] = []
    #: For each open ``if``: whether its branch is on paper, and whether paper has its branch yet.
    open_ifs: list[tuple[bool, bool]] = []
    for part in re.split(r"({%.*?%})", source, flags=re.DOTALL):
        tag = re.match(r"{%-? *(if|elif|else|endif|include) *(.*?) *-?%}", part, re.DOTALL)
        word, said = (tag[1], tag[2]) if tag else ("", "")
        if word == "if":
            is_on_paper = not said.endswith("not is_paper") and said != "link"
            open_ifs.append((is_on_paper, said == "is_paper"))
        elif word in {"elif", "else"}:
            _, is_settled = open_ifs.pop()
            open_ifs.append((not is_settled, is_settled or said == "is_paper"))
        elif word == "endif":
            open_ifs.pop()
        elif all(on_paper for on_paper, _ in open_ifs):
            shown.append(_paper_branch(env, said.strip('"')) if tag else part)
    return "".join(shown)

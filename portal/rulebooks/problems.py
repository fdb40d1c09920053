"""What is wrong with a rules document, in plain Japanese: from what pydantic finds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from portal.documents.i18n import gettext as _

Path = tuple[str | int, ...]

#: Names pydantic puts into a place for the kind of a choice; they do not stand in the document.
_TAGS = frozenset({"monthly", "half_month", "rolling", "hourly", "half_day", "percent", "flat"})


@dataclass(frozen=True, slots=True)
class Problem:
    """Where something is wrong, as keys and numbers from 0, and what, as a sentence."""

    path: Path
    words: str


def problems_of(error: ValidationError) -> list[Problem]:
    """Return every problem that pydantic found, with its place in the document as written."""
    return [
        Problem(_place(found["loc"], str(found["type"])), words_for(found))
        for found in error.errors(include_url=False)
    ]


def _place(location: Sequence[str | int], kind: str) -> Path:
    """Leave out the kind of a choice, which pydantic names after the key that holds the choice."""
    holds_choice = {"opens", "tariff", "late_fee"}
    path: list[str | int] = []
    for part in location:
        is_tag = part in _TAGS and path and path[-1] in holds_choice
        if not is_tag and part not in {"constrained-int", "literal['last']", "int"}:
            path.append(part)
    return (*path, "kind") if kind.startswith("union_tag") else tuple(path)


def words_for(found: Mapping[str, Any]) -> str:
    """Return what is wrong as a sentence that names the remedy."""
    kind, context = str(found["type"]), found.get("ctx") or {}
    if kind == "value_error":
        return sentences()[str(context["error"])]
    plain = {
        "missing": _("書かれていません。書き加えてください。"),
        "extra_forbidden": _("知らない名前です。つづりを確かめるか、消してください。"),
        "int_type": _("数字で書いてください。"),
        "int_parsing": _("数字で書いてください。"),
        "int_from_float": _("小数のない数字で書いてください。"),
        "bool_type": _("true か false で書いてください。"),
        "bool_parsing": _("true か false で書いてください。"),
        "string_type": _("文字で書いてください。"),
        "string_too_short": _("1文字以上で書いてください。"),
        "string_pattern_mismatch": _(
            "時刻を 09:00 の形で書いてください。終わりは 24:00 までです。"
        ),
        "model_type": _("{ } でかこんだ形で書いてください。"),
        "model_attributes_type": _("{ } でかこんだ形で書いてください。"),
        "dict_type": _("{ } でかこんだ形で書いてください。"),
        "tuple_type": _("[ ] でかこんで並べてください。"),
        "frozen_set_type": _("[ ] でかこんで並べてください。"),
        "union_tag_not_found": _("種類（kind）が書かれていません。"),
    }
    if kind in plain:
        return plain[kind]
    with_limit = {
        "string_too_long": (_("%(limit)s文字までにしてください。"), "max_length"),
        "greater_than_equal": (_("%(limit)s以上の数にしてください。"), "ge"),
        "less_than_equal": (_("%(limit)s以下の数にしてください。"), "le"),
    }
    if kind in with_limit:
        sentence, name = with_limit[kind]
        return sentence % {"limit": context.get(name)}
    if kind in {"literal_error", "enum", "union_tag_invalid"}:
        expected = str(context.get("expected") or context.get("expected_tags") or "")
        choices = expected.replace(" or ", "、").replace(", ", "、").replace("'", "")
        return _("書けるのは、次のどれかです：%(choices)s") % {"choices": choices}
    return _("書き方を確かめてください。")


def sentences() -> dict[str, str]:
    """Return what the rules themselves object to, by their own English words."""
    return {
        "school entry is an upper limit": _("「小学校に入る前」は、何歳までのほうにだけ書けます。"),
        "a day costs no less than half a day": _("1日の料金が、半日の料金より安くなっています。"),
        "the last band has no upper age": _(
            "料金の最後の行は「それより上の全員」です。何歳より下かを空けてください。"
        ),
        "bands go up by age, and only the last one is open": _(
            "料金の行は、小さい年齢から順に書きます。何歳より下かを空けるのは最後の行だけです。"
        ),
        "a block ends after it starts": _("終わりの時刻を、始まりより後にしてください。"),
        "the least length is more than the greatest": _(
            "いちばん短い時間が、いちばん長い時間より長くなっています。"
        ),
        "a start cell lies between 0 and 47": _("始まりの時刻は、0から47の数字で書きます。"),
        "each step stands once": _("同じ段階が2つあります。1つにしてください。"),
        "trial care has its parts, and no other step has any": _(
            "ならし預かりには、1回目の時間を入れてください。"
        ),
        "a step that opens some uses stands before use": _(
            "一部の理由だけの段階は、「利用の前」にしてください。"
        ),
        "a fixed fee has an amount, and no other has one": _(
            "「1回いくら」のときだけ、円を入れてください。"
        ),
        "the part ends before any stay could": _("終わりの時刻を 0:30 より後にしてください。"),
        "give the number of months": _("何か月かを書いてください。"),
        "days end after they begin": _("終わりの日を、始まりの日より後にしてください。"),
        "ages end after they begin": _("年齢の終わりを、始まりより大きくしてください。"),
        "times end after they begin": _("終わりの時刻を、始まりより後にしてください。"),
        "lengths end after they begin": _("長さの終わりを、始まりより大きくしてください。"),
        "a condition without any value never holds": _(
            "空の条件は、だれにも当てはまりません。値を書くか、条件を消してください。"
        ),
        "a variant says when it holds": _("どんなときのきまりか（when）を書いてください。"),
        "there is nothing of that name": _(
            "その名前のきまりはありません。つづりを確かめてください。"
        ),
        "this belongs to the document, not to a variant": _(
            "これは全体に1つだけ書くものです。variantsの外に書いてください。"
        ),
        "give either days or months": _("何日前か、何か月前かの、どちらか1つを書いてください。"),
    }

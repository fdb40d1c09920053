"""What a family reads where the places do not do for all its children."""

from __future__ import annotations

import uuid

import pytest

from portal.bookings.queries.vacancies import DayLeft, PoolLeft
from portal.documents import i18n
from portal.documents.wording.sentences import sentence
from portal.slots.rules import PoolKind
from tests.rules.policy_cases import FRIDAY, stay


def said(free: int, *, children: int, language: str = i18n.SOURCE_LANGUAGE) -> list[str]:
    """Return why the children do not fit where so many places are free."""
    pool = PoolLeft(uuid.uuid4(), PoolKind.TOTAL, 0, 0, [5] * 48, [free] * 48, [False] * 48)
    left = DayLeft(uuid.uuid4(), FRIDAY, (pool,), (children,))
    with i18n.use_language(language):
        return [sentence(reason) for reason in left.reasons(stay("13:00", "15:00"))]


@pytest.mark.proves("G15", "G21", "R6")
def test_one_place_for_two_children_is_not_called_full() -> None:
    assert said(1, children=2) == ["園全体に、13:00 から2人分の空きがありません"]
    assert said(0, children=2) == ["園全体が 13:00 から満員です"]
    assert said(0, children=1) == ["園全体が 13:00 から満員です"]
    assert said(2, children=2) == []


@pytest.mark.proves("R6")
def test_in_english_the_article_stands_once() -> None:
    assert said(0, children=1, language="en") == ["Full from 13:00: the whole nursery"]
    [both] = said(1, children=2, language="en")
    assert both == "Not enough places for 2 children from 13:00: the whole nursery"

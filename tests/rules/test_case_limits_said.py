"""A limit of a case, said before it has passed and after."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from portal.kernel.clock import JST
from portal.noshow.words import until_words

DUE = datetime(2026, 11, 20, 11, 31, tzinfo=JST)


@pytest.mark.proves("R21")
@pytest.mark.parametrize(
    ("late", "said"),
    [
        (timedelta(minutes=-1), "11月20日（金）11:31 までに"),
        (timedelta(0), "11月20日（金）11:31 までに"),
        (timedelta(minutes=1), "期限の 11月20日（金）11:31 をすぎました"),
    ],
)
def test_a_limit_that_has_passed_is_not_promised_any_more(late: timedelta, said: str) -> None:
    assert until_words(DUE, DUE + late) == said

"""What the guides put in 「」 stands on a screen, word for word; what people say is listed here."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.ja.md"))
#: Said by people, headings of guides, or words that a number or a child's name completes.
SAID = frozenset(
    {
        *("ならし預かりを予約する（1回目）", "2人いっしょ", "予定表で見る", "今日は休みます"),
        *("パスワードを忘れた方", "来なかったとき・気になるとき", "ならし 1回目", "生まれました"),
        *("なしで進める（理由を書きます）", "次へ進む・同じ回をもう一度・少し間をおく"),
        *("予定がなくなった", "わたす用紙を印刷する", "『変わりない』と聞いた", "確認してから予約"),
        *("メールだけ", "夕方がいい", "面談から、園や支援につなぐ（紹介）"),
        *("同意を記録する・取りやめる", "○件を送る"),
    }
)


@lru_cache(maxsize=1)
def screens() -> str:
    """Return all words of templates and of the portal, without tags and line breaks."""
    files = [*(ROOT / "templates").rglob("*.*"), *(ROOT / "portal").rglob("*.py")]
    words = "".join(file.read_text(encoding="utf-8") for file in files)
    return re.sub(r"<[^>]+>|\n", "", words)


@pytest.mark.parametrize("guide", GUIDES, ids=lambda file: file.name)
def test_a_guide_uses_the_words_of_the_screens(guide: Path) -> None:
    quoted = set(re.findall("「([^」]+)」", guide.read_text(encoding="utf-8")))
    missing = {each for each in quoted - SAID if each not in screens()}
    assert missing == set()

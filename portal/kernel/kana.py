"""Keys for finding names however they were typed. For searching only, never for storing."""

from __future__ import annotations

import unicodedata

_TO_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
#: Left out of a key: people write a long vowel as ー, － or ― and put spaces and dots at will.
_DROPPED = frozenset("ー-‐‑‒–—―−~〜・･'’.,、。")


def search_key(text: str) -> str:
    """Return what two spellings of the same name have in common.

    Half and full width, hiragana and katakana, capitals, spaces, hyphens, middle dots and long
    vowel marks make no difference; 「ゔ」 and 「ば」, large and small kana do. An empty key means
    that nothing to search by was typed.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(c for c in folded if c not in _DROPPED and not c.isspace())
    # Again after dropping: a voicing mark typed apart leaves a space between kana and mark.
    return unicodedata.normalize("NFKC", kept).translate(_TO_KATAKANA)

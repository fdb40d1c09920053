"""Keys for finding names however they were typed. For searching only, never for storing."""

from __future__ import annotations

import re
import unicodedata

_TO_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
#: Left out of a key: people write a long vowel as ー, － or ― and put spaces and dots at will.
_DROPPED = frozenset("ー-‐‑‒–—―−~〜・･'’.,、。")
#: Kanji of names in a form that few keyboards type, each with the form that people type.
_PAIRS = re.findall(
    r"(\S)(\S)",
    "髙高 﨑崎 𠮷吉 濵浜 濱浜 邉辺 邊辺 嶋島 嶌島 齋斎 齊斎 斉斎 桒桑 冨富 舘館 淵渕 栁柳 澤沢 廣広"
    " 眞真 惠恵 國国 櫻桜 瀨瀬 德徳 增増 槗橋 靏鶴 鷗鴎 檜桧 圓円 瀧滝 澁渋 籔薮 藪薮 萬万 與与"
    " 榮栄 寬寛 彌弥 曾曽 壽寿 龍竜 條条 關関 埜野 藏蔵 學学 禮礼 靜静 豐豊 亞亜 來来",
)
#: The same table serves in SQL, for keys stored before a kanji came into it.
VARIANTS = "".join(dict(_PAIRS))
TYPED = "".join(dict(_PAIRS).values())
_TO_TYPED = str.maketrans(VARIANTS, TYPED)


def search_key(text: str) -> str:
    """Return what two spellings of the same name have in common.

    Half and full width, hiragana and katakana, capitals, spaces, hyphens, middle dots and long
    vowel marks make no difference, nor do variants of a kanji (髙 and 高, 𠮷 and 吉); 「ゔ」 and
    「ば」, large and small kana do. An empty key means that nothing to search by was typed.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(c for c in folded if c not in _DROPPED and not c.isspace())
    # Again after dropping: a voicing mark typed apart leaves a space between kana and mark.
    return unicodedata.normalize("NFKC", kept).translate(_TO_KATAKANA).translate(_TO_TYPED)

"""What is wrong with the writing of a TOML or JSON text, with the remedy, in plain Japanese."""

from __future__ import annotations

import json
import re

from portal.documents.i18n import gettext as _

_BARE_TIME = re.compile(r"[=\[,]\s*\d{1,2}:\d\d(?!\d)")
#: A word that is a value; one before ``=`` is a name in a table.
_BARE_WORD = re.compile(r"[=\[,]\s*(?!true\b|false\b)[A-Za-z_\u3041-\u9fff][\w.-]*+(?!\s*=)")
_WIDE = re.compile(r"[＝：，［］｛｝“”「」　０-９]")
_WHERE = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")
_UNCLOSED = "Unclosed inline table"
_TWICE = re.compile(r"Cannot declare \((?P<keys>.*)\) twice")


def json_words(wrong: json.JSONDecodeError) -> str:
    """Return what is wrong with a JSON text as a sentence."""
    said = {
        "Expecting property name enclosed in double quotes": _(
            '名前を " " でかこんでください。最後の行のあとの「,」が余っているかもしれません。'
        ),
        "Expecting ',' delimiter": _(
            "「,」か、閉じるかっこが足りません。前の行の終わりも見てください。"
        ),
        "Expecting ':' delimiter": _("名前のあとに「:」を書いてください。"),
        "Expecting value": _("値がありません。「,」が余っているか、書き忘れがあります。"),
        "Extra data": _("終わりのあとに、余分な文字があります。"),
        "Invalid control character at": _('改行の前で " が閉じていません。'),
        "Unterminated string starting at": _('" が閉じていません。'),
    }
    return said.get(wrong.msg, _("書き方が読み取れません。かっこと「,」を確かめてください。"))


def toml_words(wrong: Exception, written: str) -> tuple[int, str]:
    """Return the line of what ``tomllib`` stumbled over, and what is wrong as a sentence."""
    message = str(wrong)
    where = _WHERE.search(message)
    lines = written.rstrip().split("\n")
    number = int(where["line"]) if where and where["line"] else len(lines)
    line = lines[min(number, len(lines)) - 1] if lines else ""
    plain = _WHERE.sub("", message)
    if twice := _TWICE.search(plain):
        name = ".".join(re.findall(r"'([^']*)'", twice["keys"]))
        said = _(
            "[%(name)s] が2つあります。1つにまとめるか、いくつも並べるものなら [[%(name)s]] に"
            "してください。"
        )
        return number, said % {"name": name}
    outside = _outside_quotes(line)
    if plain.startswith(_UNCLOSED) and outside.count("{") > outside.count("}"):
        return number, _of_message(plain)
    return number, _in_line(line) or _of_message(plain)


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*"|\'[^\']*\'|#.*', "", line)


def _in_line(line: str) -> str:
    """Return the remedy for what people often write, if the line has it."""
    outside = _outside_quotes(line)
    if _BARE_TIME.search(outside):
        return _('時刻は "09:00" のように " " でかこんでください。')
    if wide := _WIDE.search(outside):
        said = _('「%(sign)s」は、半角の = : , [ ] { } " と数字で書いてください。')
        return said % {"sign": wide[0]}
    if _BARE_WORD.search(outside[outside.find("=") :] if "=" in outside else ""):
        return _('ことばは " " でかこんでください。はい・いいえは true か false です。')
    return ""


def _of_message(message: str) -> str:
    said = (
        ("Expected '='", _("名前のあとに「=」と値を書いてください。")),
        (
            "Expected newline",
            _("1行に1つずつ書いてください。値のあとの「,」や余分な文字を消してください。"),
        ),
        ("Invalid value", _("値がないか、読み取れません。「=」のあとに値を書いてください。")),
        (
            "Unclosed array",
            _("[ が ] で閉じていません。値と値のあいだの「,」が抜けていないかも見てください。"),
        ),
        (
            _UNCLOSED,
            _("{ が } で閉じていません。中は1行に書きます。長いときは [ ] の見出しにします。"),
        ),
        ("Unterminated", _('" が閉じていません。')),
        ("Cannot overwrite", _("同じ名前が2つあります。1つにしてください。")),
        ("Duplicate inline table key", _("同じ名前が2つあります。1つにしてください。")),
        (
            "Cannot mutate",
            _("{ } で書いたものには、あとから書き足せません。1か所にまとめてください。"),
        ),
        ("Expected ']", _("見出しの [ ] が閉じていません。")),
        ("Invalid initial character", _("{ } の最後の「,」を消してください。")),
        ("Unescaped '\\'", _("「\\」は「\\\\」と書いてください。")),
        ("Illegal character '\\n'", _('" が閉じていません。')),
        ("Illegal character", _("画面に出ない特別な文字が入っています。消してください。")),
        ("Found invalid character", _("画面に出ない特別な文字が入っています。消してください。")),
        (
            "Invalid date",
            _('その日は暦にないか、形がちがいます。日付は "2026-04-01" のように書いてください。'),
        ),
    )
    for begins, words in said:
        if message.startswith(begins):
            return words
    return _("書き方が読み取れません。「名前 = 値」の形か、[見出し] で書いてください。")

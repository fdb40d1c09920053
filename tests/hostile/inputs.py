"""Difficult values by kind of field. ``worst`` goes into every field, the rest is spread over all.

What is invented here is CC0; where the files come from stands in ``tests/data/*/LICENCES.md``.
"""

from __future__ import annotations

import csv
import json
import random
from pathlib import Path
from typing import Final

DATA: Final = Path(__file__).parents[1] / "data"
#: Makes the order of the long lists; printed by the tests that use it.
SEED: Final = 20251115
#: An element and an attribute that no page of ours has: found in a page, a value became markup.
ELEMENT, ATTRIBUTE = "x-foreign", "x-foreign-attribute"

MARKUP: Final = (
    f"<script>alert('{ELEMENT}')</script><{ELEMENT}>",
    f'"><{ELEMENT} {ATTRIBUTE}=1>',
    f"' {ATTRIBUTE}=1 onfocus=alert(1) autofocus x='",
    f'" {ATTRIBUTE}=1 onmouseover=alert(1) x="',
    f"</textarea></title></script></style><{ELEMENT}>",
    f"<!--><svg/onload=alert(1)><{ELEMENT}>",
    f"&lt;{ELEMENT}&gt; &amp; &#60;{ELEMENT}&#62;",
    "javascript:alert(1)",
)
TEMPLATES: Final = (
    "{{ 61007 * 67003 }}",
    "{% for x in (1).__class__.__mro__ %}{{ x }}{% endfor %}",
    "${61007*67003} #{61007*67003} <%= 61007*67003 %> @{61007*67003}",
    "{{config}} {{self.__init__.__globals__}} {{ cycler.__init__.__globals__.os.environ }}",
    "%(name)s %s %d {0} {name} {0.__class__.__init__.__globals__}",
)
#: What a template engine would have made of the above.
RENDERED: Final = ("4087652021", "SECRET_KEY", "&lt;class &#39;int", "<class 'int")
STATEMENTS: Final = (
    "'; DROP TABLE bookings; --",
    "' OR '1'='1",
    "x' UNION SELECT password_hash FROM users --",
    "1; SELECT pg_sleep(5) --",
    "' || (SELECT set_config('portal.actor', 'x', false)) || '",
    '\\"; SELECT 1; --',
    "%' AND 1=1 --",
    "') OR 1=1 --",
)
UNICODE: Final = (
    "\x00",
    "abc\x00def",
    "\u202eevil\u202c",
    "\u2066x\u2069",
    "a\u200bb\u200d\ufeffc",
    "Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324" * 8,
    "\U000e0041\U000e0042\U000e007f",
    "\ud800",
    "\ufffe\uffff",
    "\x1b[31m\x07\x08",
    "\u2028\u2029\x85\x0b\x0c",
    "İıſK",
    "e\u0301" * 30,
    "👨‍👩‍👧‍👦🏳️‍🌈",
)
LENGTHS: Final = ("", " ", "\u3000", "あ" * 5000, "x" * 60_000, "\r\n" * 200)
HONEST: Final = (
    "髙橋﨑 葛\U000e0100飾",
    "神\ufa19 𠮷野家",
    "か\u309a ﾊﾟﾊﾟ ㌢ ①㈱",
    "O’Brien-Smith & <3",
)
_SHORT_LIST: Final = (MARKUP[0], TEMPLATES[0], STATEMENTS[0], "\x00", "\u202ex", "x" * 60_000)

DATES: Final = (
    *_SHORT_LIST,
    *("0", "-1", "00", "13", "32", "99999999999999999999", "1e9", "０", "２０２６", "٣", "二"),
    *("9999", "0001", "10000", "1.5", "+1", " 1 ", "NaN", "Infinity", "24:00", "25:00", "9:60"),
    *("9:5", "９：０５", "-9:00", "9:00:00", "2026-02-30", "2026-W01-1", "令和8年1月1日", "明日"),
    *("2026-11-31", "0000-00-00", "9999-12-31", "2026/11/25", "20261125", "②", "½", "1_0", "0x10"),
)
MAILS: Final = (
    *_SHORT_LIST,
    *("a", "a@", "@b.test", "a@b", "a b@c.test", "a@b.test\r\nBcc: all@evil.test"),
    *("a@b.test\nBcc: x@evil.test", "a@b.test%0aBcc:x", '"a"@b.test', "a@b.test,c@d.test"),
    *(
        "a@b.test;c@d.test",
        "<a@b.test>",
        "A <a@b.test>",
        "a@[127.0.0.1]",
        "a@b..test",
        "a..b@c.test",
    ),
    *(
        "ａ＠ｂ．ｔｅｓｔ",
        "あ@例え.テスト",
        "a@xn--r8jz45g.test",
        f"{'a' * 300}@b.test",
        "a@" + "b." * 200,
    ),
    *(
        "mailto:a@b.test",
        "a@b.test\x00",
        "a@b.test ",
        "a+tag@b.test",
        "'--@b.test",
        "a@b.test\u2028x",
    ),
    *("a@b.test\x85Bcc: x@evil.test", "=cmd|' /C calc'!A0@b.test", "a@b.test?bcc=x@evil.test"),
    *("ꓸ@b.test", "K@b.test", "ſ@b.test", "İ@b.test", "ß@b.test", "ﬀ@b.test"),
)
PHONES: Final = (
    *_SHORT_LIST,
    *("0", "110", "-", "()", "+", "+81", "+81-24-944-3601", "+82-2-123-4567", "0240000000"),
    *(
        "０９０－１２３４－５６７８",
        "090 1234 5678",
        "090‐1234‐5678",
        "090ー1234ー5678",
        "090.1234.5678",
    ),
    *("09012345678901", "0901234", "090-1234-567x", "=090-1234-5678", "tel:09012345678", "٠٩٠"),
    *(
        "090-1234-5678;ext=1",
        "090-1234-5678\r\nX: y",
        "②",
        "〇九〇",
        "--------",
        "+" * 50,
        "0" * 5000,
    ),
    *MARKUP[1:],
    *STATEMENTS[1:],
    *TEMPLATES[1:],
    # Numbers of other countries, of services, of extensions, and several in one field.
    *("+1 (202) 555-0143", "+44 20 7946 0018", "0081-90-1234-5678", "+81 (0)90-1234-5678"),
    *("119", "188", "#9110", "*67 090-1234-5678", "0120-000-000", "050-1234-5678", "020-1234-5678"),
    *("024-000-0000 内線12", "024-000-0000（代）", "024-000-0000#12", "024-000-0000,,,12#"),
    *("090-1234-5678、080-1234-5678", "090-1234-5678/080-1234-5678", "090-1234-5678\t080"),
    # As programs, dials and spreadsheets write them.
    *("9.0123456789E9", "9012345678", "'09012345678", "+09012345678", "=HYPERLINK(090)", "#REF!"),
    *("sms:09012345678?body=x", "sip:090@evil.test", "callto:090", "tel:+81-90;phone-context=x"),
    *("090-1234-5678\x00", "090-1234-5678\u202e", "090\u200b1234\u200b5678", "\ufeff09012345678"),
    # Figures and hyphens of other scripts; a letter that looks like a figure.
    *("०९०-१२३४-५६७८", "۰۹۰۱۲۳۴۵۶۷۸", "𝟎𝟗𝟎-𝟏𝟐𝟑𝟒-𝟓𝟔𝟕𝟖", "⓪⑨⓪", "零九零", "O9O-l234-5678"),
    *("090−1234−5678", "090–1234–5678", "090—1234—5678", "090～1234～5678", "090　1234　5678"),
    *("ﾃﾞﾝﾜなし", "なし", "不明", "同上", "自宅", "☎090-1234-5678", "TEL:090-1234-5678"),
)
IDS: Final = (
    *_SHORT_LIST,
    *("0", "-1", "1", "9223372036854775808", "x", "..", "../../etc/passwd", "%2e%2e%2f", "null"),
    *("None", "[]", "{}", "true", "00000000-0000-0000-0000-000000000000", "1' OR '1'='1"),
    *("ffffffff-ffff-ffff-ffff-ffffffffffff", "{12345678-1234-1234-1234-123456789012}"),
    *("urn:uuid:12345678-1234-1234-1234-123456789012", "12345678123412341234123456789012"),
    *("１２３４５６７８-1234-1234-1234-123456789012", "g2345678-1234-1234-1234-123456789012", "٣"),
)
SEARCHES: Final = (
    *MARKUP,
    *STATEMENTS,
    *TEMPLATES,
    *UNICODE,
    *LENGTHS,
    *HONEST,
    *(
        "%",
        "_",
        "\\",
        "%%%",
        "_%_",
        "\\%",
        "'",
        '"',
        "(",
        "*",
        "[a-z]",
        "?",
        "&",
        ":*",
        "!&|",
        "<->",
    ),
    # Patterns that take long, or that a search for words would read as its own.
    *("(a+)+$" + "a" * 40, "%" * 500, "_" * 500, "^.*$", ".{0,99999}", "\\x41", "\\0", "E'\\\\'"),
    *(
        "たなか & !はな",
        "'たなか':*A",
        "はな <2> みほ",
        "NOT たなか",
        "たなか OR 1",
        "-はな",
        '"た な',
    ),
    # Names by which somebody may be looked for: parts, other writings, numbers and addresses.
    *(
        "タナカ",
        "ﾀﾅｶ",
        "たなか　はな",
        "  はな  ",
        "は゛な",
        "髙",
        "高",
        "﨑",
        "𠮷",
        "か゚",
        "ゝ",
        "ー",
        "々",
    ),
    *(
        "0",
        "000-0000-0000",
        "０９０",
        "2024-06-15",
        "令和6年6月15日",
        "a@b.test",
        "〒963-8601",
        "①",
    ),
    *(
        "../../../../etc/passwd",
        "%2e%2e%2f",
        "%00",
        "%25",
        "%u3042",
        "file:///etc/passwd",
        "\\\\h\\s",
    ),
    *(
        "http://127.0.0.1/",
        "${jndi:ldap://x}",
        "; cat /etc/passwd",
        "$(id)",
        "`id`",
        "| id",
        "&& id",
    ),
    *(
        "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>",
        "]]>",
        "*)(uid=*",
    ),
    *('{"$ne": null}', "[]", "q=1&q=2", "#", "?q=x", "\r\nSet-Cookie: a=b", "a\tb", "null", "NaN"),
)


def _json(name: str, folder: str = "inputs") -> list[object]:
    loaded: list[object] = json.loads((DATA / folder / name).read_text(encoding="utf-8"))
    return loaded


def naughty() -> list[str]:
    """Return the big list of naughty strings."""
    return [str(value) for value in _json("blns.json")]


def formula_cells() -> list[str]:
    """Return cells that a spreadsheet may run, and cells that only look so."""
    groups = json.loads((DATA / "facilities/csv_formula_cells.json").read_text(encoding="utf-8"))
    return [str(cell) for group in groups.values() for cell in group]


def real_names() -> list[str]:
    """Return names that people bear, whole and in parts: all must pass everywhere."""
    names = []
    for person in _json("person_names.json", "facilities"):
        assert isinstance(person, dict)
        parts = [person.get(part) for part in ("surname", "given", "given2", "formal")]
        names += [str(part) for part in parts if part]
        if person.get("surname") and person.get("given"):
            names.append(f"{person['surname']}　{person['given']}")
    return list(dict.fromkeys([*names, *_MORE_NAMES]))


_MORE_NAMES: Final = (
    *("髙橋﨑", "𠮷野家", "葛󠄀城", "葛󠄁城", "か゚", "神 はな", "邉 一", "渡󠄃邊", "齋藤 々", "鷗 外"),
    *(
        "あ",
        "レイラ・ジェーン",
        "O’Brien",
        "Nguyễn Thị Hương",
        "أحمد",
        "김민수",
        "José",
        "d'Arc",
        "李 ü",
    ),
    *("Null", "NULL", "None", "True", "-", "ー", "々木", "ヴァージニア", "ﾊﾅｺ", "𩸽 田", "塚󠄁本"),
)


def addresses() -> list[str]:
    """Return addresses as people write them."""
    folder = DATA / "inputs"
    with (folder / "addresses_sample.csv").open(encoding="utf-8", newline="") as file:
        sample = [row[0] for row in csv.reader(file)][1:]
    hard = (folder / "addresses_difficult.txt").read_text(encoding="utf-8").splitlines()
    return [*sample, *(line for line in hard if line.strip())]


def normalisation_pairs() -> list[str]:
    """Return forms that a careless program would normalise away."""
    return [
        str(value) for value in json.dumps(_json("ja_normalization_pairs.json")).split('"')[1::2]
    ]


def texts() -> list[str]:
    """Return everything that may be typed where text is asked for, in an order of its own."""
    values = [
        *(*MARKUP, *TEMPLATES, *STATEMENTS, *UNICODE, *LENGTHS, *HONEST),
        *naughty(),
        *formula_cells(),
        *real_names(),
        *addresses(),
    ]
    values = list(dict.fromkeys(values))
    random.Random(SEED).shuffle(values)  # noqa: S311 - an order, not a secret
    return values


#: The dozen and more that every field of a kind is given.
WORST: Final[dict[str, tuple[str, ...]]] = {
    "text": (
        *(MARKUP[0], MARKUP[1], MARKUP[2], MARKUP[4]),
        *(TEMPLATES[0], TEMPLATES[4], STATEMENTS[0]),
        *("abc\x00def", "\u202eevil\u202c", "\ud800", "x" * 60_000, "\u3000", "100%s"),
        *HONEST,
        "=cmd|' /C calc'!A0",
    ),
    "date": DATES[:12],
    "mail": MAILS[:12],
    "phone": PHONES[:12],
    "choice": IDS[:12],
    "hidden": IDS[:12],
    "search": SEARCHES[:14],
    "password": (*_SHORT_LIST, *HONEST, "", " ", "\ud800x"),
}
#: What else the fields of a kind are given, shared out among them.
REST: Final[dict[str, tuple[str, ...]]] = {
    "date": DATES[12:],
    "mail": MAILS[12:],
    "phone": PHONES[12:],
    "choice": IDS[12:],
    "hidden": IDS[12:],
    "search": SEARCHES[14:],
    "password": (),
}

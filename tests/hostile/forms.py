"""Forms as a browser finds them: read out of the pages, never out of the code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from portal.kernel import clock
from tests.factories.places import next_open_day


@dataclass(frozen=True)
class Field:
    """One name of a form with the value that a person would send."""

    name: str
    kind: str
    value: str
    #: What else may be chosen, for lists.
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Form:
    """One form on one page, as ``persona`` sees it."""

    persona: str
    page: str
    action: str
    method: str
    fields: tuple[Field, ...]
    multipart: bool = False

    def body(self) -> list[tuple[str, str]]:
        """Return what is sent when everything is as it should be."""
        return [
            (field.name, field.value)
            for field in self.fields
            if field.kind != "file" and (field.kind != "choice" or field.value)
        ]

    def with_value(self, name: str, value: str) -> list[tuple[str, str]]:
        """Return the body with one field's value put in place of its own."""
        rest = [(key, old) for key, old in self.body() if key != name]
        return [*rest, (name, value)]


class _Reader(HTMLParser):
    """Collects forms and links. Ten times faster than a tree, and there are hundreds of pages."""

    def __init__(self, page: str, persona: str, *, proposing: bool) -> None:
        super().__init__()
        self.page, self.persona = page, persona
        self._proposing = proposing
        self._proposed = proposed if proposing else lambda _name, _kind: ""
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._form: dict[str, str] | None = None
        self._fields: list[Field] = []
        self._groups: dict[str, tuple[str, list[tuple[str, bool]]]] = {}
        self._buttons: list[Field] = []
        #: Where buttons without a name send the form instead.
        self._elsewhere: list[str] = []
        self._is_plain = False
        self._list: tuple[str, list[tuple[str, bool]]] | None = None
        self._text: tuple[str, list[str]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            target = urlsplit(urljoin(self.page, given["href"]))
            if not target.scheme and not target.netloc and target.path.startswith("/"):
                self.links.append(target.path + (f"?{target.query}" if target.query else ""))
        elif tag == "form":
            self._form, self._fields, self._groups, self._buttons = given, [], {}, []
            self._is_plain, self._elsewhere = False, []
        elif self._form is not None:
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        name, type_ = given.get("name", ""), given.get("type", "text")
        if tag == "option" and self._list is not None:
            self._list[1].append((given.get("value", ""), "selected" in given))
        elif not name or "disabled" in given:
            if tag == "button" and "formaction" in given:
                self._elsewhere.append(given["formaction"])
            else:
                self._is_plain |= tag == "button" and type_ in {"text", "submit"}
        elif tag == "textarea":
            self._text = (name, [])
        elif tag == "select":
            self._list = (name, [])
        elif tag == "button":
            self._buttons.append(Field(name, "hidden", given.get("value", "")))
        elif type_ in {"radio", "checkbox"}:
            group = self._groups.setdefault(name, (type_, []))
            group[1].append((given.get("value", "on"), "checked" in given))
        elif tag == "input" and type_ not in {"submit", "button", "reset", "image"}:
            kind = kind_of(name, type_)
            self._fields.append(Field(name, kind, given.get("value") or self._proposed(name, kind)))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text is not None:
            name, parts = self._text
            # Browsers drop the first line break of a text area.
            typed = re.sub(r"\A\r?\n", "", "".join(parts))
            self._fields.append(Field(name, "text", typed or self._proposed(name, "text")))
            self._text = None
        elif tag == "select" and self._list is not None:
            name, options = self._list
            self._fields.append(self._choice(name, options, one=True))
            self._list = None
        elif tag == "form" and self._form is not None:
            self._finish(self._form)
            self._form = None

    def _choice(self, name: str, options: list[tuple[str, bool]], *, one: bool) -> Field:
        if self._proposing:
            return _choice(name, options, one=one)
        values = tuple(value for value, _ in options)
        return Field(name, "choice", next((v for v, is_chosen in options if is_chosen), ""), values)

    def _finish(self, form: dict[str, str]) -> None:
        fields = list(self._fields)
        for name, (type_, options) in self._groups.items():
            fields += _boxes(name, options) or [self._choice(name, options, one=type_ == "radio")]
        usual = form.get("action") or self.page
        ways: list[tuple[str, tuple[Field, ...]]] = [(usual, (each,)) for each in self._buttons]
        ways += [(each, ()) for each in self._elsewhere]
        if self._is_plain or not ways:
            ways.insert(0, (usual, ()))
        for action, extra in ways:
            self.forms.append(
                Form(
                    self.persona,
                    self.page,
                    urljoin(self.page, action),
                    form.get("method", "get").upper(),
                    (*fields, *extra),
                    multipart=form.get("enctype") == "multipart/form-data",
                )
            )


def _boxes(name: str, options: list[tuple[str, bool]]) -> list[Field]:
    """Return the boxes of one name where several are ticked; a browser sends each of them."""
    values = tuple(value for value, _ in options)
    ticked = [value for value, chosen in options if chosen]
    return [Field(name, "choice", value, values) for value in ticked] if len(ticked) > 1 else []


def _choice(name: str, options: list[tuple[str, bool]], *, one: bool) -> Field:
    values = tuple(value for value, _ in options)
    chosen = [value for value, is_chosen in options if is_chosen and value]
    wished = [value for value in values if value == _WISHED.get(name)]
    filled = [value for value in values if value]
    picked = (chosen or wished or filled or [""])[0]
    if not one and not chosen and name in NOT_TICKED:
        picked = ""
    return Field(name, "choice", picked, values)


def read(
    html: str, page: str, persona: str, *, proposing: bool = True
) -> tuple[list[Form], list[str]]:
    """Return the forms of a page and where it leads; each named button makes a form.

    Empty fields hold what a person may well type, unless ``proposing`` is off.
    """
    reader = _Reader(page, persona, proposing=proposing)
    reader.feed(html)
    return reader.forms, reader.links


def kind_of(name: str, type_: str) -> str:
    """Return what a person would type here."""
    if type_ in {"hidden", "file", "password"}:
        return type_
    if type_ == "email" or "mail" in name:
        return "mail"
    if type_ == "tel" or "phone" in name or "fax" in name:
        return "phone"
    if re.search(r"-(year|month|day)$|_time$|^(day|start|end|at|time|date)$", name) or type_ in {
        "date",
        "time",
        "month",
        "number",
    }:
        return "date"
    if type_ == "search" or name == "q":
        return "search"
    return "text"


#: The secret of everybody's second factor.
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "ねこと本と朝のコーヒー"
#: Boxes that say "and yet": ticking them is another wish than the plain one.
NOT_TICKED = frozenset({"overruled", "because", "accept_now", "aside"})
_WISHED = {
    "start": "9:00",
    "from_time": "9:00",
    "end": "12:00",
    "to_time": "12:00",
    "arrived": "9:00",
    "kind": "age_band",
}
_PROPOSED = {
    "mail": "somebody.new@example.test",
    "phone": "090-1234-5678",
    "password": PASSWORD,
    "search": "はな",
}
_BORN = date(2024, 6, 15)


#: What no other text will do for, by the field's name.
_OF_ITS_OWN_FORM = {
    "municipality_code": "072036",
    "url": "https://himawari.example.jp/",
    "phoned": "0:00",  # a time of today that is over
}


def proposed(name: str, kind: str) -> str:
    """Return something that a person may well type into an empty field."""
    if kind == "hidden":
        return ""
    today = clock.today(clock.now())
    day = next_open_day(2)
    if name.startswith("born"):
        day = _BORN
    elif name.startswith("due"):
        day = today + timedelta(days=90)
    for end, value in {"-year": day.year, "-month": day.month, "-day": day.day}.items():
        if name.endswith(end):
            return str(value)
    if kind == "date":
        return _number_or_day(name, day)
    if "kana" in name:
        return "たなか はな"
    return _OF_ITS_OWN_FORM.get(name) or _PROPOSED.get(kind, "ひまわり")


def _number_or_day(name: str, day: date) -> str:
    if name.endswith("time"):
        return "9:05"
    return day.isoformat() if name in {"day", "born", "date"} else "4"

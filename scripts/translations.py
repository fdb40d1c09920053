"""Compare what families can read with the catalogues of the other languages.

``check`` lists what is missing, obsolete or wrong in ``portal/documents/translations/*.po`` and
exits with 1 if anything is; ``update`` writes the missing texts into each file with nothing as
translation, takes the obsolete ones out, and puts the file in order. ``update vi`` begins a file.
"""

from __future__ import annotations

import ast
import json
import re
import string
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from portal.documents import readings
from scripts.translation_sources import IN_CONTEXT, KINDS, MAY_BE_LEFT_OUT, STAFF

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "portal" / "documents" / "translations"
JAPANESE = re.compile(r"[\u3041-\u30fa\u3400-\u9fff]")
_PLACE = re.compile(r"%\((\w+)\)[sd]|%[sd]")


def is_staffs(path: str) -> bool:
    """Say whether only staff read what a file says."""
    return path.startswith(STAFF)


def texts() -> dict[str, list[str]]:
    """Return every text that families can read, with the files it stands in."""
    found: dict[str, list[str]] = {}
    for path, text in sorted({*_of_python(), *_of_templates(), *_of_presets()}):
        found.setdefault(text, []).append(path)
    return found


def _ours(folder: str, suffixes: set[str]) -> Iterator[tuple[str, Path]]:
    for file in sorted((ROOT / folder).rglob("*")):
        path = file.relative_to(ROOT).as_posix()
        if file.suffix in suffixes and not is_staffs(path):
            yield path, file


def _of_python() -> Iterator[tuple[str, str]]:
    """Yield every Japanese string that is not a docstring: labels and tables are texts as well."""
    trees = {
        path: ast.parse(file.read_text(encoding="utf-8")) for path, file in _ours("portal", {".py"})
    }
    looked_up = {name for tree in trees.values() for name in _looked_up(tree)}
    for path, tree in trees.items():
        passed_over = {*_not_texts(tree), *_not_looked_up(tree, looked_up)}
        said = set(_passed_to_gettext(tree))
        for node in ast.walk(tree):
            if id(node) in passed_over or not isinstance(node, ast.Constant):
                continue
            if isinstance(node.value, str) and (id(node) in said or JAPANESE.search(node.value)):
                yield path, node.value


def _passed_to_gettext(tree: ast.AST) -> Iterator[int]:
    """Yield what is a text by its call, whatever letters it has."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_":
            yield from map(id, node.args)


def _not_texts(tree: ast.AST) -> Iterator[int]:
    """Yield docstrings and comments that are strings, keys of contexts, and word lists."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "pgettext":
            yield from (id(part) for argument in node.args for part in ast.walk(argument))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "listed":
            yield from map(id, node.args[1:])
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in _MATCHERS:
            yield from map(id, node.args)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Field":
            yield from (id(part) for told in _for_writers(node) for part in ast.walk(told))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "join":
            yield id(getattr(node.func, "value"))  # noqa: B009 - a plain expression has none
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in _WORD_LISTS:
            yield from map(id, ast.walk(node.value))


def _looked_up(tree: ast.AST) -> Iterator[str]:
    """Yield the names that are read, but for what a field says of itself."""
    told = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Field"
        for value in _for_writers(node)
        for part in ast.walk(value)
    }
    for node in ast.walk(tree):
        if id(node) in told or not isinstance(getattr(node, "ctx", None), ast.Load):
            continue
        yield getattr(node, "id", "") or getattr(node, "attr", "")


def _not_looked_up(tree: ast.Module, looked_up: set[str]) -> Iterator[int]:
    """Yield the words of tables that nothing of families looks up: the reference of rules does."""
    for node in tree.body:
        name = getattr(node.target, "id", "") if isinstance(node, ast.AnnAssign) else ""
        if name.endswith("_WORDS") and name not in looked_up:
            yield from map(id, ast.walk(node))


def _for_writers(field: ast.Call) -> Iterator[ast.AST]:
    """Yield what a field says of itself: who writes rules reads it, in Japanese."""
    for keyword in field.keywords:
        if keyword.arg in {"description", "examples"}:
            yield keyword.value


#: A date that never changes, so that a file changes with its texts alone.
_BEGUN = datetime(2026, 11, 22, tzinfo=UTC)
_MATCHERS = {"compile", "fullmatch", "maketrans", "search", "listed", "pgettext", "removesuffix"}
#: Strings that the program compares with, and nobody reads.
_WORD_LISTS = {"_COMMON_WORDS", "_WEEKDAYS"}


def _of_templates() -> Iterator[tuple[str, str]]:
    for path, file in _ours("templates", {".html", ".txt"}):
        for _line, text, _comments, _context in extract_from_file(
            "jinja2", file, keywords={"_": None}, options={"newstyle_gettext": "true"}
        ):
            yield path, text if isinstance(text, str) else text[0]


def _of_presets() -> Iterator[tuple[str, str]]:
    """Yield what a nursery gets ready-made: words of the templates of rules, kinds of nurseries."""
    for path, file in _ours("portal/policies/templates", {".json"}):
        document = json.loads(file.read_text(encoding="utf-8"))
        for item in document.get("fee", {}).get("per_use", ()):
            yield path, item["label"]
        for block in document.get("units", {}).get("blocks", ()):
            yield path, block["label"]
        for text in document["texts"].values():
            yield path, text
    for kind in KINDS:
        yield "portal/facilities/rules.py", kind


def places_in(text: str) -> set[str]:
    """Return the names of what a text is filled with, of either kind of placeholder."""
    named = {match[0] if match[1] is None else match[1] for match in _PLACE.finditer(text)}
    try:
        braced = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    except ValueError:
        braced = set()
    return named | braced


def problems(file: Path, wanted: dict[str, list[str]] | None = None) -> list[str]:
    """Return everything wrong with a catalogue, one line each."""
    wanted = texts() if wanted is None else wanted
    catalogue = read(file)
    keys: dict[tuple[str | None, str], frozenset[str]] = {
        **{(None, text): frozenset() for text in wanted},
        **IN_CONTEXT,
        **MAY_BE_LEFT_OUT,
    }
    there = {(message.context, _key(message)): message for message in catalogue if message.id}
    found = [
        f"missing: {key[1]}"
        for key in keys
        if not _said(there.get(key)) and key not in MAY_BE_LEFT_OUT
    ]
    found += [f"obsolete: {key[1]}" for key in there if key not in keys]
    found += [f"unsure: {key[1]}" for key, message in there.items() if message.fuzzy]
    for key in keys.keys() & there.keys():
        allowed = places_in(key[1])
        for form in _said(there[key]):
            odd = places_in(form) - allowed - keys[key]
            lost = allowed - places_in(form) if key[0] is None else set()
            if odd or (lost and len(_said(there[key])) == 1):
                found.append(f"placeholders: {key[1]} -> {form}")
    return found + list(reading_problems(catalogue))


def reading_problems(catalogue: Catalog) -> Iterator[str]:
    """Yield each kanji without reading, in a catalogue that gives readings, and odd notation.

    Who reads kana alone stops at the one word that was forgotten.
    """
    forms = [form for message in catalogue if message.id for form in _said(message)]
    if not any(map(readings.noted, forms)):
        return
    for form in forms:
        for kanji in readings.unread(form):
            yield f"no reading: {kanji} in {form}"
        for mark in readings.odd_readings(form):
            yield f"odd reading: {mark} in {form}"


def readings_given(file: Path) -> int:
    """Return how many readings a catalogue gives."""
    forms = [form for message in read(file) if message.id for form in _said(message)]
    return sum(map(readings.count, forms))


def read(file: Path) -> Catalog:
    """Return a catalogue as it stands in its file."""
    with file.open("rb") as opened:
        return read_po(opened)


def _key(message: object) -> str:
    found = getattr(message, "id")  # noqa: B009 - Babel's own class has no types here
    return found if isinstance(found, str) else found[0]


def _said(message: object | None) -> list[str]:
    """Return the forms of a translation; none if a form is missing."""
    text = getattr(message, "string", "") if message is not None else ""
    forms = [text] if isinstance(text, str) else list(text)
    return forms if all(forms) else []


def update(file: Path, wanted: dict[str, list[str]]) -> None:
    """Write every text into a catalogue, keeping what is translated."""
    if not file.exists():
        file.write_text('msgid ""\nmsgstr ""\n', encoding="utf-8")
    old = read(file)
    said = {(message.context, _key(message)): message for message in old if message.id}
    new = Catalog(
        locale=old.locale or file.stem,
        project="portal",
        version="1",
        header_comment="# What families read, by its Japanese wording.",
        creation_date=_BEGUN,
        revision_date=_BEGUN,
        last_translator="the portal's maintainers",
        fuzzy=False,
    )
    if old.locale:
        new.mime_headers = [("Plural-Forms", old.plural_forms)]
    given = [key for key in MAY_BE_LEFT_OUT if _said(said.get(key))]
    for context, key in [*IN_CONTEXT, *given]:
        _put(new, context, key, [], said)
    for text, paths in sorted(wanted.items(), key=lambda one: (one[1][0], one[0])):
        _put(new, None, text, paths, said)
    with file.open("wb") as opened:
        write_po(opened, new, width=0, include_lineno=False, omit_header=False)


def _put(
    catalogue: Catalog,
    context: str | None,
    key: str,
    paths: list[str],
    said: Mapping[tuple[str | None, str], Message],
) -> None:
    before = said.get((context, key))
    identity = getattr(before, "id", key)
    catalogue.add(
        identity,
        getattr(before, "string", ""),
        locations=[(path, 0) for path in paths],
        context=context,
    )


def main() -> int:
    """Check or update every catalogue, or those whose codes are named."""
    what, *codes = sys.argv[1:] or ["check"]
    files = [CATALOGUES / f"{code}.po" for code in codes] or sorted(CATALOGUES.glob("*.po"))
    wanted = texts()
    is_wrong = False
    for file in files:
        if what == "update":
            update(file, wanted)
        found = problems(file, wanted)
        is_wrong = is_wrong or bool(found)
        texts_of_it = len(wanted) + len(IN_CONTEXT)
        given = readings_given(file)
        print(f"{file.name}: {texts_of_it} texts, {given} readings, {len(found)} problems")
        if what == "check":
            print("\n".join(found))
    return int(is_wrong and what == "check")


if __name__ == "__main__":
    sys.exit(main())

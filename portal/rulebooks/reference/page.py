"""The reference page: how to write a town's rules and the cases that try them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import get_origin

from portal.policies.document import RulesDocument
from portal.policies.variants import Variant
from portal.rulebooks.kinds import KINDS, Kind
from portal.rulebooks.reference.codes import fee_labels, notes, reason_codes, usual_codes
from portal.rulebooks.reference.tables import (
    models_of,
    note_of,
    section_of,
    shared_models,
    table_of,
)
from portal.rulebooks.reference.words_of_types import link
from portal.rulebooks.shapes import fields_of, models_in
from portal.rulebooks.trying.case_file import CaseFile

_HERE = resources.files("portal.rulebooks.reference")


@cache
def reference() -> str:
    """Return the page as Markdown: every field, an example of every kind, codes, cases."""
    return "\n\n".join(_parts()) + "\n"


def example_names() -> tuple[str, ...]:
    """Return the numbers of the kinds that have an example, in order."""
    files = _HERE.joinpath("examples").iterdir()
    found = [file.name.removesuffix(".toml") for file in files if file.name.startswith("G")]
    return tuple(sorted(found, key=lambda name: int(name[1:])))


def text_of(name: str) -> str:
    """Return a text or an example that comes with the page, by the name of its file."""
    return _HERE.joinpath(*name.split("/")).read_text(encoding="utf-8").strip()


def _parts() -> Iterator[str]:
    yield text_of("texts/beginning.md")
    yield "## きまりの種類\n\n" + _contents()
    shared = shared_models()
    yield "## 文書そのもの\n\n" + table_of(RulesDocument, ("format", "title", "texts", "variants"))
    for model in models_of(["texts"]):
        yield from section_of(model)
    for kind in KINDS:
        yield f"## {kind.number} {kind.title}"
        yield kind.words
        yield from _notes(kind)
        yield from _kind(kind, shared)
    yield "## 場合によって違うきまり（variants）"
    yield text_of("texts/variants.md")
    yield _example("variants")
    for model in models_of(["variants"]):
        if model not in shared or model is Variant:
            yield from section_of(model)
    yield "## いくつかの種類で使う部品"
    for model in shared:
        if model is not Variant:
            yield from section_of(model)
    yield "## よく使う符号"
    yield (
        "自分で決めた符号も使えます。事情（`marks`）、書類（`kinds`）、いっしょに選ぶこと（`options`）は、"
        "日本語の言葉のまま書けます。その言葉が、そのまま画面に出ます（"
        '`marks = ["3人目からのお子さん"]`）。'
        "ほかは、半角の小文字・数字・`_` で書き、名前は `label` に書きます。"
        "申し込みの方法だけは、このどれかです。"
    )
    yield usual_codes()
    yield "## 断る理由の符号"
    yield text_of("texts/codes.md")
    yield reason_codes()
    yield "### 断らないお知らせの符号（notes）\n\n" + notes()
    yield "### 料金の行の符号\n\n" + fee_labels()
    yield text_of("texts/cases.md")
    yield f"### ケースのファイルの例\n\nきまり：\n\n{_example('whole')}"
    yield f"ケース：\n\n{_example('whole.cases')}"
    yield "### ケースのファイルの欄"
    yield note_of(CaseFile)
    yield table_of(CaseFile)
    for model in models_of(list(fields_of(CaseFile)), CaseFile):
        yield from section_of(model)


def _contents() -> str:
    rows = ["| 種類 | 名前 | 書くところ |", "|---|---|---|"]
    for kind in KINDS:
        where = "、".join(f"`{field}`" for field in kind.fields) or "（文書の外か、ほかの種類の中）"
        rows.append(f"| {kind.number} | {kind.title} | {where} |")
    return "\n".join(rows)


def _notes(kind: Kind) -> Iterator[str]:
    """What a table cannot say of a kind, in Japanese; most kinds have nothing of it."""
    if _HERE.joinpath("texts", "notes", f"{kind.number}.md").is_file():
        yield text_of(f"texts/notes/{kind.number}.md")


def _kind(kind: Kind, shared: list[type]) -> Iterator[str]:
    if kind.fields:
        yield "\n".join(_where(field) for field in kind.fields)
    if kind.number in example_names():
        yield "例（そのまま1つの文書です）：\n\n" + _example(kind.number)
    for model in models_of(kind.fields):
        if model not in shared:
            yield from section_of(model)


def _where(field: str) -> str:
    """Where a part stands, and which of the tables below says what is in it."""
    info = fields_of(RulesDocument)[field]
    (model,) = models_in(info.annotation)
    is_list = get_origin(info.annotation) is tuple
    heading = f"[[{field}]]" if is_list else f"[{field}]"
    several = "（いくつでも）" if is_list else ""
    return f"- 書くところ：`{heading}`{several} → {link(model)}"


def _example(name: str) -> str:
    return f"```toml\n{text_of(f'examples/{name}.toml')}\n```"

"""Markdown that the portal writes itself, as parts of a page. HTML in it stays text, but ``<br>``.

Read by markdown-it (CommonMark with tables); tables become cards on a phone, and the lines of a
Japanese sentence are joined without a space.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape

_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿]")


@dataclass(frozen=True, slots=True)
class Part:
    """A second-level heading with what stands under it; the first has neither title nor id."""

    title: str
    id: str
    body: Markup


@dataclass(slots=True)
class _Section:
    title: str = ""
    id: str = ""
    tokens: list[Token] = field(default_factory=list)


def parts(text: str, *, without_foreign_quotes: bool = False) -> list[Part]:
    """Return a text by its second-level headings; its first-level heading is left out.

    Args:
        without_foreign_quotes: Leave out quotes without a Japanese letter: notes for programmers.
    """
    reader, used = _reader(), Counter[str]()
    sections = [_Section()]
    for block in _blocks(reader.parse(text)):
        first = block[0]
        if first.tag == "h1":
            continue
        if first.type == "heading_open":
            title = _words(block)
            name = _id(title, used)
            if first.tag == "h2":
                sections.append(_Section(title, name))
                continue
            first.attrSet("id", name)
            # The levels below come as each part needs them: on a page none may be left out.
            first.tag = block[-1].tag = "h3"
        elif first.type == "table_open":
            _as_cards(block)
        elif first.type == "blockquote_open" and without_foreign_quotes and not _is_japanese(block):
            continue
        sections[-1].tokens += block
    return [Part(each.title, each.id, _drawn(reader, each.tokens)) for each in sections]


def _drawn(reader: MarkdownIt, tokens: Sequence[Token]) -> Markup:
    html = reader.renderer.render(tokens, reader.options, {})
    return Markup(html)  # noqa: S704 # nosec B704 - the reader escapes all that is not its own


@cache
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark").enable("table")
    for rule, draw in (
        ("html_inline", _html),
        ("html_block", _html),
        ("softbreak", _line_end),
        ("fence", _code),
        ("td_open", _cell_begins),
        ("td_close", _cell_ends),
    ):
        reader.add_render_rule(rule, draw)
    return reader


def _blocks(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield what stands on the first level, each with all that is inside."""
    block: list[Token] = []
    for token in tokens:
        block.append(token)
        if token.level == 0 and token.nesting != 1:
            yield block
            block = []


def _words(block: Sequence[Token]) -> str:
    inside = [child for token in block for child in token.children or ()]
    return "".join(child.content for child in inside)


def _is_japanese(block: Sequence[Token]) -> bool:
    return any(_JAPANESE.search(token.content) for token in block)


def _as_cards(block: Sequence[Token]) -> None:
    """Let each row be named by its first cell, and each other cell by the head of its column."""
    block[0].attrSet("class", "table table--cards")
    heads: list[str] = []
    column = 0
    for before, token in itertools.pairwise(block):
        if before.type == "th_open":
            before.attrSet("scope", "col")
            heads.append(token.content)
        elif token.type == "tr_open":
            column = 0
        elif before.type == "td_open":
            if column == 0:
                before.attrSet("scope", "row")
            else:
                before.attrSet("data-label", heads[column])
            column += 1
        elif token.type == "td_close":
            token.meta["is_name"] = column == 1


def _html(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: object
) -> str:
    del self, options, env
    said = tokens[at].content
    return "<br>" if said == "<br>" else str(escape(said))


def _line_end(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: object
) -> str:
    """Join two lines; no space stands beside a Japanese letter."""
    del self, options, env
    before = tokens[at - 1].content if at else ""
    after = tokens[at + 1].content if at + 1 < len(tokens) else ""
    return " " if before[-1:].isascii() and after[:1].isascii() else ""


def _code(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: object
) -> str:
    del self, options, env
    return f'<pre class="source"><code>{escape(tokens[at].content.rstrip())}</code></pre>\n'


def _cell_begins(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: object
) -> str:
    del options, env
    cell = tokens[at]
    attributes = self.renderAttrs(cell)
    return f"<th{attributes}>" if cell.attrGet("scope") else f"<td{attributes}><div>"


def _cell_ends(
    self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: object
) -> str:
    del self, options, env
    return "</th>\n" if tokens[at].meta.get("is_name") else "</div></td>\n"


def _id(title: str, used: Counter[str]) -> str:
    """Return the name by which links find a heading, as on GitHub."""
    name = re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
    used[name] += 1
    return name if used[name] == 1 else f"{name}-{used[name] - 1}"

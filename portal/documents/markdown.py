"""The little Markdown that the portal writes itself, as parts of a page. Nothing is taken as HTML.

Headings, paragraphs, lists, quotes, tables and code; in a line code, bold, links and ``<br>``.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_INLINE = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)|<br>")
_SAFE_TARGET = re.compile(r"#|https?://|/(?!/)")
_CELLS = re.compile(r"(?<!\\)\|")
_JAPANESE = re.compile(r"[぀-ヿ㐀-鿿]")
_ITEM = re.compile(r"(- |\d+\. )(.*)")


@dataclass(frozen=True, slots=True)
class Part:
    """A second-level heading with what stands under it; the first has neither title nor id."""

    title: str
    id: str
    body: Markup


def parts(text: str, *, without_foreign_quotes: bool = False) -> list[Part]:
    """Return a text by its second-level headings; its first-level heading is left out.

    Args:
        without_foreign_quotes: Leave out quotes without a Japanese letter: notes for programmers.
    """
    used: Counter[str] = Counter()
    found: list[tuple[str, str, list[Markup]]] = [("", "", [])]
    for block in _blocks(text.split("\n")):
        first = block[0]
        if first.startswith("# "):
            continue
        if first.startswith("## "):
            title = first[3:].strip()
            found.append((title, _id(title, used), []))
        elif not (without_foreign_quotes and first[0] == ">" and not _is_japanese(block)):
            found[-1][2].append(_block(block, used))
    return [Part(title, name, Markup("\n").join(body)) for title, name, body in found]


def _is_japanese(block: Sequence[str]) -> bool:
    return any(_JAPANESE.search(line) for line in block)


def _blocks(lines: Sequence[str]) -> Iterator[list[str]]:
    """Yield the lines that belong together; code keeps its empty lines."""
    block: list[str] = []
    is_code = False
    for line in lines:
        if line.startswith("```"):
            if not is_code and block:
                yield block
                block = []
            block.append(line)
            if is_code:
                yield block
                block = []
            is_code = not is_code
        elif is_code or (line.strip() and not (block and _is_other(block[-1], line))):
            block.append(line)
        else:
            if block:
                yield block
            block = [line] if line.strip() else []
    if block:
        yield block


def _is_other(before: str, line: str) -> bool:
    """Say whether a line begins something else than the line before it."""
    if before.startswith("#") or line.startswith("#"):
        return True
    return any((before[:1] == mark) is not (line[:1] == mark) for mark in "|>")


def _block(block: Sequence[str], used: Counter[str]) -> Markup:
    first = block[0]
    if first.startswith("```"):
        code = "\n".join(block[1:-1])
        return Markup('<pre class="source"><code>{}</code></pre>').format(code)
    if first.startswith("#"):
        marks, _space, title = first.partition(" ")
        # The level above stands for the page's own sections.
        level = min(len(marks), 4)
        name = _id(title, used)
        return Markup("<h{0} id='{1}'>{2}</h{0}>").format(level, name, _inline(title))
    if first.startswith("|"):
        return _table(block)
    if first.startswith(">"):
        words = " ".join(line[1:].strip() for line in block)
        return Markup("<blockquote><p>{}</p></blockquote>").format(_inline(words))
    if match := _ITEM.match(first):
        return _list(block, is_numbered=match[1] != "- ")
    return Markup("<p>{}</p>").format(_inline(_joined(block)))


def _list(block: Sequence[str], *, is_numbered: bool) -> Markup:
    items: list[list[str]] = []
    for line in block:
        if match := _ITEM.match(line):
            items.append([match[2]])
        else:
            items[-1].append(line)
    said = Markup("").join(Markup("<li>{}</li>").format(_inline(_joined(each))) for each in items)
    return Markup("<{0}>{1}</{0}>").format("ol" if is_numbered else "ul", said)


def _table(block: Sequence[str]) -> Markup:
    heads, _rule, *rows = [[cell.strip() for cell in _CELLS.split(line)[1:-1]] for line in block]
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(_inline(h)) for h in heads)
    body = Markup("").join(_row(heads, row) for row in rows)
    return Markup(
        '<table class="table table--cards"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
    ).format(head, body)


def _row(heads: Sequence[str], row: Sequence[str]) -> Markup:
    name, *rest = row
    cells = Markup("").join(
        Markup('<td data-label="{}"><div>{}</div></td>').format(head, _inline(cell))
        for head, cell in zip(heads[1:], rest, strict=True)
    )
    return Markup('<tr><th scope="row">{}</th>{}</tr>').format(_inline(name), cells)


def _joined(lines: Sequence[str]) -> str:
    """Join lines; no space stands between two Japanese letters."""
    said = ""
    for line in lines:
        words = line.strip()
        is_word = bool(said) and said[-1].isascii() and words[:1].isascii()
        said += (" " if is_word else "") + words
    return said


def _inline(words: str) -> Markup:
    said, end = Markup(""), 0
    plain = words.replace("\\|", "|")
    for match in _INLINE.finditer(plain):
        said += escape(plain[end : match.start()])
        said += _marked(match)
        end = match.end()
    return said + escape(plain[end:])


def _marked(match: re.Match[str]) -> Markup:
    code, strong, label, target = match.groups()
    if code is not None:
        return Markup("<code>{}</code>").format(code)
    if strong is not None:
        return Markup("<strong>{}</strong>").format(_inline(strong))
    if label is None:
        return Markup("<br>")
    if not _SAFE_TARGET.match(target):
        return escape(label)
    return Markup('<a href="{}">{}</a>').format(target, label)


def _id(title: str, used: Counter[str]) -> str:
    """Return the name by which links find a heading, as on GitHub."""
    name = re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")
    used[name] += 1
    return name if used[name] == 1 else f"{name}-{used[name] - 1}"

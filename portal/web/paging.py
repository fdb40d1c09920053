"""A long list in pages, each with its own address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import request

_T = TypeVar("_T")


def paged(
    rows: Sequence[_T], size: int, href: Callable[[int], str]
) -> tuple[Sequence[_T], list[dict[str, Any]]]:
    """Return the rows of the page asked for by ``?page=``, and the links to all pages.

    Beyond the last page stands the last.
    """
    count = max(1, -(-len(rows) // size))
    number = min(max(request.args.get("page", 1, type=int), 1), count)
    pages = [
        {"label": str(each), "href": href(each), "current": each == number}
        for each in range(1, count + 1)
    ]
    return rows[(number - 1) * size : number * size], pages

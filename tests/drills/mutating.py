"""Small mistakes put into rules, one at a time: what a test of them must notice.

A mutant changes one operator, number or truth value in a function, or the default of a field.
Left alone is what is no behaviour: words, descriptions, types, imports, and the limits of what can
be written (``ge``, ``le``), which keep nonsense out but decide nothing.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
#: Arguments of ``Field`` that decide nothing.
_OF_WORDS = frozenset(
    {"description", "examples", "ge", "gt", "le", "lt", "min_length", "max_length", "pattern",
     "decimal_places", "alias", "discriminator", "max_digits", "title"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one file."""

    path: Path
    line: int
    text: str
    was: str
    written: str
    #: Which of the file's places it changes, and in which way.
    place: int
    variant: int

    @property
    def name(self) -> str:
        """What stays the same when lines are added above: file, its line, old and new text."""
        return f"{self.path.name}: {self.text} | {self.was} → {self.written}"

    @property
    def key(self) -> str:
        """What tells it from every other mutant of the same code, also on lines that read alike."""
        return f"{self.path.name}:{self.place}:{self.variant}"

    def tree(self) -> ast.Module:
        """Return the file with the mistake in it, its lines numbered as they were."""
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        _change(list(_behaviour(tree))[self.place], self.variant)
        return ast.fix_missing_locations(tree)

    def source(self) -> str:
        """Return the file with the mistake in it, comments and layout apart."""
        return ast.unparse(self.tree()) + "\n"


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a file, in the order of its lines."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    for place, node in enumerate(_behaviour(ast.parse(source))):
        was, line = ast.unparse(node), getattr(node, "lineno", 1)
        for variant in range(_changes(node)):
            changed = copy.deepcopy(node)
            _change(changed, variant)
            written = ast.unparse(changed)
            if was != written:
                text = lines[line - 1].strip()
                yield Mutant(path, line, text, was, written, place, variant)


def _behaviour(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes in which a mistake would be one of behaviour, parents first."""
    for name, value in ast.iter_fields(node):
        if name in {"decorator_list", "annotation", "returns", "bases"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_words(node, child):
                if _changes(child):
                    yield child
                yield from _behaviour(child)


def _is_words(parent: ast.AST, child: ast.AST) -> bool:
    if _is_a_type(child) or isinstance(parent, ast.Subscript):
        return True
    if isinstance(child, ast.Import | ast.ImportFrom | ast.JoinedStr | ast.Raise):
        return True
    if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
        return True  # a docstring
    if isinstance(child, ast.keyword) and child.arg in _OF_WORDS:
        return True
    if isinstance(child, ast.Assign) and isinstance(child.targets[0], ast.Name):
        return child.targets[0].id in {"__all__", "model_config"}
    is_named = isinstance(child, ast.AnnAssign) and isinstance(child.target, ast.Name)
    return is_named and isinstance(parent, ast.Module) and child.target.id.endswith("_WORDS")  # type: ignore[attr-defined]


def _is_a_type(node: ast.AST) -> bool:
    """``A | None`` outside annotations: in ``isinstance`` and in names of types."""
    return (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.BitOr)
        and all(
            _is_a_type(side)
            or (isinstance(side, ast.Name) and side.id[:1].isupper() and not side.id.isupper())
            or (isinstance(side, ast.Constant) and side.value is None)
            for side in (node.left, node.right)
        )
    )


def _changes(node: ast.AST) -> int:
    """Return how many ways there are to get this node wrong."""
    if isinstance(node, ast.Compare):
        return sum(type(op) in _COMPARISONS for op in node.ops)
    if isinstance(node, ast.BinOp):
        return int(type(node.op) in _ARITHMETIC)
    if isinstance(node, ast.Constant):
        return int(isinstance(node.value, bool | int))
    is_not = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    return int(is_not or isinstance(node, ast.BoolOp))


def _change(node: ast.AST, variant: int) -> None:
    if isinstance(node, ast.Compare):
        places = [n for n, op in enumerate(node.ops) if type(op) in _COMPARISONS]
        place = places[variant]
        node.ops[place] = _COMPARISONS[type(node.ops[place])]()
    elif isinstance(node, ast.BinOp):
        node.op = _ARITHMETIC[type(node.op)]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool | int):
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
    elif isinstance(node, ast.UnaryOp):  # said twice, it is as if "not" were missing
        node.operand = ast.UnaryOp(ast.Not(), node.operand)

"""The ``portal`` command (also ``python -m portal``): finds the word, loads its module, runs it.

Each module ``portal/commands/<word>.py`` has ``add_to(subparsers)``, which adds the word's parser
and ends with ``parser.set_defaults(run=...)``; ``run(args)`` returns the exit code. Only the module
asked for is imported, so ``portal doctor`` starts on a machine where everything else is missing.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from typing import cast

#: Every word, in the order of the help, with its line there.
COMMANDS: dict[str, str] = {
    "demo": "架空のデータで、すべてを一度に動かします",
    "serve": "ポータルのウェブサーバーを動かします",
    "worker": "メールなどの仕事をするワーカーを動かします",
    "doctor": "このコンピューターに足りないものを調べます",
    "db": "データベース: migrate, backup, restore, shell, roles, stop",
    "facilities": "施設の一覧: import, export, give",
    "rules": "きまり: try, check, explain, reference, schema（データベースは要りません）",
    "users": "利用者: add, reset-second-factor",
    "bench": "速さを測ります: rush, burst, steady, calendar, search, office, start, memory, all",
}


def _parser(asked: str | None) -> argparse.ArgumentParser:
    """Return the parser; only the word asked for is loaded, the others stand for the help."""
    parser = argparse.ArgumentParser(prog="portal", description="一時預かりポータル")
    words = parser.add_subparsers(title="コマンド", metavar="コマンド", required=True)
    for word, line in COMMANDS.items():
        if word == asked:
            importlib.import_module(f"portal.commands.{word}").add_to(words)
        else:
            words.add_parser(word, help=line, add_help=False)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The words after ``portal``; those of the process by default.

    Returns:
        The exit code: that of the command, 1 when its module cannot be loaded, 130 after Ctrl-C.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    asked = words[0] if words and words[0] in COMMANDS else None
    try:
        parser = _parser(asked)
    except ImportError as error:
        print(
            f"「portal {asked}」を読み込めませんでした: {error}\n"
            "「make setup」を実行してから、もう一度お試しください。"
            "足りないものは「portal doctor」で分かります。",
            file=sys.stderr,
        )
        return 1
    args = parser.parse_args(words)
    run = cast("Callable[[argparse.Namespace], int]", args.run)
    try:
        return run(args)
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from portal.commands.failures import sentence_for

        said = sentence_for(error)
        if said is None:
            raise
        print(said, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())

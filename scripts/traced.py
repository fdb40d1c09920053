"""Print a line per requirement id: how many test functions proved it in the last ``make test``."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def lines(ids: list[str], proved: dict[str, list[str]]) -> list[str]:
    """Return ``R13 3`` for each id in order, 0 for one that nothing proved."""
    functions = Counter(name for names in proved.values() for name in names)
    return [f"{name} {functions[name]}" for name in ids]


def main() -> int:
    """Read the result named on the command line; a missing one counts as nothing proved."""
    result = ROOT / sys.argv[1]
    ids = (ROOT / "tests" / "traced_ids.txt").read_text(encoding="utf-8").split()
    proved: dict[str, list[str]] = {}
    if result.exists():
        proved = json.loads(result.read_text(encoding="utf-8"))
    else:
        print("No result: `make test` has not run to its end.", file=sys.stderr)
    print("\n".join(lines(ids, proved)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

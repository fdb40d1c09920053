"""Copy the named files of the npm packages into ``static/vendor``, with their licences and hashes.

Run by ``make vendor`` after ``npm ci``. The copies are committed: nobody needs npm to run the
portal. ``vendor.lock.json`` lets a test see a copy that was edited.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
#: npm package -> the files that the portal serves, licence included.
WANTED = {"@digital-go-jp/design-tokens": ("dist/tokens.css", "LICENSE")}


def main() -> int:
    """Copy everything anew; versions that are no longer wanted disappear."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    files: dict[str, dict[str, str]] = {}
    for package, names in WANTED.items():
        about = json.loads((MODULES / package / "package.json").read_text(encoding="utf-8"))
        goal = VENDOR / f"{package.rpartition('/')[2]}-{about['version']}"
        goal.mkdir(parents=True)
        for name in names:
            copy = goal / Path(name).name
            shutil.copyfile(MODULES / package / name, copy)
            files[copy.relative_to(VENDOR).as_posix()] = {
                "package": f"{package} {about['version']}",
                "licence": about["license"],
                "sha256": hashlib.sha256(copy.read_bytes()).hexdigest(),
            }
    lock = VENDOR / "vendor.lock.json"
    lock.write_text(json.dumps(files, indent=2) + "\n", encoding="utf-8")
    print(f"{len(files)} files in {VENDOR.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Promises about every file of the project, those of tomorrow included."""

from __future__ import annotations

import ast
import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 400
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
TOP_LEVEL = {
    *("portal", "migrations", "templates", "static", "tests", "docs", "scripts", "policies"),
    *("pyproject.toml", "wsgi.py", "Makefile", "README.md", "CHANGELOG.md", "CONTRIBUTING.md"),
    *("SECURITY.md", "LICENSE", "requirements.lock", "requirements-dev.lock"),
    *("package.json", "package-lock.json"),
}
#: Places that exist on every machine: naming one names no particular machine.
SHARED_PARENTS = {"/", "/root", "/tmp", "/home", "/srv", "/opt", "/var", "/usr/src"}  # noqa: S108 - compared
UNFINISHED = re.compile(r"raise NotImplementedError|\b(?:TODO|FIXME|XXX)\b|(?i:lorem ipsum)")


def project_files() -> list[Path]:
    """What is committed or about to be: ignored files are not the project's."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [file for file in files if file.is_file()]


FILES = project_files()
PYTHON = [file for file in FILES if file.suffix == ".py"]
PORTAL = [file for file in PYTHON if file.is_relative_to(ROOT / "portal")]


def text_of(file: Path) -> str:
    """The file's text, empty for a picture or a CP932 list."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def named(files: list[Path]) -> list[str]:
    return sorted(str(file.relative_to(ROOT)) for file in files)


def test_the_lists_are_not_empty() -> None:
    assert len(PORTAL) > 10
    assert ROOT / "pyproject.toml" in FILES


def test_no_python_file_is_longer_than_400_lines() -> None:
    assert named([file for file in PYTHON if len(text_of(file).splitlines()) > LONGEST]) == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert named([file for file in PYTHON if file.stem in VAGUE_NAMES]) == []


def test_the_top_level_holds_only_what_the_architecture_names() -> None:
    tops = {file.relative_to(ROOT).parts[0] for file in FILES}
    assert {top for top in tops if not top.startswith(".")} <= TOP_LEVEL


def test_each_folder_of_the_portal_is_a_package() -> None:
    folders = {file.parent for file in PORTAL}
    assert named([folder for folder in folders if not (folder / "__init__.py").exists()]) == []


@pytest.mark.parametrize("file", [file for file in PORTAL if file.name == "__init__.py"], ids=str)
def test_a_package_says_what_it_is_and_holds_no_code(file: Path) -> None:
    tree = ast.parse(text_of(file))
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1


def test_only_db_commits() -> None:
    """``TID251`` sees ``Session.commit`` by its name only; here any ``….commit()`` counts."""
    committing = []
    for file in PORTAL:
        if file.is_relative_to(ROOT / "portal" / "db"):
            continue
        committing += [
            f"{file.relative_to(ROOT)}:{node.lineno}"
            for node in ast.walk(ast.parse(text_of(file)))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "commit"
        ]
    assert committing == []


def test_nothing_is_left_unfinished() -> None:
    shipped = [file for file in FILES if file.relative_to(ROOT).parts[0] in ("portal", "templates")]
    assert named([file for file in shipped if UNFINISHED.search(text_of(file))]) == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    places = [str(ROOT)]
    places += [f"{p}/" for p in (ROOT.parent, Path.home()) if str(p) not in SHARED_PARENTS]
    own = [file for file in FILES if file != Path(__file__) and "vendor" not in file.parts]
    texts = {file: text_of(file) for file in own}
    assert named([file for file in own if any(place in texts[file] for place in places)]) == []


def test_vendored_files_are_what_their_packages_hold() -> None:
    vendor = ROOT / "static" / "vendor"
    lock = json.loads((vendor / "vendor.lock.json").read_text(encoding="utf-8"))
    found = {
        file.relative_to(vendor).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in vendor.rglob("*")
        if file.is_file() and file.name != "vendor.lock.json"
    }
    assert found == {name: entry["sha256"] for name, entry in lock.items()}

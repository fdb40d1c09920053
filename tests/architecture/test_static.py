"""What no source file does: each rule is shown to bite on a sample of its own."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PORTAL = sorted((ROOT / "portal").rglob("*.py"))
SHIPPED = [*PORTAL, *sorted((ROOT / "migrations").rglob("*.py")), ROOT / "wsgi.py"]
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))
#: The only module that may hand HTML to WeasyPrint: its fetcher gives our fonts and nothing else.
PRESS = ROOT / "portal" / "documents" / "pdf.py"

Check = Callable[[ast.AST, Path], str | None]


def _called(node: ast.AST) -> str:
    """Return the dotted name of what is called, or nothing."""
    if not isinstance(node, ast.Call):
        return ""
    parts: list[str] = []
    at: ast.AST = node.func
    while isinstance(at, ast.Attribute):
        parts.append(at.attr)
        at = at.value
    parts.append(at.id if isinstance(at, ast.Name) else "")
    return ".".join(reversed(parts)).strip(".")


def _is_built(node: ast.AST) -> bool:
    """Say whether a text is put together from pieces that a person may have typed."""
    if isinstance(node, ast.JoinedStr):
        return any(
            isinstance(part, ast.FormattedValue) and not _is_constant_name(part.value)
            for part in node.values
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return not (_is_fixed(node.left) and _is_fixed(node.right))
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (node.func.attr == "format" and isinstance(node.func.value, ast.Constant))
    )


def _is_fixed(node: ast.AST) -> bool:
    if isinstance(node, ast.JoinedStr):
        return not _is_built(node)
    if isinstance(node, ast.BinOp):
        return not _is_built(node)
    return isinstance(node, ast.Constant) or _is_constant_name(node)


def _is_constant_name(node: ast.AST) -> bool:
    """Say whether this is a constant of a module: its name is in capitals."""
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return bool(re.fullmatch(r"_*[A-Z][A-Z0-9_]*", name))


TAKE_SQL = frozenset(
    {
        *("Statement", "text", "SQL", "literal_column"),
        *("exec_driver_sql", "execute", "executemany"),
    }
)


def built_sql(node: ast.AST, file: Path) -> str | None:
    if file.is_relative_to(ROOT / "migrations"):
        return None  # put together from the revision's own constants; no data comes in
    takes_sql = _called(node).rpartition(".")[2] in TAKE_SQL
    if isinstance(node, ast.Call) and takes_sql and node.args and _is_built(node.args[0]):
        return "SQL put together from values; bind them"
    return None


def markup_of_data(node: ast.AST, file: Path) -> str | None:
    del file
    if _called(node).rpartition(".")[2] == "Markup":
        return "Markup() tells Jinja not to escape"
    return None


def template_of_data(node: ast.AST, file: Path) -> str | None:
    del file
    if _called(node).rpartition(".")[2] in {"render_template_string", "from_string"}:
        return "a template that may hold what somebody typed"
    return None


RUNS = frozenset({"eval", "exec", "compile", "__import__"})
LOADS = frozenset({"pickle", "marshal", "shelve", "dill", "yaml"})


def runs_data(node: ast.AST, file: Path) -> str | None:
    del file
    if _called(node) in RUNS:
        return "runs a text"
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
    if any(name.split(".")[0] in LOADS for name in names):
        return "a format that runs what it loads"
    return None


def shell(node: ast.AST, file: Path) -> str | None:
    del file
    if _called(node) in {"os.system", "os.popen", "subprocess.getoutput"}:
        return "a shell"
    if isinstance(node, ast.Call) and any(
        keyword.arg == "shell"
        and not (isinstance(keyword.value, ast.Constant) and not keyword.value.value)
        for keyword in node.keywords
    ):
        return "a shell"
    return None


FETCHERS = frozenset(
    {"requests", "httpx", "aiohttp", "urllib3", "urllib.request", "http.client", "ftplib"}
)


def fetches(node: ast.AST, file: Path) -> str | None:
    del file
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    if isinstance(node, ast.ImportFrom):
        names += [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
    if FETCHERS & set(names):
        return "fetches an address; the portal asks no other server"
    return None


def open_redirect(node: ast.AST, file: Path) -> str | None:
    del file
    if not isinstance(node, ast.Call) or _called(node).rpartition(".")[2] not in {
        "redirect",
        "see_other",
    }:
        return None
    for argument in node.args:
        for part in ast.walk(argument):
            if (
                isinstance(part, ast.Attribute)
                and isinstance(part.value, ast.Name)
                and (
                    part.value.id == "request"
                    and part.attr
                    in {"args", "form", "values", "referrer", "headers", "cookies", "host_url"}
                )
            ):
                return "leads where the request says; use accounts.rules.local_path"
    return None


def pdf_elsewhere(node: ast.AST, file: Path) -> str | None:
    if file == PRESS:
        return None
    if isinstance(node, ast.Import | ast.ImportFrom) and "weasyprint" in ast.unparse(node):
        return "WeasyPrint outside documents/pdf.py"
    if _called(node).rpartition(".")[2] in {"HTML", "write_pdf"}:
        return "WeasyPrint outside documents/pdf.py"
    return None


def plain_xml(node: ast.AST, file: Path) -> str | None:
    del file
    if isinstance(node, ast.Import | ast.ImportFrom) and re.search(
        r"\b(xml\.(etree|sax|dom)|lxml)\b", ast.unparse(node)
    ):
        only_its_error = isinstance(node, ast.ImportFrom) and {
            alias.name for alias in node.names
        } == {"ParseError"}
        if not only_its_error:
            return "an XML parser that expands entities; use defusedxml"
    return None


#: Each rule with what it must find and what it must leave alone.
RULES: dict[Check, tuple[tuple[str, ...], tuple[str, ...]]] = {
    built_sql: (
        (
            'session.execute(text(f"SELECT {name}"))',
            'session.execute("SELECT " + name)',
            'connection.exec_driver_sql("SELECT %s" % name)',
            'text("SELECT {}".format(name))',
            'Statement(f"SELECT {name}")',
            'session.execute(text(f"SELECT {_COLUMNS} WHERE x = {name}"))',
        ),
        (
            'session.execute(text("SELECT :name"), {"name": name})',
            'text(f"SELECT {_COLUMNS} FROM t")',
            'text(_A + "WHERE x")',
        ),
    ),
    markup_of_data: (("Markup(name)", "markupsafe.Markup(f'<b>{name}</b>')"), ("markup(name)",)),
    template_of_data: (
        ("render_template_string(text)", "env.from_string(text)"),
        ('render_template("a.html")',),
    ),
    runs_data: (
        ("eval(text)", "exec(text)", "import pickle", "from yaml import load", "import yaml"),
        ("re.compile(x)", "session.exec", "import json"),
    ),
    shell: (
        ("os.system(x)", "subprocess.run(x, shell=True)", "subprocess.run(x, shell=y)"),
        ("subprocess.run([x])", "subprocess.run([x], shell=False)"),
    ),
    fetches: (
        ("import requests", "from urllib.request import urlopen", "from urllib import request"),
        ("from urllib.parse import urlsplit", "from flask import request"),
    ),
    open_redirect: (
        (
            'redirect(request.args["next"])',
            "redirect(request.referrer or '/', 303)",
            'see_other(session, request.form.get("to"))',
        ),
        ('redirect(url_for("x"))', "redirect(local_path(wanted))"),
    ),
    pdf_elsewhere: (
        ("import weasyprint", "weasyprint.HTML(string=x)", "document.write_pdf()"),
        ("pdf_bytes(html)",),
    ),
    plain_xml: (
        ("import xml.etree.ElementTree", "from xml.sax import parse", "from lxml import etree"),
        ("from defusedxml import ElementTree", "from xml.etree.ElementTree import ParseError"),
    ),
}
#: In templates: what is printed as it stands, and what a page runs.
TEMPLATE_RULES = {
    # What passes _() counts as the portal's own words and is not escaped: |translated is.
    "data as a text of ours": (
        re.compile(r"\b_\(\s*[^\"'\s)]"),
        ("{{ _(person.relation) }}", "{{ _( name) }}"),
        ('{{ _("名前") }}', '{{ _("%(n)s", n=name) }}', "{{ name|translated }}"),
    ),
    "|safe": (
        re.compile(r"\|\s*safe\b|\bMarkup\s*\("),
        ("{{ name|safe }}", "{{ name | safe }}"),
        ("{{ name }}", "unsafe"),
    ),
    "autoescape off": (
        re.compile(r"\{%-?\s*autoescape\s+false"),
        ("{% autoescape false %}",),
        ("{% autoescape true %}",),
    ),
    "unquoted attribute": (
        re.compile(r"<[a-z][^<>]*\s[a-z-]+=\{\{"),
        ("<a href={{ url }}>",),
        ('<a href="{{ url }}">',),
    ),
    "script in an address": (
        re.compile(r"(?:href|src|action)=\"javascript:", re.IGNORECASE),
        ('<a href="javascript:x()">',),
        ('<a href="/javascript">',),
    ),
    "handler in the page": (
        re.compile(r"<[a-z][^<>]*\son[a-z]+="),
        ('<a onclick="x()">',),
        ('<a data-on="x">',),
    ),
}


#: Where a rule does not hold, and why it need not.
EXCEPTIONS: dict[tuple[str, Check], str] = {
    ("portal/documents/readings.py", markup_of_data): "our own words; the values are escaped",
    ("portal/documents/markdown.py", markup_of_data): "what the reader drew, escaped there",
    ("portal/documents/templating.py", markup_of_data): "our own words; the values are escaped",
    ("portal/selfservice/public_cache.py", markup_of_data): "what a template made, escaped there",
    ("portal/commands/demo.py", fetches): "asks its own server on loopback whether it is up",
    (
        "portal/commands/measuring/machine.py",
        fetches,
    ): "asks its own server on loopback whether it is up",
}


def found_in(source: str, file: Path, rule: Check) -> Iterator[str]:
    if (file.relative_to(ROOT).as_posix(), rule) in EXCEPTIONS:
        return
    for node in ast.walk(ast.parse(source)):
        complaint = rule(node, file)
        if complaint is not None:
            yield f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}: {complaint}"


@pytest.mark.proves("P15")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_no_file_breaks_the_rule(rule: Check) -> None:
    found = [
        line for file in SHIPPED for line in found_in(file.read_text(encoding="utf-8"), file, rule)
    ]
    assert found == []


@pytest.mark.proves("P15")
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_rule_finds_what_it_is_for_and_leaves_the_rest(rule: Check) -> None:
    bad, good = RULES[rule]
    somewhere = ROOT / "portal" / "sample.py"
    assert [sample for sample in bad if not list(found_in(sample, somewhere, rule))] == []
    assert [sample for sample in good if list(found_in(sample, somewhere, rule))] == []


@pytest.mark.proves("P15")
@pytest.mark.parametrize("name", TEMPLATE_RULES)
def test_no_template_breaks_the_rule(name: str) -> None:
    pattern, bad, good = TEMPLATE_RULES[name]
    assert len(TEMPLATES) > 50
    assert [sample for sample in bad if not pattern.search(sample)] == []
    assert [sample for sample in good if pattern.search(sample)] == []
    found = [
        f"{file.relative_to(ROOT)}: {match.group()}"
        for file in TEMPLATES
        for match in pattern.finditer(file.read_text(encoding="utf-8"))
    ]
    assert found == []


def bandit(*paths: str) -> list[str]:
    """Return bandit's findings of medium severity and above."""
    run = subprocess.run(
        [sys.executable, "-m", "bandit", "-q", "-r", "-ll", "-f", "json", *paths],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    report = json.loads(run.stdout)
    assert report["errors"] == []
    assert report["metrics"]["_totals"]["loc"] > 0
    return [
        f"{r['filename']}:{r['line_number']}: {r['test_id']} {r['issue_text']}"
        for r in report["results"]
    ]


@pytest.mark.proves("P15")
def test_bandit_finds_nothing_of_medium_weight() -> None:
    assert bandit("portal", "scripts", "wsgi.py") == []
    # Statements of a revision are put together from its own constants; no data comes in.
    assert bandit("migrations", "--skip", "B608") == []


@pytest.mark.proves("P15")
def test_each_exception_is_still_needed() -> None:
    for (name, rule), reason in EXCEPTIONS.items():
        assert len(reason) > 10
        file = ROOT / name
        nodes = ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        assert any(rule(node, file) for node in nodes), name


@pytest.mark.proves("P15")
def test_bandit_is_awake(tmp_path: Path) -> None:
    sample = tmp_path / "sample.py"
    sample.write_text("import pickle\n\npickle.loads(b'')\neval(input())\n", encoding="utf-8")
    assert len(bandit(str(sample))) >= 2


@pytest.mark.proves("P15")
def test_each_exception_from_bandit_has_its_reason_on_the_line() -> None:
    silent = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in [*SHIPPED, *sorted((ROOT / "scripts").rglob("*.py"))]
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if "nosec" in line and not re.search(r"#\s*nosec B\d{3} - \w.{5,}", line)
    ]
    assert silent == []

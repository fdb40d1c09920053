"""Promises about every template: what it names is there, also where no test has come by."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from jinja2 import Environment, nodes

from portal.app import create_app
from portal.config import Secrets, Settings


@pytest.fixture(scope="module")
def portal() -> Flask:
    return create_app(Settings(database_url="unused", secrets=Secrets.fresh()))


def unknown(env: Environment, name: str, source: str) -> Iterator[str]:
    """Yield filters, tests and macros that a template uses and nobody defines.

    Jinja itself finds a filter within an ``if`` missing only when a page gets there.
    """
    tree = env.parse(source, name)
    for used in tree.find_all(nodes.Filter):
        if used.name not in env.filters:
            yield f"{name}: no filter {used.name}"
    for asked in tree.find_all(nodes.Test):
        if asked.name not in env.tests:
            yield f"{name}: no test {asked.name}"
    for taken in tree.find_all(nodes.FromImport):
        if isinstance(taken.template, nodes.Const):
            there = set(macros(env, taken.template.value))
            wanted = {each if isinstance(each, str) else each[0] for each in taken.names}
            for missing in sorted(wanted - there):
                yield f"{name}: no macro {missing} in {taken.template.value}"


def macros(env: Environment, name: str) -> Iterator[str]:
    assert env.loader is not None
    tree = env.parse(env.loader.get_source(env, name)[0])
    yield from (macro.name for macro in tree.find_all(nodes.Macro))


def test_what_a_template_names_is_there(portal: Flask) -> None:
    env = portal.jinja_env
    assert env.loader is not None
    problems = [
        problem
        for name in env.list_templates()
        for problem in unknown(env, name, env.loader.get_source(env, name)[0])
    ]
    assert problems == []


def test_what_is_missing_is_found(portal: Flask) -> None:
    source = (
        '{% from "layout/parts.html" import chip, nobody %}'
        "{% if late %}{{ 3|no_filter }}{{ 3 is no_test }}{% endif %}"
    )
    assert list(unknown(portal.jinja_env, "page.html", source)) == [
        "page.html: no filter no_filter",
        "page.html: no test no_test",
        "page.html: no macro nobody in layout/parts.html",
    ]

"""Promises about every address of the portal, future ones too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from portal.app import create_app
from portal.config import Secrets, Settings
from portal.web.access import GRANTED, Permission
from portal.web.navigation import _FOOTER, HOME, ITEMS

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
_ENDPOINT = re.compile(r"url_for\(\s*['\"]([a-z_]+\.[a-z_]+)['\"]")


@pytest.fixture(scope="module")
def portal() -> Flask:
    return create_app(Settings(database_url="unused", secrets=Secrets.fresh()))


def unguarded(app: Flask) -> list[str]:
    return sorted(
        name
        for name, view in app.view_functions.items()
        if name != "static"
        and not isinstance(getattr(view, "required_permission", None), Permission)
    )


@pytest.mark.proves("P6")
def test_every_route_states_its_permission(portal: Flask) -> None:
    assert unguarded(portal) == []


def test_a_route_without_permission_is_found() -> None:
    app = create_app(Settings(database_url="unused", secrets=Secrets.fresh()))
    app.add_url_rule("/bare", "bare", lambda: "")
    assert unguarded(app) == ["bare"]


def test_every_permission_is_asked_for_and_granted(portal: Flask) -> None:
    asked = {getattr(view, "required_permission", None) for view in portal.view_functions.values()}
    granted = frozenset().union(*GRANTED.values())
    assert asked - {None} <= granted


def test_addresses_are_lower_case_and_hyphenated(portal: Flask) -> None:
    for rule in portal.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        bare = re.sub(r"<[^>]+>", "", rule.rule)
        assert re.fullmatch(r"/[a-z0-9/.-]*", bare), rule.rule


def test_every_link_of_the_navigation_leads_somewhere(portal: Flask) -> None:
    named = {item.endpoint for items in ITEMS.values() for item in items}
    named |= {item.endpoint for item in _FOOTER} | set(HOME.values())
    named |= {"accounts.sign_in", "accounts.second_factor", "selfservice.register"}
    assert sorted(named - set(portal.view_functions)) == []


def test_every_link_of_a_template_leads_somewhere(portal: Flask) -> None:
    missing = {
        f"{file.relative_to(TEMPLATES)}: {name}"
        for file in TEMPLATES.rglob("*.html")
        for name in _ENDPOINT.findall(file.read_text(encoding="utf-8"))
        if name not in portal.view_functions and not name.startswith("demo")
    }
    assert sorted(missing) == []

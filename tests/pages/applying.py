"""The guided application as a family walks it, for tests of what comes after."""

from __future__ import annotations

import uuid

from portal.consents.wordings import ConsentPurpose
from tests.factories.places import Site
from tests.pages.visit import Page, Visitor


def part(site: Site, name: str) -> str:
    """Return the address of a part."""
    return f"/my/preregistrations/apply/{site.facility_id}/{name}"


def choose(browser: Visitor, site: Site, *ids: uuid.UUID) -> Page:
    """Choose the children."""
    opened = browser.get(part(site, "children"))
    sent = {name: opened.field(name) for name in ("once", "seen")}
    return browser.post(part(site, "children"), {**sent, "child_ids": [str(each) for each in ids]})


def agree(browser: Visitor, site: Site, **answers: str) -> Page:
    """Answer every consent with yes, but for ``answers``."""
    opened = browser.get(part(site, "consents"))
    sent = {name: opened.field(name) for name in ("once", "seen", "version")}
    said = {each.value: "yes" for each in ConsentPurpose} | answers
    return browser.post(part(site, "consents"), {**sent, **said})


def apply_for(browser: Visitor, site: Site, *ids: uuid.UUID, note: str = "") -> Page:
    """Walk the whole application and send it."""
    choose(browser, site, *ids)
    opened = browser.get(part(site, "words"))
    sent = {name: opened.field(name) for name in ("once", "seen")}
    browser.post(part(site, "words"), {**sent, "note": note})
    agree(browser, site)
    return browser.submit(part(site, "check"), {})

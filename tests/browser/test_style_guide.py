"""All macros in a real browser: axe, no sideways scroll, focus; and the Nu checker on the HTML."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.pages.checkers import axe_violations, nu_messages
from tests.pages.style_guide import page_environment, render_guide


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write the guide, the error pages and the standing pages as files."""
    folder = tmp_path_factory.mktemp("pages")
    env = page_environment()
    texts = {name: render_guide(wrong=name == "wrong") for name in ("right", "wrong")}
    for template in env.list_templates():
        if template.startswith(("errors/", "pages/")):
            texts[template.removesuffix(".html").replace("/", "-")] = env.get_template(
                template
            ).render(sign_in_url="/sign-in", texts=["卵を食べると\n赤くなります"])
    files = {name: folder / f"{name}.html" for name in texts}
    for name, text in texts.items():
        files[name].write_text(text, encoding="utf-8")
    return files


def open_at(browser: Browser, file: Path, width: int) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(file.as_uri())
    return page


EVERYTHING = ("right", "wrong")
ON_PHONES = (*EVERYTHING, "errors-404", "pages-usage", "pages-phone_fax")


@pytest.mark.parametrize(("width", "names"), [(390, ON_PHONES), (1280, EVERYTHING)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    chromium: Browser, pages: dict[str, Path], width: int, names: tuple[str, ...]
) -> None:
    found: dict[str, object] = {}
    for name in names:
        page = open_at(chromium, pages[name], width)
        if violations := axe_violations(page):
            found[name] = violations
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found[f"{name} scrolls"] = width
        page.close()
    assert not found


def test_axe_would_find_a_field_without_label(chromium: Browser, pages: dict[str, Path]) -> None:
    """Proves the test above: the same page with one label taken away."""
    page = open_at(chromium, pages["right"], 390)
    page.evaluate("document.querySelector('label[for=name]').remove()")
    assert [line for line in axe_violations(page) if line.startswith("label at #name")]
    page.close()


def test_after_mistakes_the_summary_has_the_focus_and_leads_to_the_field(
    chromium: Browser, pages: dict[str, Path]
) -> None:
    page = open_at(chromium, pages["wrong"], 390)
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    page.get_by_role("link", name="生まれた日の年・日も入れてください").click()
    page.keyboard.press("Tab")
    assert page.url.endswith("#born_on-year")
    assert page.get_by_role("group", name="生まれた日").count() == 1
    page.close()


def test_japanese_is_drawn_in_the_fonts_we_ship(chromium: Browser, pages: dict[str, Path]) -> None:
    page = open_at(chromium, pages["right"], 390)
    session = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": "h1"})["nodeId"]
    fonts = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    assert {font["familyName"] for font in fonts} == {"Noto Sans CJK JP"}
    page.close()


def test_the_nu_checker_finds_nothing(pages: dict[str, Path]) -> None:
    assert nu_messages(list(pages.values())) == []


def test_the_nu_checker_would_find_a_doubled_id(tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    broken.write_text(
        '<!DOCTYPE html><html lang="ja"><title>題</title><p id="a">あ<p id="a">い', encoding="utf-8"
    )
    assert [line for line in nu_messages([broken]) if "Duplicate ID" in line]


def test_a_missing_checker_is_an_error_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(FileNotFoundError, match="make setup"):
        nu_messages([])

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import write_mo

from portal.documents import i18n
from portal.documents.templating import environment

ROOT = Path(__file__).parents[2]


@pytest.fixture
def english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalog(locale="en")
    catalogue.add("使い方", "How to use")
    catalogue.add("%(count)sか所を直してください", "Please correct %(count)s entries")
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path)


@pytest.mark.usefixtures("english")
def test_a_text_is_japanese_until_another_language_is_chosen() -> None:
    template = environment().from_string(
        "{{ language() }} {{ _('使い方') }} {{ _('%(count)sか所を直してください', count=2) }}"
    )
    assert template.render() == "ja 使い方 2か所を直してください"
    with i18n.use_language("en"):
        assert template.render() == "en How to use Please correct 2 entries"
        assert i18n.gettext("空きあり") == "空きあり"
    assert i18n.language() == "ja"


def test_extraction_finds_the_texts_of_python_and_of_templates() -> None:
    mapping = ROOT / "portal" / "documents" / "translations" / "babel.cfg"
    with mapping.open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file, str(mapping))  # type: ignore[no-untyped-call]
    found = {
        (Path(name).parts[0], message)
        for name, _line, message, _comments, _context in extract_from_dir(
            ROOT, method_map=methods, options_map=options, directory_filter=_ours
        )
    }
    assert ("templates", "使い方") in found
    assert ("templates", "%(count)sか所を直してください") in found
    assert ("portal", "%(name)sを一覧からえらんでください") in found


def _ours(folder: str | Path) -> bool:
    first = Path(folder).relative_to(ROOT).parts[:1]
    return first in {(), ("portal",), ("templates",)}

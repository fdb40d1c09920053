"""Nothing that families read lacks its translation, and no translation lacks its text."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from portal.documents import i18n

ROOT = Path(__file__).resolve().parents[2]


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "translations", ROOT / "scripts" / "translations.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


TOOL = _tool()
WANTED: dict[str, list[str]] = TOOL.texts()
FILES = sorted(TOOL.CATALOGUES.glob("*.po"))


def test_texts_are_found_in_pages_mails_forms_and_tables_of_words() -> None:
    for text, path in (
        ("使い方", "templates/pages/usage.html"),
        ("予約ずみです。", "templates/bookings/mail/placed.txt"),
        ("利用の理由", "portal/bookings/choice_forms.py"),
        ("えらんだ時間は満員です", "portal/documents/wording/bookings_ja.py"),
        ("予約ずみ", "portal/bookings/rules.py"),
        ("%(name)s（%(address)s）", "templates/selfservice/bookings/show.html"),
    ):
        assert path in WANTED[text]
    assert not any(
        path.startswith("templates/office/") for paths in WANTED.values() for path in paths
    )


def test_what_only_writers_of_rules_read_is_no_text() -> None:
    assert "就労証明書" in WANTED  # a table that families' pages look up
    assert "連絡なしに来なかった" not in WANTED  # one that the reference alone does
    assert "お子さん1人の上限（円）。" not in WANTED  # what a field says of itself


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_language_is_whole(file: Path) -> None:
    assert TOOL.problems(file, WANTED) == []


def test_there_are_english_and_easy_japanese() -> None:
    assert {(one.code, one.name, one.tag) for one in i18n.languages()} >= {
        ("ja", "日本語", "ja"),
        ("en", "English", "en"),
        ("ja_easy", "やさしい日本語", "ja"),
    }


def test_what_is_missing_left_over_or_filled_wrongly_is_found(tmp_path: Path) -> None:
    file = tmp_path / "en.po"
    shutil.copy(TOOL.CATALOGUES / "en.po", file)
    said = file.read_text(encoding="utf-8")
    said = said.replace('msgid "使い方"\nmsgstr "How to use"', 'msgid "使い方"\nmsgstr ""')
    said = said.replace('msgid "アカウント"', 'msgid "アカウントだった"')
    said = said.replace('"It is valid until %(day)s.', '"It is valid until %(date)s.', 1)
    file.write_text(said, encoding="utf-8")
    assert set(TOOL.problems(file, WANTED)) == {
        "missing: アカウント",
        "missing: 使い方",
        "obsolete: アカウントだった",
        "placeholders: %(day)sまで使えます。 -> It is valid until %(date)s.",
    }


def test_a_kanji_without_reading_is_found_where_readings_are_given(tmp_path: Path) -> None:
    file = tmp_path / "ja_easy.po"
    said = (TOOL.CATALOGUES / "ja_easy.po").read_text(encoding="utf-8")
    wrong = said.replace('msgstr "使《つか》い方《かた》"', 'msgstr "使い方《方》"', 1)
    assert wrong != said
    file.write_text(wrong, encoding="utf-8")
    assert TOOL.problems(file, WANTED) == [
        "no reading: 使 in 使い方《方》",
        "odd reading: 方 in 使い方《方》",
    ]
    assert TOOL.readings_given(file) > 4000


def test_a_new_language_begins_as_one_file(tmp_path: Path) -> None:
    file = tmp_path / "vi.po"
    TOOL.update(file, WANTED)
    assert len(TOOL.problems(file, WANTED)) == len(WANTED) + len(TOOL.IN_CONTEXT)
    begun = file.read_text(encoding="utf-8")
    assert "Language: vi" in begun
    TOOL.update(file, WANTED)
    assert file.read_text(encoding="utf-8") == begun

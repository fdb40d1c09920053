from __future__ import annotations

from pathlib import Path

import pytest

from portal.documents import i18n
from portal.documents.templating import environment

ENGLISH = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

msgctxt "language name"
msgid "日本語"
msgstr "Test English"

msgctxt "language tag"
msgid "ja"
msgstr "en"

msgid "使い方"
msgstr "How to use"

msgid "%(count)sか所を直してください"
msgid_plural "%(count)sか所を直してください"
msgstr[0] "Please correct %(count)s entry"
msgstr[1] "Please correct %(count)s entries"

#, fuzzy
msgid "ログイン"
msgstr "Guessed"
"""


@pytest.fixture
def english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "xx.po").write_text(ENGLISH, encoding="utf-8")
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path)


@pytest.mark.usefixtures("english")
def test_a_text_is_japanese_until_another_language_is_chosen() -> None:
    template = environment().from_string(
        "{{ language() }} {{ _('使い方') }} {{ _('%(count)sか所を直してください', count=2) }}"
    )
    assert template.render() == "ja 使い方 2か所を直してください"
    with i18n.use_language("xx"):
        assert template.render() == "en How to use Please correct 2 entries"
        assert i18n.gettext("空きあり") == "空きあり"
        assert i18n.gettext("ログイン") == "ログイン", "a guess of a program is no translation"
    assert i18n.language() == "ja"


@pytest.mark.usefixtures("english")
def test_a_wording_goes_by_its_number() -> None:
    template = environment().from_string("{{ _('%(count)sか所を直してください', count=n) }}")
    with i18n.use_language("xx"):
        assert template.render(n=1) == "Please correct 1 entry"
        said = i18n.gettext("%(count)sか所を直してください")
        assert said % {"count": 3} == "Please correct 3 entries"
        assert said % {"count": 1} == "Please correct 1 entry"


@pytest.mark.usefixtures("english")
def test_values_are_escaped_in_every_language() -> None:
    env = environment()
    env.autoescape = True
    template = env.from_string("{{ _('%(count)sか所を直してください', count=name) }}")
    for code in ("ja", "xx"):
        with i18n.use_language(code):
            assert "&lt;b&gt;" in template.render(name="<b>")

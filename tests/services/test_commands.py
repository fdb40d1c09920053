"""Commands at a shell: what they say when something is not as it should be."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import ArgumentError, OperationalError, ProgrammingError

from portal.__main__ import main
from portal.commands.failures import sentence_for
from portal.db.embedded.errors import EmbeddedServerError


def words_of(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ArgumentError("x"), "DATABASE_URL が読めません"),
        (OperationalError("", {}, psycopg.OperationalError()), "つながりません"),
        (ProgrammingError("", {}, psycopg.errors.UndefinedTable()), "portal db migrate"),
        (EmbeddedServerError("止まっています"), "止まっています"),
        (FileNotFoundError(2, "x", "/nope/file"), "/nope/file がありません"),
    ],
)
def test_what_an_operator_can_mend_is_a_sentence(error: Exception, said: str) -> None:
    assert said in (sentence_for(error) or "")


def test_a_fault_of_ours_keeps_its_trace() -> None:
    assert sentence_for(KeyError("x")) is None


def test_serving_in_earnest_asks_for_a_database(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main(["serve"]) == 2
    assert "DATABASE_URL" in words_of(capsys)


def test_an_address_that_is_none_or_answers_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PORTAL_SECRETS", str(tmp_path / "secrets.json"))
    monkeypatch.setenv("DATABASE_URL", "garbage")
    assert main(["serve"]) == 1
    assert "読めません" in words_of(capsys)
    monkeypatch.setenv("DATABASE_URL", "postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    assert main(["serve"]) == 1
    assert "つながりません" in words_of(capsys)


def test_backup_and_restore_name_what_is_wrong(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["db", "backup", str(tmp_path / "no" / "file")]) == 2
    assert "フォルダー" in words_of(capsys)
    assert main(["db", "restore", str(tmp_path / "file"), "--into", "Bad; name"]) == 2
    assert "--into" in words_of(capsys)


def test_the_roles_for_an_external_server_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["db", "roles"]) == 0
    printed = capsys.readouterr().out
    for role in ("portal_owner", "portal_app", "portal_worker", "portal_backup", "portal_places"):
        assert role in printed
    assert "CREATE DATABASE portal" in printed

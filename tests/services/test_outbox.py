"""What is queued, what the database lets whom see of it, and how a letter is written."""

from __future__ import annotations

import uuid
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import UndefinedError
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from portal.db.session import Database, acting_as, transaction
from portal.documents import templating
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor
from portal.messages import letters
from portal.messages.letters import Wanted
from portal.messages.outbox import enqueue

WANTED = Wanted(
    id=uuid.uuid4(),
    kind="tea/ready",
    subject_ids=(),
    context={},
    organisation_id=None,
    family_id=None,
    to_user_id=None,
    to_mail="miho@example.test",
    to_name="田中 みほ",
    base_url="https://portal.example/",
    is_demo=False,
    now=clock.now(),
)


def test_nobody_but_the_worker_reads_what_is_queued(database: Database, sato: Actor) -> None:
    del database
    with acting_as(ANONYMOUS), transaction() as session:
        enqueue(
            session, "test/plain", to_mail="a@example.test", organisation_id=sato.organisation_id
        )
    for actor in (ANONYMOUS, sato):
        with acting_as(actor) as session:
            assert (
                session.execute(text("SELECT count(*) FROM outbox_messages")).scalar_one() == 0
            ), actor


def test_the_app_marks_no_mail_as_sent(database: Database, sato: Actor) -> None:
    del database
    with acting_as(sato) as session, pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text("UPDATE outbox_messages SET sent_at = now()"))


def test_a_mail_to_nobody_is_refused(database: Database) -> None:
    del database
    with acting_as(ANONYMOUS) as session, pytest.raises(IntegrityError, match="has_receiver"):
        enqueue(session, "test/plain")


@pytest.fixture
def tea(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A feature's own templates, beside the real layout."""
    folder = tmp_path / "tea" / "mail"
    folder.mkdir(parents=True)
    (tmp_path / "layout").symlink_to(templating.TEMPLATES / "layout")
    environment = templating.environment(tmp_path)
    monkeypatch.setattr(letters, "_environment", lambda: environment)
    return folder


def test_a_letter_is_written_from_the_features_template(tea: Path) -> None:
    (tea / "ready.txt").write_text(
        '{% extends "layout/mail.txt" %}{% block body %}{{ drink }} & {{ subject }}\n'
        '{{ wanted.url("/tea") }}{% endblock %}'
    )
    letter = letters.write(WANTED, "お茶が入りました", contact_line="ひなた", drink="麦茶")
    assert letter.html is None
    assert letter.text.startswith("田中 みほ 様\n")
    assert "麦茶 & お茶が入りました\nhttps://portal.example/tea\n" in letter.text
    assert "架空のデータ" not in letter.text
    shown = letters.write(replace(WANTED, is_demo=True), "お茶", drink="麦茶").text
    assert "架空のデータ" in shown


def test_html_goes_beside_it_where_it_exists_and_escapes(tea: Path) -> None:
    (tea / "ready.txt").write_text("text")
    (tea / "ready.html").write_text(
        '{% extends "layout/mail.html" %}{% block title %}{{ subject }}{% endblock %}'
        "{% block body %}{{ drink }}{% endblock %}"
    )
    letter = letters.write(WANTED, "お茶", drink="<b>麦茶</b>")
    assert letter.html is not None
    assert "&lt;b&gt;麦茶" in letter.html


def test_a_template_that_needs_what_it_was_not_given_is_an_error(tea: Path) -> None:
    (tea / "ready.txt").write_text("{{ drink }}")
    with pytest.raises(UndefinedError):
        letters.write(WANTED, "お茶")

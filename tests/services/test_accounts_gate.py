"""What the database's gate holds even when the page in front of it does not look."""

from __future__ import annotations

import threading
import time
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from portal.accounts import gate, links, passwords
from portal.accounts.gate import NewSession, mail_link_token
from portal.accounts.rules import (
    VALID_FOR,
    AccountRefusal,
    MailTokenKind,
    local_path,
    reasons_against_password,
    session_length,
)
from portal.db.session import Database, acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Role
from portal.kernel.errors import Refusal
from tests.factories import people

_R = AccountRefusal


def asked(kind: MailTokenKind) -> str:
    with acting_as(ANONYMOUS), transaction() as session:
        mail = "tanaka@example.test"
        token_id = links.ask(session, kind, mail, actor=ANONYMOUS, now=clock.now())
    return mail_link_token(token_id)


def reset(token: str) -> None:
    with acting_as(ANONYMOUS), transaction() as session:
        links.reset_password(session, token, "new", actor=ANONYMOUS)


@pytest.mark.proves("P9")
def test_a_link_works_once(database: Database) -> None:
    del database
    people.make_account("田中 みほ", mail="tanaka@example.test")
    token = asked(MailTokenKind.PASSWORD_RESET)
    reset(token)
    with pytest.raises(Refusal) as refused:
        reset(token)
    assert refused.value.codes == (_R.LINK_NOT_OPEN,)


@pytest.mark.proves("P9")
def test_a_link_of_yesterday_or_of_another_kind_works_never(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    del database
    people.make_account("田中 みほ", mail="tanaka@example.test")
    with pytest.raises(Refusal):
        reset(asked(MailTokenKind.SIGN_UP))
    monkeypatch.setitem(VALID_FOR, MailTokenKind.PASSWORD_RESET, timedelta(seconds=-1))
    with pytest.raises(Refusal):
        reset(asked(MailTokenKind.PASSWORD_RESET))


@pytest.mark.proves("P9")
def test_one_code_sent_from_many_browsers_at_once_opens_one(emptied: Engine) -> None:
    del emptied
    user_id = people.make_account("佐藤 まり")
    now = clock.now()
    opened = NewSession.until(now + timedelta(hours=1))
    with acting_as(ANONYMOUS), transaction() as session:
        gate.open_session(session, user_id, None, opened)
        gate.offer_totp(session, opened.token, b"sealed")
        enrolled = NewSession.until(now + timedelta(hours=1))
        assert gate.confirm_totp(session, opened.token, 100, [], enrolled)
    halves = [NewSession.until(now + timedelta(hours=1)) for _ in range(8)]
    with acting_as(ANONYMOUS), transaction() as session:
        for half in halves:
            gate.open_session(session, user_id, None, half)
    together, results = threading.Barrier(len(halves)), []

    def give(half: NewSession) -> None:
        together.wait()
        with acting_as(ANONYMOUS), transaction() as session:
            new = NewSession.until(now + timedelta(hours=1))
            results.append(gate.pass_totp(session, half.token, 101, new))

    threads = [threading.Thread(target=give, args=(half,)) for half in halves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 7 + [True]


def test_a_confirmed_second_factor_is_not_replaced_by_half_a_sign_in(database: Database) -> None:
    del database
    user_id = people.make_account("佐藤 まり")
    first = NewSession.until(clock.now() + timedelta(hours=1))
    with acting_as(ANONYMOUS), transaction() as session:
        gate.open_session(session, user_id, None, first)
        gate.offer_totp(session, first.token, b"hers")
        full = NewSession.until(clock.now() + timedelta(hours=1))
        assert gate.confirm_totp(session, first.token, 1, [], full)
        half = NewSession.until(clock.now() + timedelta(hours=1))
        gate.open_session(session, user_id, None, half)
        assert not gate.offer_totp(session, half.token, b"an attacker's")
        assert gate.offer_totp(session, full.token, b"her new phone")
        assert not gate.confirm_totp(session, half.token, 2, [], half)


def test_the_tries_of_one_window_do_not_count_in_the_next(database: Database) -> None:
    del database
    with acting_as(ANONYMOUS), transaction() as session:
        window = timedelta(microseconds=1)
        waits = {
            gate.wait_after_try(session, "account", str(uuid.uuid4()), most=1, window=window)
            for _ in range(3)
        }
        assert waits == {0}
        counted = session.execute(text("SELECT count_try('k', 1, '15 minutes')")).scalar_one()
        again = session.execute(text("SELECT count_try('k', 1, '15 minutes')")).scalar_one()
    assert counted == 0
    assert 0 < again <= 900


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("みじかい", [_R.PASSWORD_TOO_SHORT]),
        ("1234567890", [_R.PASSWORD_TOO_COMMON]),
        ("ｐａｓｓｗｏｒｄ１２３", [_R.PASSWORD_TOO_COMMON]),
        ("ああああああああああああ", [_R.PASSWORD_TOO_COMMON]),
        ("sakura2024!!", [_R.PASSWORD_TOO_COMMON]),
        ("tanaka.miho1", [_R.PASSWORD_IS_OWN_NAME]),
        ("x" * 201, [_R.PASSWORD_TOO_LONG, _R.PASSWORD_TOO_COMMON]),
        ("aaa", [_R.PASSWORD_TOO_SHORT, _R.PASSWORD_TOO_COMMON]),
        ("ねこと本と朝のコーヒー", []),
        ("correct horse battery", []),
    ],
)
def test_what_is_wrong_with_a_password_is_said_at_once(
    password: str, expected: list[AccountRefusal]
) -> None:
    found = reasons_against_password(password, own=("田中 みほ", "tanaka.miho@example.test"))
    assert [reason.code for reason in found] == expected


def test_full_width_letters_of_another_keyboard_are_the_same_password() -> None:
    stored = passwords.hashed("ｃｏｒｒｅｃｔ horse")
    assert passwords.matches("correct horse", stored)
    assert not passwords.matches("correct horses", stored)
    assert not passwords.matches("correct horse", None)
    assert not passwords.is_outdated(passwords._NOBODYS)
    assert not passwords.matches("!", "!")


def test_two_hashes_at_once_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    inside, most, lock = 0, 0, threading.Lock()

    class Slow:
        def hash(self, _password: str) -> str:
            nonlocal inside, most
            with lock:
                inside += 1
                most = max(most, inside)
            time.sleep(0.02)
            with lock:
                inside -= 1
            return ""

    monkeypatch.setattr(passwords, "_HASHER", Slow())
    threads = [threading.Thread(target=passwords.hashed, args=("x",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


def test_sessions_last_as_long_as_their_desk_is_safe() -> None:
    assert session_length(Role.GUARDIAN) == timedelta(days=60)
    assert {session_length(role) for role in Role if role is not Role.GUARDIAN} == {
        timedelta(hours=12)
    }


@pytest.mark.parametrize("wanted", ["/", "/my/bookings/new?day=2026-12-02", "/a//b"])
def test_a_page_of_ours_may_follow_sign_in(wanted: str) -> None:
    assert local_path(wanted) == wanted

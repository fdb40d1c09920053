from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from portal.accounts import passwords
from portal.accounts.gate import mail_link_token
from portal.accounts.rules import VALID_FOR, MailTokenKind
from portal.db.session import acting_as, transaction
from portal.kernel.actor import ANONYMOUS, Actor
from tests.factories import people
from tests.factories.places import Site, accept
from tests.pages.mailbox import Mailbox
from tests.pages.visit import Page, Visitor

PASSWORD = "ねこと本と朝のコーヒー"
OTHER = "まどと森とひかりの朝"


def ask(app: Flask, at: str, mail: str) -> Page:
    visitor = Visitor(app)
    answer = visitor.submit(at, {"mail": mail})
    assert (answer.status, answer.location) == (303, "/mail-sent")
    return visitor.get("/mail-sent")


def sign_in(visitor: Visitor, mail: str, password: str) -> int:
    return visitor.submit("/sign-in", {"mail": mail, "password": password}).status


@pytest.mark.proves("J3")
def test_a_guardian_registers_by_the_link_of_a_mail(app: Flask, mailbox: Mailbox) -> None:
    page = ask(app, "/sign-up", "hana@example.test")
    assert "hana@example.test に送りました" in page.text
    assert mailbox.kinds == ["accounts/sign_up"]
    visitor = Visitor(app)
    link = mailbox.link()
    assert visitor.get(link).status == visitor.get(link).status == 200
    wrong = visitor.submit(link, {"name": "髙橋﨑 はな", "new_password": "1234567890"})
    assert wrong.status == 409
    assert "よく使われていて" in wrong.text
    assert wrong.field("name") == "髙橋﨑 はな"
    assert "1234567890" not in wrong.html
    done = visitor.submit(link, {"name": "髙橋﨑 はな", "new_password": PASSWORD})
    assert "register" in done.location
    assert "髙橋﨑 はな" in visitor.get("/account").text
    assert Visitor(app).get(link).status == 404
    assert sign_in(Visitor(app), "hana@example.test", PASSWORD) == 303


@pytest.mark.proves("P9")
@pytest.mark.parametrize("at", ["/sign-up", "/password-reset"])
def test_nobody_learns_whether_an_account_exists_but_its_mail(
    app: Flask, mailbox: Mailbox, at: str
) -> None:
    people.make_account("田中 みほ", mail="tanaka@example.test")
    known = ask(app, at, "tanaka@example.test")
    unknown = ask(app, at, "another@example.test")
    assert known.text.replace("tanaka", "another") == unknown.text
    (first, _, to_known), (second, _, to_unknown) = mailbox.queued
    assert first == second
    assert to_known.keys() == to_unknown.keys()
    letters = [mailbox.letter(0), mailbox.letter(1)]
    assert letters[0] is not None
    assert letters[1] is not None
    assert letters[0].text != letters[1].text


def test_an_address_with_an_account_is_sent_to_sign_in(app: Flask, mailbox: Mailbox) -> None:
    people.make_account("田中 みほ", mail="tanaka@example.test")
    ask(app, "/sign-up", "Tanaka@example.test")
    letter = mailbox.letter()
    assert letter is not None
    assert "もう登録がすんでいます" in letter.text
    assert mailbox.link() == "/sign-in"


@pytest.mark.proves("P9")
def test_a_lost_password_is_set_anew_and_every_session_ends(app: Flask, mailbox: Mailbox) -> None:
    people.make_account(
        "田中 みほ", mail="tanaka@example.test", password_hash=passwords.hashed(PASSWORD)
    )
    signed_in = Visitor(app)
    sign_in(signed_in, "tanaka@example.test", PASSWORD)
    ask(app, "/password-reset", "tanaka@example.test")
    ask(app, "/password-reset", "tanaka@example.test")
    earlier, link = mailbox.link(0), mailbox.link(1)
    visitor = Visitor(app)
    assert visitor.submit(link, {"new_password": OTHER}).location == "/sign-in"
    assert mailbox.kinds[-1] == "accounts/told_of_change"
    assert signed_in.get("/account").location.startswith("/sign-in")
    assert visitor.get(link).status == visitor.get(earlier).status == 404
    assert sign_in(visitor, "tanaka@example.test", PASSWORD) == 409
    assert sign_in(visitor, "tanaka@example.test", OTHER) == 303


@pytest.mark.parametrize(
    ("kind", "path"),
    [("sign_up", "/sign-up"), ("password_reset", "/password-reset")],
)
def test_an_old_or_invented_link_opens_nothing(
    app: Flask, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, kind: str, path: str
) -> None:
    people.make_account("田中 みほ", mail="tanaka@example.test")
    monkeypatch.setitem(VALID_FOR, MailTokenKind(kind), timedelta(seconds=-1))
    mail = "tanaka@example.test" if kind == "password_reset" else "new@example.test"
    ask(app, path, mail)
    assert mailbox.letter() is None, "a mail whose link is too old does not leave"
    real = mail_link_token(mailbox.queued[-1][1][0])
    for token in (real, "invented", "a" * 43):
        page = Visitor(app).get(f"{path}/{token}")
        assert page.status == 404
        assert "もう使えません" in page.text


def test_five_mails_an_hour_to_one_address(app: Flask, mailbox: Mailbox) -> None:
    for _ in range(5):
        ask(app, "/sign-up", "hana@example.test")
    again = Visitor(app).submit("/sign-up", {"mail": "hana@example.test"})
    assert again.status == 429
    assert int(again.response.headers["Retry-After"]) <= 3600
    assert len(mailbox.queued) == 5


def test_a_new_address_counts_once_it_is_confirmed_and_the_old_one_is_told(
    app: Flask, mailbox: Mailbox
) -> None:
    people.make_account(
        "田中 みほ", mail="tanaka@example.test", password_hash=passwords.hashed(PASSWORD)
    )
    visitor = Visitor(app)
    sign_in(visitor, "tanaka@example.test", PASSWORD)
    refused = visitor.submit("/account/mail", {"mail": "miho@example.test", "password": "x"})
    assert refused.status == 409
    assert refused.field("mail") == "miho@example.test"
    visitor.submit("/account/mail", {"mail": "miho@example.test", "password": PASSWORD})
    assert "tanaka@example.test" in visitor.get("/account").text
    link = mailbox.link()
    assert visitor.submit(link, {}).location == "/account"
    assert "miho@example.test" in visitor.get("/account").text
    kind, _, more = mailbox.queued[-1]
    assert (kind, more["to_mail"]) == ("accounts/told_of_change", "tanaka@example.test")
    assert sign_in(Visitor(app), "miho@example.test", PASSWORD) == 303


def guardian_row(guardian: Actor) -> uuid.UUID:
    with acting_as(guardian) as session:
        found = session.execute(
            text("SELECT id FROM guardians WHERE user_id = :user"), {"user": guardian.user_id}
        ).scalar_one()
        session.rollback()
    return uuid.UUID(str(found))


def test_staff_help_a_guardian_who_lost_her_address(
    app: Flask, mailbox: Mailbox, hinata: Site, sato: Actor, yamada: Actor, tanaka: Actor
) -> None:
    child = people.children_of(tanaka)[0]
    accept(hinata, tanaka, child.id)
    at = f"/staff/guardians/{guardian_row(tanaka)}/mail"
    assert Visitor(app, yamada).get(at).status == 404
    guardian = Visitor(app, tanaka)
    staff = Visitor(app, sato)
    assert staff.submit(at, {"mail": "miho@example.test"}).status == 422
    sent = staff.submit(at, {"mail": "miho@example.test", "how": "called_back"})
    assert sent.status == 303, sent.text
    assert mailbox.kinds == ["accounts/mail_change", "accounts/told_of_change"]
    assert guardian.get("/account").status == 200, "nothing has changed yet"
    link = mailbox.link(0)
    visitor = Visitor(app)
    assert visitor.submit(link, {}).status == 422, "it asks for a new password"
    assert visitor.submit(link, {"new_password": PASSWORD}).status == 303
    assert mailbox.kinds[-1] == "accounts/told_of_change"
    assert guardian.get("/account").location.startswith("/sign-in")
    assert sign_in(visitor, "miho@example.test", PASSWORD) == 303


def test_nobody_makes_an_account_without_a_link(app: Flask) -> None:
    del app
    with acting_as(ANONYMOUS), transaction() as session:
        made = session.execute(
            text("SELECT use_sign_up(:hash, :user, 'x', 'x')"),
            {"hash": b"invented", "user": uuid.uuid4()},
        ).scalar_one()
    assert made is False


def test_what_she_looked_at_before_is_offered_after_registering(
    app: Flask, mailbox: Mailbox
) -> None:
    visitor = Visitor(app)
    said = "ログインすると、つづきのページが開きます"
    assert said in Visitor(app).get("/sign-in?next=/my/bookings/new?day=2026-12-01").text
    for plain in ("", "?next=/my/", "?next=/office/"):
        assert said not in Visitor(app).get(f"/sign-in{plain}").text
    visitor.get("/sign-in?next=/facilities?class=2")
    visitor.submit("/sign-up", {"mail": "hana@example.test"})
    again = visitor.get("/mail-sent")
    assert "もう一度送る" in again.text
    assert again.field("mail") == "hana@example.test"
    link = mailbox.link()
    visitor.submit(link, {"name": "森 あい", "new_password": PASSWORD})
    visitor.submit("/my/register", {"name": "森 あい", "relation": "母", "phone": "09012345678"})
    child = {"kind": "born", "name": "そら", "born_on-year": "2024", "born_on-month": "6"}
    visitor.submit("/my/children/new", {**child, "born_on-day": "1"})
    for url in ("/my/children/", "/my/"):
        assert 'href="/facilities?class=2"' in visitor.get(url).html

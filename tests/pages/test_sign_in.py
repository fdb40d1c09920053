from __future__ import annotations

import uuid
from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher
from cryptography.exceptions import InvalidTag
from flask import Flask
from sqlalchemy import text

from portal.accounts import gate, passwords, rules, second_factor
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor, Role
from tests.factories import people
from tests.factories.places import Site
from tests.pages.visit import Page, Visitor

PASSWORD = "ねこと本と朝のコーヒー"


@pytest.fixture(scope="module")
def password_hash() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
def guardian(app: Flask, password_hash: str) -> Visitor:
    people.make_account("田中 みほ", password_hash=password_hash, mail="Tanaka@example.test")
    return Visitor(app)


@pytest.fixture
def worker(app: Flask, hinata: Site, password_hash: str) -> Visitor:
    people.make_account(
        "佐藤 まり",
        organisation_id=hinata.organisation_id,
        role="staff",
        password_hash=password_hash,
        mail="sato@example.test",
    )
    return Visitor(app)


def sign_in(visitor: Visitor, mail: str, password: str = PASSWORD, *, at: str = "/sign-in") -> Page:
    return visitor.submit("/sign-in", {"mail": mail, "password": password}, form_page=at)


def enrol(visitor: Visitor) -> tuple[str, list[str]]:
    """Enrol a second factor and return its secret and the recovery codes."""
    page = visitor.get("/sign-in/second-factor/new")
    assert 'src="data:image/svg+xml' in page.html
    spans = page.html.split('class="code">')[1].split("</p>")[0]
    secret = "".join(ch for ch in spans if ch.isupper() or ch.isdigit())
    code = pyotp.TOTP(secret).at(clock.now())
    done = visitor.post("/sign-in/second-factor/new", {"code": code})
    assert done.status == 200, done.text
    parts = done.html.split('<li class="code">')[1:]
    return secret, [part.split("<")[0] for part in parts]


def next_code(secret: str, steps: int = 1) -> str:
    return pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30 * steps))


def test_a_guardian_signs_in_and_goes_where_she_wanted(guardian: Visitor) -> None:
    page = sign_in(guardian, "tanaka@EXAMPLE.test ", at="/sign-in?next=/account")
    assert (page.status, page.location) == (303, "/account")
    assert "田中 みほ" in guardian.get("/account").text


@pytest.mark.proves("P9")
def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(
    guardian: Visitor, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str | None] = []
    real = passwords.matches

    def matches(password: str, stored: str | None) -> bool:
        checked.append(stored)
        return real(password, stored)

    monkeypatch.setattr(passwords, "matches", matches)
    known = sign_in(guardian, "tanaka@example.test", "ちがう言葉です。。。")
    unknown = sign_in(Visitor(app), "nobody@example.test", "ちがう言葉です。。。")
    assert known.status == unknown.status == 409
    assert known.text.replace("tanaka", "") == unknown.text.replace("nobody", "")
    assert "メールアドレスかパスワードがちがいます" in known.text
    assert "ちがう言葉です" not in known.html
    assert known.field("mail") == "tanaka@example.test"
    assert len(checked) == 2
    assert checked[1] is None


@pytest.mark.proves("P9")
def test_ten_tries_at_an_account_then_it_waits_at_most_a_quarter_of_an_hour(
    guardian: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "matches", lambda *_: False)
    answers = [sign_in(guardian, "tanaka@example.test", "x").status for _ in range(10)]
    assert answers == [409] * 10
    blocked = sign_in(guardian, "tanaka@example.test")
    assert blocked.status == 429
    assert 0 < int(blocked.response.headers["Retry-After"]) <= 900
    assert sign_in(guardian, "another@example.test", "x").status == 409


@pytest.mark.proves("P9")
def test_three_hundred_tries_from_one_address_then_it_waits(
    guardian: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "matches", lambda *_: False)
    monkeypatch.setattr("portal.accounts.service.TRIES_FROM_ADDRESS", 3)
    assert rules.TRIES_FROM_ADDRESS == 300
    tried = [sign_in(guardian, f"p{n}@example.test", "x").status for n in range(4)]
    assert tried == [409, 409, 409, 429]


@pytest.mark.proves("P9", "J3")
def test_a_session_is_new_at_each_sign_in_and_dead_after_sign_out(
    guardian: Visitor, app: Flask
) -> None:
    guardian.get("/sign-in")
    with guardian.client.session_transaction() as cookie:
        cookie["_user_id"] = "chosen by an attacker"
    sign_in(guardian, "tanaka@example.test")
    with guardian.client.session_transaction() as cookie:
        first = cookie["_user_id"]
        stolen = dict(cookie)
    assert first != "chosen by an attacker"
    thief = Visitor(app)
    with thief.client.session_transaction() as cookie:
        cookie.update(stolen)
    assert thief.get("/account").status == 200
    assert guardian.post("/sign-out").location == "/"
    assert thief.get("/account").location.startswith("/sign-in")
    sign_in(guardian, "tanaka@example.test")
    with guardian.client.session_transaction() as cookie:
        assert cookie["_user_id"] != first


@pytest.mark.proves("P9")
def test_a_worker_is_not_in_before_her_second_factor(worker: Visitor, app: Flask) -> None:
    assert sign_in(worker, "sato@example.test").location == "/sign-in/second-factor"
    assert worker.get("/account").location == "/sign-in/second-factor"
    assert worker.get("/sign-in/second-factor").location == "/sign-in/second-factor/new"
    with worker.client.session_transaction() as cookie:
        half = dict(cookie)
    secret, codes = enrol(worker)
    assert len(set(codes)) == 10
    assert worker.get("/account").status == 200
    other = Visitor(app)
    with other.client.session_transaction() as cookie:
        cookie.update(half)
    assert other.get("/account").location.startswith("/sign-in?"), "the half session has ended"
    sign_in(other, "sato@example.test")
    assert other.get("/sign-in/second-factor/new").location == "/sign-in/second-factor"
    code = next_code(secret)
    assert other.submit("/sign-in/second-factor", {"code": code}).status == 303
    assert other.get("/account").status == 200


@pytest.mark.proves("P9")
def test_a_code_opens_once_even_while_it_is_still_shown(worker: Visitor, app: Flask) -> None:
    sign_in(worker, "sato@example.test")
    secret, _ = enrol(worker)
    code = next_code(secret)
    first, second = Visitor(app), Visitor(app)
    for visitor in (first, second):
        sign_in(visitor, "sato@example.test")
    assert first.submit("/sign-in/second-factor", {"code": code}).status == 303
    again = second.submit("/sign-in/second-factor", {"code": code})
    assert again.status == 409
    assert "もう使われています" in again.text
    assert second.submit("/sign-in/second-factor", {"code": "000000"}).status == 409


@pytest.mark.proves("P9")
def test_a_recovery_code_opens_once(worker: Visitor, app: Flask) -> None:
    sign_in(worker, "sato@example.test")
    _, codes = enrol(worker)
    visitor = Visitor(app)
    sign_in(visitor, "sato@example.test")
    typed = codes[3].upper().replace("-", " ")
    assert visitor.submit("/sign-in/second-factor", {"code": typed}).status == 303
    assert visitor.get("/account").status == 200
    again = Visitor(app)
    sign_in(again, "sato@example.test")
    assert again.submit("/sign-in/second-factor", {"code": codes[3]}).status == 409


@pytest.mark.proves("P9")
def test_codes_are_tried_ten_times_at_most(worker: Visitor, app: Flask) -> None:
    sign_in(worker, "sato@example.test")
    enrol(worker)
    visitor = Visitor(app)
    sign_in(visitor, "sato@example.test")
    tries = [visitor.submit("/sign-in/second-factor", {"code": "000000"}).status for _ in range(9)]
    assert set(tries) == {409}
    assert visitor.submit("/sign-in/second-factor", {"code": "000000"}).status == 429


def test_a_new_phone_is_enrolled_after_the_password_again(worker: Visitor, app: Flask) -> None:
    sign_in(worker, "sato@example.test")
    old, _ = enrol(worker)
    elsewhere = Visitor(app)
    sign_in(elsewhere, "sato@example.test")
    elsewhere.submit("/sign-in/second-factor", {"code": next_code(old)})
    assert worker.get("/account").status == elsewhere.get("/account").status == 200
    assert worker.get("/sign-in/second-factor/new").status == 303, "not without the password"
    assert worker.submit("/account/second-factor", {"password": "x"}).status == 409
    page = worker.submit("/account/second-factor", {"password": PASSWORD})
    assert page.location == "/sign-in/second-factor/new"
    new, _ = enrol(worker)
    assert new != old
    assert worker.get("/account").status == 200
    assert elsewhere.get("/account").location.startswith("/sign-in")
    assert worker.get("/sign-in/second-factor/new").status == 303, "once for each password"


@pytest.mark.proves("P9")
def test_changing_the_password_ends_every_other_session_at_once(
    guardian: Visitor, app: Flask
) -> None:
    other = Visitor(app)
    for visitor in (guardian, other):
        sign_in(visitor, "tanaka@example.test")
    wrong = {"password": "x", "new_password": "まどと森とひかりの朝"}
    assert guardian.submit("/account/password", wrong).status == 409
    short = {"password": PASSWORD, "new_password": "みじかい"}
    assert "10文字以上" in guardian.submit("/account/password", short).text
    good = {"password": PASSWORD, "new_password": "まどと森とひかりの朝"}
    assert guardian.submit("/account/password", good).location == "/account"
    assert guardian.get("/account").status == 200
    assert other.get("/account").location.startswith("/sign-in")
    assert sign_in(other, "tanaka@example.test").status == 409
    assert sign_in(other, "tanaka@example.test", "まどと森とひかりの朝").status == 303


def test_other_devices_are_signed_out_by_one_button(guardian: Visitor, app: Flask) -> None:
    other = Visitor(app)
    for visitor in (guardian, other):
        sign_in(visitor, "tanaka@example.test")
    assert guardian.get("/account").text.count("最後に使った") == 2
    guardian.submit("/account/other-sessions", {}, form_page="/account")
    assert guardian.get("/account").text.count("最後に使った") == 1
    assert other.get("/account").location.startswith("/sign-in")


def test_one_person_chooses_in_whose_name_she_acts(
    app: Flask, hinata: Site, midori: Site, password_hash: str
) -> None:
    user_id = people.make_account(
        "森 えみ",
        organisation_id=hinata.organisation_id,
        role="staff",
        password_hash=password_hash,
        mail="mori@example.test",
    )
    stranger = people.make_worker("山田 けい", midori.organisation_id, "staff")
    with acting_as(Actor(role=Role.GUARDIAN, user_id=user_id)), transaction() as session:
        session.execute(
            text(
                "SELECT create_family(:family, :guardian, 'self', '森 えみ', NULL, '森えみ', '母',"
                " '090-0000-0000', '09000000000', NULL, NULL)"
            ),
            {"family": uuid.uuid4(), "guardian": uuid.uuid4()},
        )
    with acting_as(ANONYMOUS) as session:
        foreign = gate.capacities(session, stranger.user_id or user_id)[0].membership_id
        session.rollback()
    visitor = Visitor(app)
    assert sign_in(visitor, "mori@example.test").location == "/sign-in/choose"
    page = visitor.get("/sign-in/choose")
    assert "ひなた保育園の会" in page.text
    assert "保護者として" in page.text
    assert visitor.submit("/sign-in/choose", {"name": str(foreign)}).status == 422
    visitor.submit("/sign-in/choose", {"name": "guardian"})
    assert "保護者として" in visitor.get("/account").text


@pytest.mark.proves("P8")
@pytest.mark.parametrize(
    "wanted",
    ["//evil.test", "https://evil.test", "/\\evil.test", "\\\\evil.test", "/\t/evil.test", "x", ""],
)
def test_sign_in_never_leads_to_another_site(guardian: Visitor, wanted: str) -> None:
    guardian.get("/sign-in", query_string={"next": wanted})
    page = sign_in(guardian, "tanaka@example.test")
    assert page.status == 303
    assert "evil" not in page.location
    assert page.location.startswith("/")


def test_a_hash_of_older_parameters_is_renewed_at_sign_in(app: Flask) -> None:
    old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    people.make_account("古川 さち", password_hash=old, mail="furukawa@example.test")
    assert sign_in(Visitor(app), "furukawa@example.test").status == 303
    with acting_as(ANONYMOUS) as session:
        account = gate.account_for_sign_in(session, "furukawa@example.test")
        session.rollback()
    assert account is not None
    assert "m=19456,t=2,p=1" in account.password_hash
    assert sign_in(Visitor(app), "furukawa@example.test").status == 303


def test_a_secret_of_the_second_factor_opens_for_its_owner_alone(app: Flask) -> None:
    del app
    mine, hers = uuid.uuid4(), uuid.uuid4()
    sealed = second_factor.seal_secret("JBSWY3DPEHPK3PXP", mine)
    assert second_factor.unseal_secret(sealed, mine) == "JBSWY3DPEHPK3PXP"
    with pytest.raises(InvalidTag):
        second_factor.unseal_secret(sealed, hers)

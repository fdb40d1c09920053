from __future__ import annotations

import re
import uuid

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.accounts import passwords
from portal.db.session import acting_as, transaction
from portal.kernel.actor import ANONYMOUS, Actor, Role
from portal.organisations.rules import OrganisationKind
from tests.factories import people
from tests.factories.places import Site
from tests.pages.mailbox import Mailbox
from tests.pages.test_sign_in import enrol
from tests.pages.visit import Visitor

PASSWORD = "ねこと本と朝のコーヒー"


def membership_of(actor: Actor) -> uuid.UUID:
    with acting_as(ANONYMOUS) as session:
        found = session.execute(
            text("SELECT membership_id FROM memberships_for_sign_in(:user)"),
            {"user": actor.user_id},
        ).scalar_one()
        session.rollback()
    return uuid.UUID(str(found))


def invite(app: Flask, director: Actor, mail: str, role: str = "staff") -> None:
    page = Visitor(app, director).submit(
        "/staff/invitations", {"name": "木村 れん", "mail": mail, "role": role}
    )
    assert page.status == 303, page.text


@pytest.mark.proves("P9")
def test_an_invited_person_sets_her_own_password_and_enrols(
    app: Flask, mailbox: Mailbox, director: Actor
) -> None:
    invite(app, director, "kimura@example.test")
    link = mailbox.link()
    visitor = Visitor(app)
    page = visitor.get(link)
    assert "ひなた保育園の会" in page.text
    assert page.field("name") == "木村 れん"
    own_name = {"name": "きむら れん", "new_password": "kimura@example.test"}
    assert visitor.submit(link, own_name).status == 409
    done = visitor.submit(link, {"name": "きむら れん", "new_password": PASSWORD})
    assert done.location == "/sign-in/second-factor"
    assert visitor.get("/account").location == "/sign-in/second-factor"
    enrol(visitor)
    assert "きむら れん" in visitor.get("/account").text
    assert "きむら れん" in Visitor(app, director).get("/staff").text
    assert Visitor(app).get(link).status == 404


def test_an_account_that_exists_joins_with_its_own_password(
    app: Flask, mailbox: Mailbox, director: Actor
) -> None:
    people.make_account(
        "木村 れん", mail="kimura@example.test", password_hash=passwords.hashed(PASSWORD)
    )
    invite(app, director, "kimura@example.test")
    visitor = Visitor(app)
    assert visitor.submit(mailbox.link(), {"password": "ちがう言葉です。。。"}).status == 409
    assert visitor.submit(mailbox.link(), {"password": PASSWORD}).status == 303
    assert "木村 れん" in Visitor(app, director).get("/staff").text


@pytest.mark.proves("P9")
@pytest.mark.parametrize("what", ["end", "role", "second-factor-reset"])
def test_what_a_director_does_ends_the_sessions_of_the_member_at_once(
    app: Flask, director: Actor, sato: Actor, what: str
) -> None:
    member = Visitor(app, sato)
    assert member.get("/account").status == 200
    at = f"/staff/{membership_of(sato)}"
    page = Visitor(app, director).submit(f"{at}/{what}", {"role": "director"}, form_page=at)
    assert page.status == 303, page.text
    assert member.get("/account").location.startswith("/sign-in")


def test_a_changed_role_does_not_revive_sessions_when_it_is_changed_back(
    app: Flask, director: Actor, sato: Actor
) -> None:
    member = Visitor(app, sato)
    boss = Visitor(app, director)
    at = f"/staff/{membership_of(sato)}"
    for role in ("director", "staff"):
        boss.submit(f"{at}/role", {"role": role}, form_page=at)
    assert member.get("/account").location.startswith("/sign-in")


def test_the_last_director_stays(app: Flask, director: Actor) -> None:
    at = f"/staff/{membership_of(director)}"
    desk = people.make_organisation("運用の会", OrganisationKind.OPERATOR)
    for actor in (director, people.make_worker("運用 たろう", desk, "operator")):
        boss = Visitor(app, actor)
        for what, data in (("end", {}), ("role", {"role": "staff"})):
            page = boss.submit(f"{at}/{what}", dict(data), form_page=at)
            assert page.status == 409
            assert "園長・主任がだれもいなくなります" in page.text


def test_nobody_ends_herself_and_others_only_by_name(
    app: Flask, director: Actor, hinata: Site, sato: Actor
) -> None:
    people.make_worker("次の 園長", hinata.organisation_id, "director")
    boss, own = Visitor(app, director), f"/staff/{membership_of(director)}"
    assert f"{own}/end" not in boss.get(own).html
    assert "ほかの方にたのんでください" in boss.get(own).text
    assert boss.get(f"{own}/end").location == own
    page = boss.submit(f"{own}/end", {}, form_page=own)
    assert page.status == 409
    assert "ご自分では終わりにできません" in page.text
    assert boss.get("/account").status == 200
    theirs = f"/staff/{membership_of(sato)}"
    assert f'action="{theirs}/end"' not in boss.get(theirs).html
    asked = boss.get(f"{theirs}/end").text
    assert asked.count("佐藤") > 1
    assert boss.submit(f"{theirs}/end", {}).status == 303
    assert boss.get(theirs).status == 404


@pytest.mark.proves("P6")
def test_the_members_of_another_organisation_are_not_there(
    app: Flask, director: Actor, yamada: Actor
) -> None:
    boss = Visitor(app, director)
    at = f"/staff/{membership_of(yamada)}"
    assert "山田" not in boss.get("/staff").text
    assert boss.get(at).status == 404
    for what in ("end", "role", "second-factor-reset"):
        assert boss.post(f"{at}/{what}", {"role": "director"}).status == 404


@pytest.mark.proves("P7")
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT end_membership(:membership)",
        "SELECT change_membership_role(:membership, 'director')",
        "SELECT reset_second_factor(:membership)",
        "SELECT issue_invitation(gen_random_uuid(), 'x', 'x', 'x', :organisation, 'staff', now())",
    ],
)
def test_the_database_itself_refuses_a_stranger(
    database: object, yamada: Actor, director: Actor, sato: Actor, statement: str
) -> None:
    del database
    stranger = Actor(
        role=Role.DIRECTOR, user_id=director.user_id, organisation_id=director.organisation_id
    )
    given = {"membership": membership_of(yamada), "organisation": yamada.organisation_id}
    for actor in (stranger, sato, ANONYMOUS):
        with (
            acting_as(actor),
            pytest.raises(DBAPIError, match=r"may not|not a member"),
            transaction() as session,
        ):
            session.execute(
                text(statement), {key: given[key] for key in given if f":{key}" in statement}
            )


def test_a_director_gives_no_role_of_another_body(app: Flask, director: Actor) -> None:
    page = Visitor(app, director).submit(
        "/staff/invitations", {"name": "x", "mail": "x@example.test", "role": "operator"}
    )
    assert page.status == 422
    assert page.field("mail") == "x@example.test"


def test_somebody_who_works_elsewhere_too_keeps_her_second_factor(
    app: Flask, director: Actor, midori: Site, mailbox: Mailbox
) -> None:
    hash_ = passwords.hashed(PASSWORD)
    user = people.make_account(
        "森 えみ",
        organisation_id=midori.organisation_id,
        role="staff",
        password_hash=hash_,
        mail="mori@example.test",
    )
    invite(app, director, "mori@example.test")
    Visitor(app).submit(mailbox.link(), {"password": PASSWORD})
    with acting_as(ANONYMOUS) as session:
        rows = session.execute(
            text("SELECT * FROM memberships_for_sign_in(:user)"), {"user": user}
        ).all()
        session.rollback()
    assert len(rows) == 2
    ours = next(row for row in rows if row.organisation_id == director.organisation_id)
    at = f"/staff/{ours.membership_id}"
    page = Visitor(app, director).submit(f"{at}/second-factor-reset", {}, form_page=at)
    assert page.status == 409
    assert "運用担当" in page.text


def test_the_open_invitations_of_a_director_end_with_her(
    app: Flask, director: Actor, hinata: Site, mailbox: Mailbox
) -> None:
    second = people.make_worker("次の 園長", hinata.organisation_id, "director")
    invite(app, director, "kimura@example.test", "director")
    link = mailbox.link()
    at = f"/staff/{membership_of(director)}"
    assert Visitor(app, second).submit(f"{at}/end", {}, form_page=at).status == 303
    assert Visitor(app).get(link).status == 404


def test_the_operator_sees_and_invites_everywhere(
    app: Flask, director: Actor, midori: Site, mailbox: Mailbox
) -> None:
    desk = people.make_organisation("運用の会", OrganisationKind.OPERATOR)
    operator = Visitor(app, people.make_worker("運用 たろう", desk, "operator"))
    assert "岡田 園長" in operator.get("/staff").text
    del director
    data = {
        "name": "新しい 園長",
        "mail": "new@example.test",
        "role": "director",
    }
    at = f"/staff/invitations?organisation={midori.organisation_id}"
    assert operator.submit(at, data).status == 303
    assert "みどりこども園の会" in Visitor(app).get(mailbox.link()).text


@pytest.mark.proves("R28")
@pytest.mark.parametrize(
    ("kind", "fit"),
    [
        (OrganisationKind.PROVIDER, {"staff", "director"}),
        (OrganisationKind.MUNICIPALITY, {"liaison"}),
        (OrganisationKind.FAMILY_CENTER, {"center_worker"}),
        (OrganisationKind.CONSULTATION_OFFICE, {"office_worker"}),
        (OrganisationKind.OPERATOR, {"operator"}),
    ],
)
def test_the_operator_is_offered_only_roles_that_fit_the_body(
    app: Flask, kind: OrganisationKind, fit: set[str]
) -> None:
    desk = people.make_organisation("運用の会", OrganisationKind.OPERATOR)
    operator = Visitor(app, people.make_worker("運用 たろう", desk, "operator"))
    body = people.make_organisation("みほんの会", kind)
    at = "/staff/invitations"
    assert f'value="{body}"' in operator.get(at).html
    assert 'name="role"' not in operator.get(at).html
    assert operator.get(f"{at}?organisation={uuid.uuid4()}").status == 422
    page = operator.get(f"{at}?organisation={body}")
    assert set(re.findall(r'name="role"[^>]*value="(\w+)"', page.html)) == fit
    for role in set(Role) - {Role(one) for one in fit}:
        wrong = {"name": "木村", "mail": "kimura@example.test", "role": role.value}
        assert operator.submit(f"{at}?organisation={body}", wrong).status == 422


def test_the_list_of_staff_and_ones_own_account_agree_on_the_second_factor(
    app: Flask, director: Actor
) -> None:
    assert director.user_id is not None
    visitor = Visitor(app, director)
    at = f"/staff/{membership_of(director)}"
    assert "まだ登録していません" in visitor.get(at).text
    assert "まだ登録していません" in visitor.get("/account").text

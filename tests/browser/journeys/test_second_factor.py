"""Everybody but guardians: from the invitation to a sign-in with password and code."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest

from portal.accounts import links
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Role
from portal.organisations.rules import OrganisationKind
from tests.browser.journeys.live import DESK, Live, picture
from tests.browser.journeys.screens import Door
from tests.factories.people import OPERATOR, make_organisation

MAIL, PASSWORD = "mari@example.test", "きれいな貝がらを三つ"
STEP = timedelta(seconds=30)
#: The body each role works in, and the first page after sign-in.
ROLES = [
    (Role.DIRECTOR, OrganisationKind.PROVIDER, "今日すること"),
    (Role.STAFF, OrganisationKind.PROVIDER, "今日すること"),
    (Role.LIAISON, OrganisationKind.MUNICIPALITY, "今日すること"),
    (Role.CENTER_WORKER, OrganisationKind.FAMILY_CENTER, "今日すること"),
    (Role.OFFICE_WORKER, OrganisationKind.CONSULTATION_OFFICE, "今日すること"),
    (Role.OPERATOR, OrganisationKind.OPERATOR, "今日すること"),
]


@pytest.mark.proves("P9")
@pytest.mark.parametrize(("role", "kind", "home"), ROLES, ids=[role for role, _, _ in ROLES])
def test_a_worker_enrols_her_phone_and_signs_in_with_it(
    live: Live, role: Role, kind: OrganisationKind, home: str
) -> None:
    invite(role, kind)
    door = Door(live.window(DESK))
    door.accept(live.mail(MAIL, "みほんの会からの招待").link("/invitations/"), PASSWORD)
    assert door.heading == "2段階認証の登録"
    picture(door.page, f"p-{role}-1-enrol")
    phone = pyotp.TOTP(door.secret)
    used = phone.at(clock.now())
    door.give(used, button="登録する")
    assert door.heading == "予備のコード"
    codes = door.recovery_codes
    assert len(set(codes)) == 10
    picture(door.page, f"p-{role}-2-codes")
    door.follow("しまいました。次へ進む")
    assert door.heading.startswith(home)
    picture(door.page, f"p-{role}-3-home")
    inside = door.page.url
    door.sign_out()
    door.page.goto(inside)
    assert door.heading == "ログイン"
    door.sign_in(MAIL, PASSWORD)
    assert door.heading == "認証コードを入れる"
    door.give(used, button="進む")
    assert "もう使われています" in door.problems[0]  # an app's code opens once
    door.give(phone.at(clock.now() + STEP), button="進む")
    assert door.page.url == inside


@pytest.mark.proves("P9")
def test_without_her_phone_a_recovery_code_opens_once(live: Live) -> None:
    invite(Role.STAFF, OrganisationKind.PROVIDER)
    door = Door(live.window(DESK))
    door.accept(live.mail(MAIL, "みほんの会からの招待").link("/invitations/"), PASSWORD)
    door.give(pyotp.TOTP(door.secret).at(clock.now()), button="登録する")
    code = door.recovery_codes[0]
    for opens in (True, False):
        door = Door(live.window(DESK))
        door.page.goto("/sign-in")
        door.sign_in(MAIL, PASSWORD)
        door.give(code, button="進む")
        assert (door.heading == "認証コードを入れる") is not opens
    assert "残りは9つ" in live.mail(MAIL, "アカウントが変わりました").text


def invite(role: Role, kind: OrganisationKind) -> None:
    body = make_organisation("みほんの会", kind)
    with acting_as(OPERATOR), transaction() as session:
        links.invite(session, MAIL, "佐藤 まり", role, body, actor=OPERATOR, now=clock.now())

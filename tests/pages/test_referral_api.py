"""Referrals by API: by token alone, once for each key, nothing without consent, no foreign eye."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from portal.accounts import api_tokens
from portal.accounts.api_tokens import Scope
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.organisations.rules import OrganisationKind
from portal.referrals.rules import Item, ReferralEvent
from tests.factories import outside, people, places, referring, support
from tests.pages.visit import Visitor

API = "/api/v1"
REFERRALS = f"{API}/referrals"


class Program:
    """Another program, with its token and without cookies."""

    def __init__(self, app: Flask, token: str) -> None:
        self.client = app.test_client(use_cookies=False)
        self.token = token

    def get(self, path: str, **query: object) -> TestResponse:
        return self.client.get(path, query_string=query, headers=self._headers())

    def send(self, body: object, key: str = outside.KEY, **headers: str) -> TestResponse:
        return self.client.post(
            REFERRALS, json=body, headers={"Idempotency-Key": key, **self._headers(), **headers}
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture
def program(app: Flask, suzuki: Actor) -> Program:
    return Program(app, outside.token(suzuki))


def problem(answer: TestResponse, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    body: dict[str, Any] = answer.get_json(force=True)
    assert body["status"] == status
    return body


def fields(answer: TestResponse, status: int = 422) -> set[str]:
    body = problem(answer, status)
    assert all(each["detail"].endswith("。") and each["remedy"] for each in body["errors"])
    return {each["pointer"] for each in body["errors"]}


def rows(worker: Actor, table: str) -> int:
    with acting_as(worker), transaction() as session:
        found: int = session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        return found


@pytest.mark.proves("R7", "R10", "R11", "R12", "R13", "R30")
def test_a_referral_comes_in_as_from_the_pages(
    program: Program, suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    answer = program.send(outside.content(hinata))
    assert answer.status_code == 201, answer.get_data(as_text=True)
    assert not answer.headers.getlist("Set-Cookie")
    [made] = answer.get_json()["referrals"]
    assert (made["state"], made["number"], made["source"]) == ("sent", "K-2026-0012", "api")
    assert made["receiver"]["name"] == "ひなた保育園"
    assert "高橋" not in answer.get_data(as_text=True)
    passed = referring.items_of(sato, uuid.UUID(made["id"]))
    assert set(passed) == {Item.NAME_AND_PHONE, Item.CHILDREN, Item.FATIGUE}, "as agreed"
    assert len(json.loads(passed[Item.CHILDREN])) == 3
    with acting_as(suzuki), transaction() as session:
        kept = session.execute(
            text("SELECT source, paper_reference, wording_version, wording FROM consents")
        ).all()
    assert {(row.source, row.paper_reference) for row in kept} == {("paper_form", "R8-12")}
    assert any("ひなた保育園" in row.wording for row in kept)


@pytest.mark.proves("R11", "R13")
@pytest.mark.parametrize("missing", ["sharing", "told"])
def test_nothing_is_sent_or_kept_without_consent(
    program: Program, suzuki: Actor, hinata: places.Site, missing: str
) -> None:
    body = outside.content(hinata)
    del body["consents"][missing]
    assert fields(program.send(body)) == {f"/consents/{missing}"}
    old = outside.content(hinata)
    old["consents"][missing]["wording_version"] = "2019-1"
    assert fields(program.send(old)) == {f"/consents/{missing}/wording_version"}
    assert [rows(suzuki, table) for table in ("referrals", "families", "consents")] == [0, 0, 0]


def test_every_wrong_field_is_named_at_once(program: Program, hinata: places.Site) -> None:
    ahead = (clock.today(clock.now()) + timedelta(days=3)).isoformat()
    body = outside.content(hinata, number="x" * 20)
    body["interview"]["held_on"] = ahead
    body["guardian"]["phone"] = "１２３"
    body["children"][0]["name"] = ""
    body["consents"]["told"]["reference"] = "  "
    body["receivers"] = [{"facility_id": str(uuid.uuid4())}]
    body["consents"]["sharing"]["items"] = ["children"]
    assert fields(program.send(body)) == {
        "/interview/held_on",
        "/guardian/phone",
        "/children/0/name",
        "/receivers/0",
        "/consents/told/reference",
        "/consents/sharing/items",
    }
    shape = outside.content(hinata, urgency="at once", surprise=1)
    shape["children"] = []
    shape["interview"]["held_on"] = "令和8年"
    shape["receivers"] = [{}]
    assert fields(program.send(shape)) == {
        "/urgency",
        "/surprise",
        "/children",
        "/interview/held_on",
        "/receivers/0",
    }
    young = outside.content(hinata)
    young["children"] = [{"born_on": "2012-04-02", "name": "高橋 そら"}]
    assert fields(program.send(young)) == {"/receivers/0"}


@pytest.mark.proves("P2")
def test_a_key_does_its_work_once(program: Program, suzuki: Actor, hinata: places.Site) -> None:
    body = outside.content(hinata)
    first = program.send(body)
    again = program.send(dict(reversed(body.items())))
    assert again.status_code == 201
    assert again.get_json() == first.get_json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert rows(suzuki, "referrals") == 1
    other = problem(program.send(outside.content(hinata, urgency="urgent")), 409)
    assert other["code"] == "key_of_other_content"
    assert problem(program.send(body, key="short"), 400)["code"] == "key_needed"
    # Refused ones are not remembered: put right, the same key may be used.
    wrong = outside.content(hinata, number="K-2", target_on="2020-01-01")
    assert fields(program.send(wrong, key="another-key-1")) == {"/target_on"}
    right = outside.content(hinata, number="K-2")
    right["guardian"]["name"] = "小林 なお"
    assert program.send(right, key="another-key-1").status_code == 201


def test_the_same_referral_under_a_new_key_is_a_conflict(
    program: Program, suzuki: Actor, hinata: places.Site, midori: places.Site
) -> None:
    program.send(outside.content(hinata))
    same = problem(program.send(outside.content(hinata), key="a-second-key"), 409)
    assert [each["code"] for each in same["errors"]] == ["number_taken"]
    # Known by name and phone, the family is one; so the nursery is not asked twice for it.
    unnumbered = problem(program.send(outside.content(hinata, number=None), key="third-key"), 409)
    assert [each["code"] for each in unnumbered["errors"]] == ["already_referred"]
    onward = program.send(outside.content(midori), key="a-fourth-key")
    assert onward.status_code == 201, onward.get_data(as_text=True)
    assert rows(suzuki, "families") == 1
    assert rows(suzuki, "children") == 3


def test_two_receivers_are_two_referrals(
    program: Program, hinata: places.Site, midori: places.Site
) -> None:
    both = [{"facility_id": str(site.facility_id)} for site in (hinata, midori)]
    made = program.send(outside.content(hinata, receivers=both)).get_json()["referrals"]
    assert [each["receiver"]["name"] for each in made] == ["ひなた保育園", "みどりこども園"]
    twice = outside.content(hinata, number="K-9", receivers=both[:1] * 2)
    assert fields(program.send(twice, key="again-again"), 422) >= {"/receivers/1"}


@pytest.mark.proves("P6")
def test_a_token_does_what_it_was_issued_for_and_no_more(
    app: Flask, suzuki: Actor, hinata: places.Site
) -> None:
    reads, writes = (
        Program(app, outside.token(suzuki, scope)) for scope in (Scope.READ, Scope.WRITE)
    )
    assert problem(reads.send(outside.content(hinata)), 403)["code"] == "scope_missing"
    assert problem(reads.get(f"{API}/receivers"), 403)["code"] == "scope_missing"
    sent = writes.send(outside.content(hinata))
    assert sent.status_code == 201
    assert problem(writes.get(REFERRALS), 403)["code"] == "scope_missing"
    assert problem(writes.get(sent.headers["Location"]), 403)["code"] == "scope_missing"
    assert reads.get(REFERRALS).status_code == 200


@pytest.mark.proves("P6")
def test_revoked_ended_and_orphaned_tokens_open_nothing(app: Flask, suzuki: Actor) -> None:
    token = outside.token(suzuki)
    program = Program(app, token)
    assert program.get(REFERRALS).status_code == 200
    with acting_as(suzuki), transaction() as session:
        [row] = api_tokens.tokens_of(session, actor=suzuki)
        assert row.last_used_at is not None
        assert token.encode() not in row.token_hash
        api_tokens.revoke_token(session, row.id, actor=suzuki, now=clock.now())
    refused = program.get(REFERRALS)
    assert problem(refused, 401)["code"] == "token_needed"
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    ended = outside.token(suzuki, now=clock.now() - timedelta(days=91))
    problem(Program(app, ended).get(REFERRALS), 401)
    leaves = people.make_liaison("去る 人")
    orphaned = Program(app, outside.token(leaves))
    _leave(leaves)
    problem(orphaned.get(REFERRALS), 401)


def _leave(worker: Actor) -> None:
    operator = people.make_worker(
        "運用 係", people.make_organisation("運用", OrganisationKind.OPERATOR), "operator"
    )
    with acting_as(operator), transaction() as session:
        session.execute(
            text("SELECT end_membership(id) FROM memberships WHERE user_id = :user"),
            {"user": worker.user_id},
        )


@pytest.mark.proves("P6", "P11")
def test_cookies_open_nothing(app: Flask, suzuki: Actor, hinata: places.Site) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    nurse = Visitor(app, suzuki)
    headers = {"Idempotency-Key": outside.KEY}
    answer = nurse.client.post(REFERRALS, json=outside.content(hinata), headers=headers)
    problem(answer, 401)
    problem(nurse.client.get(REFERRALS), 401)
    # By its token it comes in without the other guard of forms.
    token = outside.token(suzuki)
    headers["Authorization"] = f"Bearer {token}"
    answer = nurse.client.post(REFERRALS, json=outside.content(hinata), headers=headers)
    assert answer.status_code == 201


@pytest.mark.proves("P7")
def test_nobody_sees_what_another_body_sent(
    app: Flask, program: Program, sato: Actor, hinata: places.Site
) -> None:
    sent = program.send(outside.content(hinata))
    where = sent.headers["Location"]
    stranger = Program(app, outside.token(support.make_center()))
    problem(stranger.get(where), 404)
    assert stranger.get(REFERRALS).get_json()["referrals"] == []
    problem(stranger.get(f"{REFERRALS}/{uuid.uuid4()}"), 404)
    # What came to one's own body is no referral that one sent.
    receiver = support.make_center("受け取る センター", "受け 取る")
    assert receiver.organisation_id is not None
    sender = people.make_liaison("送る 人")
    of = referring.interviewed(sender)
    draft = referring.drafted(sender, of, receiver.organisation_id)
    referring.agreed(sender, of.family_id, receiver.organisation_id)
    referring.sent(sender, draft.id)
    problem(Program(app, outside.token(receiver)).get(f"{REFERRALS}/{draft.id}"), 404)
    del sato


@pytest.mark.proves("R15")
def test_the_way_of_a_referral_is_read_with_its_times(
    program: Program, sato: Actor, hinata: places.Site
) -> None:
    sent = program.send(outside.content(hinata)).get_json()["referrals"][0]
    referring.moved(sato, uuid.UUID(sent["id"]), ReferralEvent.RECEIVE)
    referring.moved(sato, uuid.UUID(sent["id"]), ReferralEvent.CONTACT, "電話でお話ししました")
    answer = program.get(f"{REFERRALS}/{sent['id']}")
    seen = answer.get_json()
    assert "電話で" not in answer.get_data(as_text=True), "words stay in the portal"
    assert [each["kind"] for each in seen["events"]] == ["send", "receive", "contact"]
    assert [each["by"] for each in seen["events"]] == ["sender", "receiver", "receiver"]
    assert seen["state"] == "in_contact"
    assert seen["contacted_at"] >= seen["received_at"] >= seen["sent_at"]
    assert seen["next"]["by"] == "receiver"
    assert program.get(REFERRALS, state="sent").get_json()["referrals"] == []
    page = program.get(REFERRALS, state="in_contact", limit=1).get_json()
    assert [each["id"] for each in page["referrals"]] == [sent["id"]]
    later = (clock.now() + timedelta(hours=1)).isoformat()
    assert program.get(REFERRALS, changed_since=later).get_json()["referrals"] == []
    wrong = program.get(REFERRALS, state="gone", limit="0", after="x", changed_since="heute")
    assert fields(wrong) == {"/state", "/limit", "/after", "/changed_since"}


def test_too_many_requests_wait(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.api.bearer.USES_A_MINUTE", 3)
    answers = [program.get(REFERRALS) for _ in range(4)]
    assert [each.status_code for each in answers] == [200, 200, 200, 429]
    assert problem(answers[-1], 429)["code"] == "too_many_requests"
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"null", "application/json", 422),
        (b"a=b", "application/x-www-form-urlencoded", 415),
        (b'"' + b"x" * 300_000 + b'"', "application/json", 413),
    ],
)
def test_what_is_no_referral_is_told_so(
    program: Program, data: bytes, kind: str, status: int
) -> None:
    headers = {"Authorization": f"Bearer {program.token}", "Idempotency-Key": outside.KEY}
    answer = program.client.post(REFERRALS, data=data, content_type=kind, headers=headers)
    problem(answer, status)


def test_other_addresses_and_methods_answer_alike(program: Program) -> None:
    problem(program.get(f"{API}/nothing"), 404)
    gone = program.client.delete(REFERRALS)
    assert problem(gone, 405)["code"] == "method_not_allowed"
    assert "POST" in gone.headers["Allow"]


@pytest.mark.proves("P6")
def test_a_token_is_shown_once_and_ends_when_it_is_stopped(
    app: Flask, suzuki: Actor, sato: Actor
) -> None:
    where = "/liaison/api-tokens/"
    nurse = Visitor(app, suzuki)
    assert "まだありません" in nurse.get(where).text
    empty = nurse.submit(where, {"name": "", "scopes": [], "days": "90"})
    assert empty.status == 422
    once = nurse.get(where).field("once")
    chosen = {"once": once, "name": "母子保健", "scopes": ["referrals:read"], "days": "30"}
    shown = nurse.post(where, chosen)
    token = next(word for word in shown.text.split() if word.startswith("azk_"))
    assert shown.response.headers["Cache-Control"] == "no-store"
    again = nurse.post(where, chosen)
    assert again.location == where, "sent twice it is one token, and shown once"
    listed = nurse.get(where)
    assert token not in listed.html
    assert "母子保健" in listed.text
    assert Program(app, token).get(REFERRALS).status_code == 200
    [revoke] = re.findall(r'action="([^"]+/revoke)"', listed.html)
    assert nurse.submit(revoke, {}, form_page=where).status == 303
    assert "止めました" in nurse.get(where).text
    problem(Program(app, token).get(REFERRALS), 401)
    assert Visitor(app, sato).get(where).status == 403

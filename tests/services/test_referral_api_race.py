"""The same request from two connections at once: one referral, the same answer to both."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import Engine, text

from portal.app import create_app
from portal.db.session import acting_as, transaction
from tests.conftest import settings_for_tests
from tests.database import TestServer
from tests.factories import outside, people, places


@pytest.mark.proves("P2")
def test_two_at_once_with_one_key_are_one(emptied: Engine, server: TestServer) -> None:
    del emptied
    nurse, site = people.make_liaison("鈴木 あき"), places.make_site("ひなた保育園")
    token, content = outside.token(nurse), outside.content(site)
    app = create_app(settings_for_tests(server))
    ready, answers = threading.Barrier(3), []

    def send() -> None:
        client = app.test_client(use_cookies=False)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": outside.KEY}
        ready.wait(20)
        answers.append(client.post("/api/v1/referrals", json=content, headers=headers))

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [each.status_code for each in answers] == [201, 201, 201]
    assert all(each.get_json() == answers[0].get_json() for each in answers)
    with acting_as(nurse), transaction() as session:
        assert session.execute(text("SELECT count(*) FROM referrals")).scalar_one() == 1

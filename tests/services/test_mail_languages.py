"""A mail leaves in the language of its reader, whoever caused it and whatever the worker speaks."""

from __future__ import annotations

import re
import uuid
from datetime import datetime

from icalendar import Calendar
from sqlalchemy import Engine, text

from portal.bookings.models import Booking
from portal.db.session import Database, acting_as, in_use, make_engine, transaction, use
from portal.documents import i18n
from portal.kernel.actor import ANONYMOUS
from portal.messages.delivery import Delivery
from portal.messages.letters import collect
from portal.messages.outbox import enqueue
from portal.messages.smtp import Post
from tests.database import TestServer
from tests.factories import days, people, places
from tests.pages.test_language_pages import JAPANESE, WRITTEN
from tests.smtp import running_mail_server


def test_each_reader_gets_her_own_language(emptied: Engine, server: TestServer) -> None:
    site = places.make_site("ひなた保育園")
    app, mothers = in_use(), {}
    for code in ("en", "ja_easy", "ja"):
        mother = people.make_guardian("田中 みほ", children=("田中 はな",))
        places.accept(site, mother, people.children_of(mother)[0].id)
        (stay,) = days.book(site, mother)
        with acting_as(mother), transaction() as session:
            session.execute(
                text("UPDATE users SET locale = :code WHERE id = :id"),
                {"code": code, "id": mother.user_id},
            )
            group_id: uuid.UUID = session.get_one(Booking, stay).group_id
        with acting_as(ANONYMOUS), transaction() as session:
            enqueue(
                session,
                "bookings/placed",
                about=[group_id],
                to_family=mother.family_id,
                organisation_id=site.organisation_id,
            )
        mothers[code] = mother
    with acting_as(ANONYMOUS), transaction() as session, i18n.use_language("en"):
        enqueue(
            session, "accounts/told_of_change", to_mail="new@example.test", context={"what": "mail"}
        )
    engine = make_engine(server.url("portal_worker", str(emptied.url.database)))
    use(Database(engine, server.secrets))
    with running_mail_server() as smtp:
        Delivery(collect(), Post(smtp.settings), base_url="http://portal.test").drain()
    use(app)
    engine.dispose()
    english, easy, japanese, address = smtp.taken
    subject = str(english.message["Subject"])
    assert subject.startswith("Booking: ")
    assert re.search(r"\b(Mon|Tue|Wed|Thu|Fri) \d{1,2} [A-Z][a-z]{2}( \d{4})?, 9:00", subject)
    assert "Your booking is confirmed." in english.text
    rest = english.text
    for name in sorted((*WRITTEN, "田中 みほ"), key=len, reverse=True):
        rest = rest.replace(name, "")
    assert not JAPANESE.search(rest), rest
    assert "予約（よやく）ができました。" in easy.text
    assert str(easy.message["Subject"]).startswith("【予約】"), "no readings in a subject"
    assert "予約ずみです。" in japanese.text
    assert "The email address of this account" in address.text
    (part,) = [one for one in english.message.walk() if one.get_content_type() == "text/calendar"]
    calendar = part.get_payload(decode=True)
    assert isinstance(calendar, bytes)
    entry = Calendar.from_ical(calendar).walk("VEVENT")[0]
    assert str(entry["summary"]) == "Temporary care, ひなた保育園"
    assert "Temporary care (1 child)" in str(entry["description"])
    assert isinstance(entry.decoded("dtstart"), datetime)

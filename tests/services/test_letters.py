"""Letters in place of mails: the same words, for the right guardian, waiting until passed on."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import DBAPIError, NoResultFound

from portal.bookings.models import Booking
from portal.db.session import Database, acting_as, in_use, make_engine, transaction, use
from portal.families import rights
from portal.kernel import clock
from portal.kernel.actor import Actor, Right
from portal.kernel.errors import Refusal
from portal.letters import queries, service
from portal.letters.models import Letter
from portal.letters.paper import letter_html
from portal.letters.queries import WaitingLetter
from portal.letters.rules import LetterRefusal, Way
from portal.messages.delivery import Delivery
from portal.messages.letters import collect
from portal.messages.outbox import enqueue
from portal.messages.smtp import Post
from portal.preregistration import service as preregistrations
from tests.database import TestServer
from tests.factories import apart, days, letters, people, places, visits
from tests.smtp import running_mail_server


@pytest.fixture
def family(sato: Actor) -> Actor:
    return letters.phone_family(sato)


def waiting(who: Actor) -> list[WaitingLetter]:
    with acting_as(who) as session:
        found = queries.waiting(session, actor=who)
        session.expunge_all()
        session.rollback()
    return found


def written(who: Actor) -> list[Letter]:
    """Write all that waits, and return the letters as they would be printed."""
    ids = [line.id for line in waiting(who)]
    now = clock.now()
    with acting_as(who), transaction() as session:
        made = service.write(session, ids, actor=who, now=now, where=letters.WHERE)
        found = [queries.letter(session, each, actor=who) for each in made.letters]
        session.expunge_all()
    return found


def close(who: Actor, *wanted: uuid.UUID, way: Way = Way.HANDED, days_ago: int = 0) -> int:
    now = clock.now()
    with acting_as(who), transaction() as session:
        return service.pass_on(
            session,
            wanted,
            way,
            clock.today(now) - timedelta(days=days_ago),
            actor=who,
            now=now,
            where=letters.WHERE,
        )


def booked(site: places.Site, family: Actor) -> uuid.UUID:
    days.book(site, family)
    with acting_as(family) as session:
        group: uuid.UUID = session.scalars(select(Booking.group_id)).one()
        session.rollback()
    letters.unmailed("bookings/placed", group, family=family, organisation_id=site.organisation_id)
    return group


@pytest.mark.proves("J7", "R30")
def test_a_family_without_mail_gets_the_confirmation_of_its_booking_as_a_letter(
    hinata: places.Site, sato: Actor, family: Actor
) -> None:
    booked(hinata, family)
    (line,) = waiting(sato)
    assert (line.receiver.name, line.receiver.address) == ("髙﨑 みほ", letters.HOME)
    (letter,) = written(sato)
    assert "予約ずみです。" in letter.body
    assert "髙﨑 はなさん" in letter.body  # an envelope is closed; a mail names no child
    assert "受付番号" in letter.body
    assert "http" not in letter.body
    assert "メール" not in letter.body
    assert letter.facility_id == hinata.facility_id
    assert [each.id for each in waiting(sato)] == [letter.id]  # printing passes nothing on


@pytest.mark.proves("J7")
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("received", "返事は、電話かおたよりで"),
        ("asked_back", "お昼寝は何時ですか"),
        ("accepted", "次は、予約です。園に電話するか"),
        ("declined", "いまは満員です"),
        ("withdrawn", "取り下げを受け付けました"),
    ],
)
def test_each_word_about_an_application_is_said_whole_since_there_is_no_page_to_lead_to(
    hinata: places.Site, sato: Actor, family: Actor, kind: str, said: str
) -> None:
    row = letters.phone_application(hinata, sato, family)
    now = clock.now()
    with acting_as(sato), transaction() as session:
        if kind == "asked_back":
            preregistrations.ask_back(session, row, "お昼寝は何時ですか", actor=sato, now=now)
        if kind == "declined":
            preregistrations.decline(session, row, "いまは満員です", actor=sato, now=now)
        if kind == "accepted":
            preregistrations.accept(session, row, actor=sato, now=now)
        if kind == "withdrawn":
            preregistrations.withdraw(session, row, actor=sato, now=now)
    letters.unmailed(
        f"preregistration/{kind}", row, family=family, organisation_id=hinata.organisation_id
    )
    (letter,) = written(sato)
    assert said in letter.body
    assert "髙﨑 はなさん" in letter.body
    assert "http" not in letter.body
    assert "ここから" not in letter.body


@pytest.mark.proves("J7")
def test_what_is_no_longer_so_is_not_printed(
    hinata: places.Site, sato: Actor, family: Actor
) -> None:
    booked(hinata, family)
    letters.unmailed(
        "bookings/placed", uuid.uuid4(), family=family, organisation_id=hinata.organisation_id
    )
    assert len(waiting(sato)) == 2
    assert len(written(sato)) == 1
    assert len(waiting(sato)) == 1
    with acting_as(sato) as session:
        closed = queries.passed_on(session, clock.now() - timedelta(days=1), actor=sato)
        assert [each.letter.way for each in closed] == [Way.NOT_NEEDED]


def test_a_mail_that_failed_is_a_letter_too_and_off_both_lists_once_it_was_passed_on(
    hinata: places.Site, sato: Actor, family: Actor
) -> None:
    group = booked(hinata, family)
    mail = letters.unmailed(
        "bookings/placed",
        group,
        family=family,
        organisation_id=hinata.organisation_id,
        has_failed=True,
    )
    wanted = next(line.id for line in waiting(sato) if line.message.id == mail)
    assert close(sato, wanted, way=Way.FAXED) == 1
    assert mail not in {line.message.id for line in waiting(sato)}
    with acting_as(sato), transaction() as session:
        assert service.reopen(session, wanted, actor=sato).way is None
    assert mail in {line.message.id for line in waiting(sato)}


def test_what_is_marked_says_how_when_and_by_whom_and_is_taken_back(
    hinata: places.Site, sato: Actor, family: Actor
) -> None:
    booked(hinata, family)
    (line,) = waiting(sato)
    assert close(sato, line.id, way=Way.POSTED) == 1
    assert waiting(sato) == []
    with acting_as(sato) as session:
        (done,) = queries.passed_on(session, clock.now() - timedelta(days=1), actor=sato)
        assert (done.letter.way, done.by) == (Way.POSTED, "佐藤 まり")
        assert done.letter.passed_on == clock.today(clock.now())
        session.rollback()
    with pytest.raises(Refusal) as refused:
        close(sato, line.id)
    assert refused.value.codes == (LetterRefusal.CLOSED_ALREADY,)
    with acting_as(sato), transaction() as session:
        service.reopen(session, line.id, actor=sato)
    assert [each.id for each in waiting(sato)] == [line.id]


def test_a_day_that_cannot_be_is_refused_with_its_reason(
    hinata: places.Site, sato: Actor, family: Actor
) -> None:
    booked(hinata, family)
    (line,) = waiting(sato)
    for days_ago, code in ((-1, LetterRefusal.IN_FUTURE), (9, LetterRefusal.BEFORE_IT_WAS)):
        with pytest.raises(Refusal) as refused:
            close(sato, line.id, days_ago=days_ago)
        assert refused.value.codes == (code,)
    with pytest.raises(Refusal) as refused:
        close(sato)
    assert refused.value.codes == (LetterRefusal.NOTHING_CHOSEN,)


@pytest.mark.proves("P13")
def test_the_stranger_sees_writes_opens_and_marks_nothing(
    hinata: places.Site, sato: Actor, yamada: Actor, family: Actor
) -> None:
    booked(hinata, family)
    (letter,) = written(sato)
    assert waiting(yamada) == []
    with acting_as(yamada), transaction() as session:
        assert session.scalars(select(Letter)).all() == []  # without any filter
        answer = service.write(
            session, [letter.id], actor=yamada, now=clock.now(), where=letters.WHERE
        )
        assert answer.letters == ()
        for act in (
            lambda: service.open_sheets(session, [letter.id], actor=yamada),
            lambda: service.reopen(session, letter.id, actor=yamada),
        ):
            with pytest.raises(NoResultFound):
                act()
        found = session.execute(
            text("SELECT * FROM letter_receivers(:family)"), {"family": family.family_id}
        )
        assert found.all() == []
    with pytest.raises(Refusal):
        close(yamada, letter.id)


@pytest.mark.proves("P13")
def test_the_database_takes_no_letter_to_a_family_that_is_not_open(
    hinata: places.Site, sato: Actor, yamada: Actor, family: Actor
) -> None:
    booked(hinata, family)
    (line,) = waiting(sato)
    made = Letter(
        id=uuid.uuid4(),
        message_id=line.message.id,
        organisation_id=yamada.organisation_id,
        family_id=line.receiver.family_id,
        guardian_id=line.receiver.guardian_id,
        kind="bookings/placed",
        made_at=clock.now(),
    )
    made.text = "x"
    with acting_as(yamada) as session:
        session.add(made)
        with pytest.raises(DBAPIError, match="row-level security"):
            session.flush()


@pytest.mark.proves("P13")
def test_a_protected_address_stands_on_no_letter_and_no_other_guardian_gets_one(
    hinata: places.Site, sato: Actor
) -> None:
    mother = people.make_guardian("田中 みほ", children=("田中 はな",))
    apart.give_address(mother)
    father = apart.join(mother)
    with acting_as(father), transaction() as session:
        session.execute(
            text("UPDATE guardians SET address = 'みほん市べつの町9' WHERE user_id = :user"),
            {"user": father.user_id},
        )
    booked(hinata, mother)
    names = {line.receiver.name for line in waiting(sato)}
    assert names == {"田中 みほ", "田中 けん"}  # two homes: two letters
    made = written(sato)
    apart.protect(sato, mother)
    (line,) = waiting(sato)
    assert (line.receiver.name, line.receiver.address) == ("田中 みほ", None)
    # Both were written before: his is not printed any more, hers without any address.
    with acting_as(sato), transaction() as session:
        sheets = service.open_sheets(session, [each.id for each in made], actor=sato)
        pages = [letter_html(sheet, is_demo=False) for sheet in sheets]
    (page,) = pages
    assert "田中 みほ" in page
    assert "手わたし" in page
    assert apart.ADDRESS not in page
    assert "べつの町" not in page
    his = next(each.id for each in made if each.guardian_id == apart.own_row(father))
    with acting_as(sato) as session, pytest.raises(NoResultFound):
        service.open_sheets(session, [his], actor=sato)


def test_a_guardian_from_whom_mails_are_withheld_gets_no_letter(
    hinata: places.Site, sato: Actor
) -> None:
    mother = people.make_guardian("田中 みほ", children=("田中 はな",))
    father = apart.join(mother)
    with acting_as(father), transaction() as session:
        session.execute(
            text("UPDATE guardians SET address = 'みほん市べつの町9' WHERE user_id = :user"),
            {"user": father.user_id},
        )
    booked(hinata, mother)
    with acting_as(mother), transaction() as session:
        rights.set_rights(session, apart.own_row(father), [Right.MAILS], actor=mother)
    assert [line.receiver.name for line in waiting(sato)] == ["田中 みほ"]


@pytest.mark.proves("J7", "P13")
def test_from_the_queue_to_the_paper_with_its_traces_until_the_family_is_erased(
    emptied: Engine, server: TestServer
) -> None:
    site = places.make_site("ひなた保育園")
    staff = people.make_worker("佐藤 まり", site.organisation_id, "staff")
    family = letters.phone_family(staff)
    days.book(site, family)
    with acting_as(family), transaction() as session:
        enqueue(
            session,
            "bookings/placed",
            about=[session.scalars(select(Booking.group_id)).one()],
            to_family=family.family_id,
            organisation_id=site.organisation_id,
        )
    assert waiting(staff) == []  # it might still be sent
    app, engine = in_use(), make_engine(server.url("portal_worker", str(emptied.url.database)))
    use(Database(engine, server.secrets))
    with running_mail_server() as smtp:
        Delivery(collect(), Post(smtp.settings), base_url="http://portal.test").drain()
    use(app)
    engine.dispose()
    assert smtp.taken == []
    (letter,) = written(staff)
    with acting_as(staff), transaction() as session:
        service.open_sheets(session, [letter.id], actor=staff)
    assert close(staff, letter.id) == 1
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))
    with admin.begin() as connection:
        actions = connection.scalars(
            text("SELECT action FROM audit_log WHERE subjects @> ARRAY[:id] ORDER BY at, id"),
            {"id": letter.id},
        ).all()
        assert connection.scalar(text("SELECT count(*) FROM letters")) == 1
        connection.execute(text("UPDATE families SET erased_at = now()"))
        assert connection.scalar(text("SELECT count(*) FROM letters")) == 0
    admin.dispose()
    assert set(actions) == {"letter.made", "read.letter", "letter.closed"}


def test_one_that_cannot_be_written_waits_on_and_does_not_stop_the_others(
    hinata: places.Site, sato: Actor, family: Actor
) -> None:
    letters.unmailed("nobody/writes_this", family=family, organisation_id=hinata.organisation_id)
    booked(hinata, family)
    assert len(written(sato)) == 1
    assert len(waiting(sato)) == 2
    broken = next(line.id for line in waiting(sato) if line.made is None)
    assert close(sato, broken, way=Way.TOLD) == 1  # staff phoned
    assert len(waiting(sato)) == 1


def test_accounts_and_reminders_are_no_letters(
    hinata: places.Site, sato: Actor, family: Actor
) -> None:
    for kind in ("accounts/password_reset", "families/joined", "attendance/reminder"):
        letters.unmailed(kind, family=family, organisation_id=hinata.organisation_id)
    assert waiting(sato) == []


@pytest.mark.proves("J7")
def test_a_visit_that_was_booked_by_phone_is_confirmed_on_paper(
    hinata: places.Site, sato: Actor, family: Actor
) -> None:
    (child,) = people.children_of(family)
    places.accept(hinata, family, child.id)
    visit = visits.book(family, visits.open_session(hinata))
    letters.unmailed("visits/booked", visit, family=family, organisation_id=hinata.organisation_id)
    (letter,) = written(sato)
    assert "来られなくなったときは、園に電話してください。" in letter.body
    assert letter.facility_id == hinata.facility_id
    assert "https://portal.test" not in letter.body

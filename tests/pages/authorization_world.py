"""Two organisations, two families and somebody of every role, for the authorization matrix."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, select, text

from portal.accounts import links
from portal.accounts.invitations import invite_first_director
from portal.bookings.models import Booking
from portal.consents import service as consents
from portal.consents.service import Given
from portal.consents.wordings import VERSION, ConsentPurpose
from portal.datarequests import service as data_requests
from portal.datarequests.rules import RequestTopic
from portal.daysheets.service import make_sheet
from portal.db.session import acting_as, transaction
from portal.drafts import service as drafts
from portal.drafts.queries import drafts as own_drafts
from portal.facilities import claims
from portal.facilities.models import Closure, FacilityImport
from portal.families import expected, rights
from portal.families import service as families
from portal.families.rules import ChildDetails
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor, Right, Role
from portal.messages.models import OutboxMessage
from portal.notices.models import NoticeReceipt
from portal.notices.rules import Audience, Cause, NoticeKind, NoticeWish
from portal.notices.service import send_notice
from portal.organisations.rules import OrganisationKind
from portal.organisations.service import open_provider
from portal.selfservice.application_view import form_key
from portal.uploads import service as uploads
from portal.uploads.rules import UploadPurpose
from tests.factories import (
    apart,
    days,
    homes,
    letters,
    outside,
    people,
    places,
    support,
    visits,
)
from tests.factories.photos import photo
from tests.pages.authorization_expectations import APART, HALF_IN
from tests.pages.authorization_secrets import secrets_of
from tests.pages.authorization_supported import (
    case_told,
    outreach_plan,
    referred,
    shared_consent,
    supported,
    told_too,
)

Values = Mapping[str, object]
LIST = Path(__file__).parents[1] / "data/facilities/koriyama_nurseryData.cp932.csv"
TOMORROW = clock.today(clock.now()) + timedelta(days=1)
#: The document that the rules of every facility here ask for first.
DOCUMENT = "本人確認の書類"
#: What is in an address and is nobody's.
NEUTRAL: Values = {
    "day": TOMORROW,
    "month": f"{TOMORROW:%Y-%m}",
    "number": 1,
    "section": "health",
    "filename": "icon.svg",
    "ending": "csv",
    "kind": "booking",
    "about": "paper",
    "what": "done",
}


@dataclass(frozen=True)
class World:
    """Tokens by role; values of addresses that are one's own, another's, nobody's."""

    tokens: Mapping[str, str]
    own: Values
    others: Values
    #: Secret tokens in addresses, by endpoint.
    secrets: Mapping[str, str]
    #: What is a supporting body's own: it sees the families that it has met, and no nursery's.
    own_of: Mapping[str, Values]

    def value(self, name: str, kind: str, role: str = "") -> object:
        """Return an id that is one's own, another's (``others``, ``mixed``) or ``absent``."""
        if kind == "absent":
            return uuid.uuid4()
        if kind == "own" and name in self.own_of.get(role, {}):
            return self.own_of[role][name]
        return (self.own if kind == "own" else self.others)[name]


def build() -> World:
    """Make everything; the caller rolls it back."""
    hinata, midori = places.make_site("ひなた保育園"), places.make_site("みどりこども園")
    tanaka = people.make_guardian("田中 みほ", children=("田中 はな",))
    stranger = people.make_guardian("遠い だれか", children=("遠い こども",))
    staff = people.make_worker("佐藤 まり", hinata.organisation_id, "staff")
    actors = {
        "guardian": tanaka,
        APART: _kept_out(tanaka),
        "new_guardian": Actor(role=Role.GUARDIAN, user_id=people.make_account("新しい 保護者")),
        "staff": staff,
        HALF_IN: people.make_worker("半分 だけ", hinata.organisation_id, "staff"),
        "director": people.make_worker("岡田 園長", hinata.organisation_id, "director"),
        "liaison": people.make_liaison("鈴木 あき"),
        "center_worker": _of("みほん市センター", OrganisationKind.FAMILY_CENTER, "center_worker"),
        "office_worker": _of("相談の家", OrganisationKind.CONSULTATION_OFFICE, "office_worker"),
        "operator": _of("運用の会", OrganisationKind.OPERATOR, "operator"),
    }
    tokens = {
        role: people.session_token(actor, second_factor=role != HALF_IN)
        for role, actor in actors.items()
    }
    yamada = people.make_worker("山田 けい", midori.organisation_id, "staff")
    far_city = people.make_liaison("遠い 市の人")
    onward = {"onward_to": f"{midori.organisation_id}.{midori.facility_id}"}
    own = {**_things(hinata, tanaka, staff, actors["liaison"]), **onward}
    others = {**_things(midori, stranger, yamada, far_city), **onward}
    for role in ("center_worker", "office_worker"):
        told_too(tanaka, staff, own["case_id"], actors[role])
    own["token_id"], others["token_id"] = (
        outside.issued(each) for each in (actors["liaison"], far_city)
    )
    own["body_id"] = actors["center_worker"].organisation_id
    others["body_id"] = support.make_center("遠い 市のセンター").organisation_id
    own_of = {
        role: supported(actors[role], hinata)
        for role in ("liaison", "center_worker", "office_worker")
    }
    own_of["center_worker"] = {
        **own_of["center_worker"],
        "token_id": outside.issued(actors["center_worker"]),
    }
    secrets = secrets_of(hinata, actors["director"], tanaka, own)
    return World(tokens, own, others, secrets, own_of)


def _kept_out(first: Actor) -> Actor:
    """Return a second guardian of her family from whom she withholds everything."""
    second = apart.join(first)
    with acting_as(first), transaction() as session:
        rights.set_rights(session, apart.own_row(second), Right, actor=first)
    return second


def _of(name: str, kind: OrganisationKind, role: str) -> Actor:
    return people.make_worker(f"{name}の人", people.make_organisation(name, kind), role)


def _things(site: places.Site, guardian: Actor, worker: Actor, liaison: Actor) -> Values:
    child = people.children_of(guardian)[0]
    preregistration_id = places.accept(site, guardian, child.id)
    booking_id = days.book(site, guardian)[0]
    with acting_as(guardian) as session:
        group_id = session.scalars(select(Booking.group_id)).one()
        guardian_id = session.execute(
            text("SELECT id FROM guardians WHERE user_id = :user"), {"user": guardian.user_id}
        ).scalar_one()
        session.rollback()
    with acting_as(ANONYMOUS) as session:
        membership_id = session.execute(
            text("SELECT membership_id FROM memberships_for_sign_in(:user)"),
            {"user": worker.user_id},
        ).scalar_one()
        session.rollback()
    return {
        "facility_id": site.facility_id,
        "programme_id": site.programme_id,
        "pool_id": site.baby_pool_id,
        "rulebook_id": site.rulebook_id,
        "closure_id": _closure(site),
        **_notice(site, guardian),
        **_day_sheet(site),
        "family_id": guardian.family_id,
        "child_id": child.id,
        "closed_id": _closed(guardian),
        "guardian_id": guardian_id,
        "person_id": days.name_pickup(guardian, "祖母 さん", "祖母"),
        "preregistration_id": preregistration_id,
        "booking_id": booking_id,
        "group_id": group_id,
        "trial_id": days.book(
            site, guardian, start="13:00", end="14:00", children=[child.id], trial_part=1
        )[0],
        "letter_id": letters.written(worker, guardian, group_id),
        "membership_id": membership_id,
        "import_id": _import(liaison),
        **_being_set_up(site, liaison),
        "message_id": _failed_mail(site.organisation_id),
        "request_id": _data_request(site, guardian),
        **_application(site, guardian),
        **_visit(site, guardian),
        **outreach_plan(worker),
        **referred(site, liaison),
        **case_told(site, guardian, worker, liaison, child.id),
        "sharing_consent_id": shared_consent(site, guardian, worker),
        **homes.told_of_home(guardian, worker, child.id),
        "ground_id": support.decided(worker, guardian.family_id, liaison.organisation_id),
    }


def _closed(guardian: Actor) -> uuid.UUID:
    assert guardian.family_id is not None
    now = clock.now()
    with acting_as(guardian), transaction() as session:
        details = ChildDetails(None, due_on=clock.today(now) + timedelta(days=60))
        child = families.add_child(session, guardian.family_id, details, actor=guardian, now=now)
        return expected.close(session, child.id, actor=guardian, now=now).id


def _visit(site: places.Site, guardian: Actor) -> Values:
    session_id = visits.open_session(site)
    return {"session_id": session_id, "visit_id": visits.book(guardian, session_id)}


def _application(site: places.Site, guardian: Actor) -> Values:
    """An unfinished form with a photo in it, a photo given to the nursery, and a consent."""
    assert guardian.family_id is not None
    now = clock.now()
    with acting_as(guardian), transaction() as session:
        form = form_key(site.facility_id)
        said = {
            "children": {"child_ids": [str(each.id) for each in people.children_of(guardian)]},
            "words": {"note": ["人見知りです"]},
            "consents": {
                "version": [VERSION],
                **{purpose.value: ["yes"] for purpose in ConsentPurpose},
            },
        }
        for part, fields in said.items():
            drafts.save(session, form, part, fields, actor=guardian, now=now)
        photos = [
            uploads.store_image(
                session,
                photo(size=(64, 48)),
                family_id=guardian.family_id,
                child_id=None,
                purpose=UploadPurpose.APPLICATION_DOCUMENT,
                actor=guardian,
                now=now,
                facility_id=site.facility_id,
                about=DOCUMENT,
            )
            for _ in range(2)
        ]
        uploads.give(session, photos[1:], site.organisation_id, actor=guardian, now=now)
        given = Given(
            "emergency_care", "同意します", "1", site.organisation_id, site.organisation_id
        )
        consent = consents.give(session, guardian.family_id, given, actor=guardian, now=now)
        assert consent is not None
        draft = own_drafts(session, actor=guardian)[0]
        return {
            "upload_id": photos[0].id,
            "given_upload_id": photos[1].id,
            "consent_id": consent.id,
            "draft_id": draft.id,
        }


def _data_request(site: places.Site, guardian: Actor) -> uuid.UUID:
    assert guardian.family_id is not None
    with acting_as(guardian), transaction() as session:
        return data_requests.ask_correction(
            session,
            guardian.family_id,
            site.organisation_id,
            RequestTopic.OTHER,
            "ちがいます",
            actor=guardian,
            now=clock.now(),
        )


def _closure(site: places.Site) -> uuid.UUID:
    closure = Closure(
        id=uuid.uuid4(),
        facility_id=site.facility_id,
        organisation_id=site.organisation_id,
        from_day=TOMORROW + timedelta(days=20),
        to_day=TOMORROW + timedelta(days=20),
        reason="行事",
    )
    with acting_as(site.owner), transaction() as session:
        session.add(closure)
    return closure.id


def _being_set_up(site: places.Site, liaison: Actor) -> Values:
    """A provider without a director yet; a facility whose city has not confirmed it."""
    director = people.make_worker("新しい 園長", site.organisation_id, "director")
    now = clock.now()
    with acting_as(liaison), transaction() as session:
        provider = open_provider(session, f"{site.facility_id}の会", "", actor=liaison, now=now)
        opening = invite_first_director(
            session, provider, "first@example.test", "はじめ 園長", actor=liaison, now=now
        )
    with acting_as(director), transaction() as session:
        facility = claims.NewFacility(
            "まだの園", "みほん市1", "000-0000-0000", municipality_id=liaison.organisation_id
        )
        entered = claims.enter_facility(session, facility, actor=director)
        claim = claims.claim_of(session, entered, actor=director)
        invitation = links.invite(
            session,
            "colleague@example.test",
            "同じ 園の人",
            Role.STAFF,
            site.organisation_id,
            actor=director,
            now=now,
        )
        assert claim is not None
        return {
            "provider_id": provider,
            "opening_id": opening,
            "claim_id": claim.id,
            "invitation_id": invitation,
        }


def _notice(site: places.Site, guardian: Actor) -> Values:
    day = TOMORROW + timedelta(days=25)
    wish = NoticeWish(NoticeKind.CLOSURE, Cause.OTHER, Audience.REGISTERED, "休み", "工事", day)
    with acting_as(site.owner), transaction() as session:
        sent = send_notice(session, site.facility_id, wish, actor=site.owner, now=clock.now())
    with acting_as(guardian) as session:
        receipt_id = session.scalars(select(NoticeReceipt.id)).one()
        session.rollback()
    return {"notice_id": sent.notice_id, "receipt_id": receipt_id}


def _day_sheet(site: places.Site) -> Values:
    """Keep a sheet of the day that addresses name; another's is not to be opened."""
    with acting_as(site.owner), transaction() as session:
        make_sheet(
            session, site.facility_id, TOMORROW, actor=site.owner, now=clock.now(), root=None
        )
    return {}


def _import(liaison: Actor) -> uuid.UUID:
    row = FacilityImport(
        id=uuid.uuid4(),
        municipality_id=liaison.organisation_id,
        file_name="list.csv",
        content=LIST.read_bytes(),
        sha256=b"",
        counts={},
        created_by=liaison.user_id,
    )
    with acting_as(liaison), transaction() as session:
        session.add(row)
    return row.id


def _failed_mail(organisation_id: uuid.UUID) -> uuid.UUID:
    message_id = uuid.uuid4()
    with acting_as(ANONYMOUS), transaction() as session:
        session.execute(
            insert(OutboxMessage).inline(),
            {
                "id": message_id,
                "message_id": f"<{message_id}@test>",
                "kind": "accounts/invitation",
                "to_mail": "gone@example.test",
                "organisation_id": organisation_id,
                "failed_at": clock.now(),
            },
        )
    return message_id

"""Who gets in where, written by hand from what the roles are for; never from the decorators.

A route that is missing here makes the matrix red: say who gets in before it is merged.
"""

from __future__ import annotations

from typing import Final, NamedTuple

Who = frozenset[str]

NOBODY_IN: Final = "anonymous"
HALF_IN: Final = "half_signed_in"  # password given, second factor still to come
APART: Final = "apart_guardian"  # of the first family too, with everything withheld from him
#: Everybody that the matrix tries, each of the first organisation or the first family.
ROLES: Final = (
    NOBODY_IN,
    HALF_IN,
    "new_guardian",
    "guardian",
    APART,
    "staff",
    "director",
    "liaison",
    "center_worker",
    "office_worker",
    "operator",
)
ANYONE: Final[Who] = frozenset(ROLES)
HALFWAY: Final[Who] = ANYONE - {NOBODY_IN}
SIGNED_IN: Final[Who] = HALFWAY - {HALF_IN}
GUARDIANS: Final[Who] = frozenset({"guardian", "new_guardian", APART})
EACH_GUARDIAN: Final[Who] = frozenset({"guardian", APART})
FAMILY: Final[Who] = frozenset({"guardian"})
WORKERS: Final[Who] = frozenset({"staff", "director"})
DIRECTOR: Final[Who] = frozenset({"director"})
MANAGERS: Final[Who] = frozenset({"director", "operator"})
IMPORTERS: Final[Who] = frozenset({"liaison", "operator"})
ADVISERS: Final[Who] = frozenset({"liaison", "center_worker", "office_worker"})
REPORT_READERS: Final[Who] = frozenset({"director", "liaison"})


class Expected(NamedTuple):
    """Who may look and who may send, and to whose things."""

    get: Who | None = None
    post: Who | None = None
    #: Roles for which the thing may be another's too: what is public, and the operator's duty.
    any_owner: Who = frozenset()


def look(who: Who, any_owner: Who = frozenset()) -> Expected:
    return Expected(get=who, any_owner=any_owner)


def send(who: Who, any_owner: Who = frozenset()) -> Expected:
    return Expected(post=who, any_owner=any_owner)


def both(who: Who, any_owner: Who = frozenset()) -> Expected:
    return Expected(get=who, post=who, any_owner=any_owner)


OPERATOR: Final[Who] = frozenset({"operator"})

EXPECT: Final[dict[str, Expected]] = {
    # The front door and what anybody may read
    "pages.home": look(ANYONE),
    "pages.usage": look(ANYONE),
    "pages.privacy": look(ANYONE),
    "pages.accessibility": look(ANYONE),
    "pages.phone_fax": look(ANYONE),
    "public.facilities": look(ANYONE),
    "public.facility": look(ANYONE, any_owner=ANYONE),
    "public.day": look(ANYONE, any_owner=ANYONE),
    "public_sheet.sheet": look(ANYONE, any_owner=ANYONE),
    "public_sheet.pdf": look(ANYONE, any_owner=ANYONE),
    # Home pages of those who advise families and of the operator
    "liaison_home.index": look(ADVISERS),
    "operator_home.index": look(OPERATOR),
    # Accounts
    "accounts.sign_in": both(ANYONE),
    "accounts.sign_out": send(HALFWAY),
    "accounts.choose": both(HALFWAY),
    "accounts.second_factor": both(HALFWAY),
    "accounts.enrol": both(HALFWAY),
    "accounts.account": both(SIGNED_IN),
    "accounts_own.password": both(SIGNED_IN),
    "accounts_own.mail": both(SIGNED_IN),
    "accounts_own.second_factor": both(SIGNED_IN),
    "accounts_own.end_other_sessions": send(SIGNED_IN),
    "accounts_own.language": send(GUARDIANS),
    "accounts_links.sign_up": both(ANYONE),
    "accounts_links.ask_password_reset": both(ANYONE),
    "accounts_links.mail_sent": look(ANYONE),
    "accounts_links.finish_sign_up": both(ANYONE),
    "accounts_links.invitation": both(ANYONE),
    "accounts_links.reset_password": both(ANYONE),
    "accounts_links.change_mail": both(ANYONE),
    "accounts_staff.index": look(MANAGERS),
    "accounts_staff.invite": both(MANAGERS),
    "accounts_staff.send_again": send(MANAGERS, any_owner=OPERATOR),
    "accounts_staff.withdraw_invitation": send(MANAGERS, any_owner=OPERATOR),
    "accounts_staff.member": look(MANAGERS, any_owner=OPERATOR),
    "accounts_staff.end": both(MANAGERS, any_owner=OPERATOR),
    "accounts_staff.change_role": send(MANAGERS, any_owner=OPERATOR),
    "accounts_staff.reset_second_factor": send(MANAGERS, any_owner=OPERATOR),
    "accounts_staff.guardian_mail": both(WORKERS),
    # A family's own pages
    "selfservice.home": look(EACH_GUARDIAN),
    "selfservice.register": both(GUARDIANS),
    "selfservice_bookings.index": look(FAMILY),
    "selfservice_bookings.new": both(FAMILY, any_owner=FAMILY),
    "selfservice_bookings.confirm": send(FAMILY, any_owner=FAMILY),
    "selfservice_bookings.place": send(FAMILY, any_owner=FAMILY),
    "selfservice_bookings.show": look(FAMILY),
    "selfservice_bookings.calendar_file": look(FAMILY),
    "selfservice_bookings.change": both(FAMILY),
    "selfservice_bookings.cancel": both(FAMILY),
    "selfservice_children.index": look(FAMILY),
    "selfservice_children.new": both(FAMILY),
    "selfservice_children.edit": both(FAMILY),
    "selfservice_children.record": both(FAMILY),
    "selfservice_family.index": look(EACH_GUARDIAN),
    "selfservice_family.guardian": both(FAMILY),
    "selfservice_family.add_pickup": send(FAMILY),
    "selfservice_family.remove_pickup": send(FAMILY),
    "selfservice_family_apart.set_rights": both(FAMILY),
    "selfservice_family_apart.invitation": both(FAMILY),
    "selfservice_family_apart.claim": both(GUARDIANS),
    "selfservice_family_apart.protection": look(EACH_GUARDIAN),
    "selfservice_family_apart.request_protection": send(EACH_GUARDIAN),
    "selfservice_trials.new": look(FAMILY),
    "selfservice_preregistrations.index": look(FAMILY),
    "selfservice_preregistrations.apply": both(FAMILY, any_owner=FAMILY),
    "selfservice_preregistrations.show": look(FAMILY),
    "selfservice_preregistrations.answer": send(FAMILY),
    "selfservice_preregistrations.withdraw": send(FAMILY),
    "selfservice_notices.index": look(FAMILY),
    "selfservice_notices.show": look(FAMILY),
    "selfservice_notices.read": send(FAMILY),
    "selfservice_notices.by_link": look(ANYONE),
    "selfservice_notices.read_by_link": send(ANYONE),
    "words.own": look(FAMILY),
    "words.own_late": send(FAMILY),
    "words.own_absent": send(FAMILY),
    "words.by_link": look(ANYONE),
    "words.by_link_late": send(ANYONE),
    "words.by_link_absent": send(ANYONE),
    "selfservice_own_data.index": look(EACH_GUARDIAN),
    "selfservice_own_data.log": look(EACH_GUARDIAN),
    "selfservice_own_data.copy": send(FAMILY),
    "selfservice_own_data.correction": both(FAMILY),
    "selfservice_own_data.erasure": both(FAMILY),
    "selfservice_own_data.withdraw": send(FAMILY),
    "office_data_requests.index": look(DIRECTOR),
    "office_data_requests.show": look(DIRECTOR),
    "office_data_requests.answer": send(DIRECTOR),
    "office_data_requests.new": both(WORKERS),
    "office_data_requests.copy": send(DIRECTOR),
    "calendars.family": look(FAMILY),
    "calendars.renew_family": send(FAMILY),
    "calendars.end_family": send(FAMILY),
    "calendars.feed": look(ANYONE),
    # A provider's pages
    "office_today.index": look(WORKERS),
    "office_board.today": look(WORKERS),
    "office_board.day": look(WORKERS),
    "office_board.print_day": look(WORKERS),
    "office_daysheets.index": look(WORKERS),
    "office_daysheets.pdf": look(WORKERS),
    "office_daysheets.kept": look(WORKERS),
    "office_daysheets.make": send(WORKERS),
    "office_daysheets.times": send(WORKERS),
    "office_board.stay": look(WORKERS),
    "office_board.arrive": send(WORKERS),
    "office_board.depart": send(WORKERS),
    "office_board.undo": send(WORKERS),
    "office_board.times": send(WORKERS),
    "office_board.no_show": send(WORKERS),
    "office_board.excused": send(WORKERS),
    "office_board.word_late": send(WORKERS),
    "office_board.word_absent": send(WORKERS),
    "office_families.index": both(WORKERS),
    "office_caller.new": both(WORKERS),
    "office_families.new": both(WORKERS),
    "office_families.show": look(WORKERS),
    "office_families.add_pickup": send(WORKERS),
    "office_families.remove_pickup": send(WORKERS),
    "office_families_people.guardian": both(WORKERS),
    "office_families_apart.protected": look(WORKERS),
    "office_families_apart.set_rights": both(WORKERS),
    "office_families_apart.invitation": both(WORKERS),
    "office_families_apart.protection": both(WORKERS),
    "office_families_apart.end_protection": send(WORKERS),
    "office_families_apart.address": send(WORKERS),
    "office_families_people.child": both(WORKERS),
    "office_families_people.record": both(WORKERS),
    "office_steps.show": look(WORKERS),
    "office_steps.change": send(WORKERS),
    "office_steps.waive": send(WORKERS),
    "office_trials.show": look(WORKERS),
    "office_trials.record": send(WORKERS),
    "office_preregistrations.index": look(WORKERS),
    "office_preregistrations.new": both(WORKERS),
    "office_preregistrations.show": look(WORKERS),
    "office_preregistrations.accept": send(WORKERS),
    "office_preregistrations.ask_back": send(WORKERS),
    "office_preregistrations.decline": send(WORKERS),
    "office_preregistrations.withdraw": send(WORKERS),
    "office_bookings.index": look(WORKERS),
    "office_bookings.new": both(WORKERS),
    "office_bookings.show": look(WORKERS),
    "office_bookings.change": both(WORKERS),
    "office_bookings.cancel": both(WORKERS),
    "office_places.index": look(WORKERS),
    "office_places.week": both(WORKERS),
    "office_place_days.day": both(WORKERS),
    "office_place_days.reset": send(WORKERS),
    "office_pools.index": both(WORKERS),
    "office_pools.pool": both(WORKERS),
    "office_pools.retire": send(WORKERS),
    "office_closures.index": both(WORKERS),
    "office_closures.closure": look(WORKERS),
    "office_closures.lift": send(WORKERS),
    "office_notices.index": look(WORKERS),
    "office_notices.new": both(WORKERS),
    "office_notices.show": look(WORKERS),
    "office_notices.calls": look(WORKERS),
    "office_notices.remind": send(WORKERS),
    "office_notices.told": send(WORKERS),
    "office_notices.correct": both(WORKERS),
    "office_notices.reopen": both(WORKERS),
    "office_letters.index": look(WORKERS),
    "office_letters.write": send(WORKERS),
    "office_letters.pdf": look(WORKERS),
    "office_letters.passed_on": send(WORKERS),
    "office_letters.undo": send(WORKERS),
    "office_mails.index": look(WORKERS),
    "office_mails.seen": send(WORKERS),
    "office_facility.index": look(DIRECTOR),
    "office_facility.new_programme": both(DIRECTOR),
    "office_setup.index": look(DIRECTOR),
    "office_setup.choose": both(DIRECTOR),
    "office_setup.enter": both(DIRECTOR),
    "office_setup.show": look(DIRECTOR),
    "office_setup.ask_again": send(DIRECTOR),
    "office_setup.about": both(DIRECTOR),
    "office_setup.hours": both(DIRECTOR),
    "office_setup_care.care": both(DIRECTOR),
    "office_setup_care.places": both(DIRECTOR),
    "office_setup_care.staff": both(DIRECTOR),
    "office_rules.index": look(DIRECTOR),
    "office_rules.form": both(DIRECTOR),
    "office_rules.template": both(DIRECTOR),
    "office_rules.file": both(DIRECTOR),
    "office_rules.download": look(DIRECTOR),
    "office_rules.drop_draft": send(DIRECTOR),
    "office_rules.withdraw": send(DIRECTOR),
    "office_preview.index": look(DIRECTOR),
    "office_preview.publish": both(DIRECTOR),
    "office_preview.unpublish": both(DIRECTOR),
    "preview.month": look(DIRECTOR),
    "preview.day": look(DIRECTOR),
    "office_facility.programme": both(DIRECTOR),
    "calendars.facility": look(DIRECTOR),
    "calendars.renew_facility": send(DIRECTOR),
    "calendars.end_facility": send(DIRECTOR),
    # Reports and lists of facilities
    "reports.months": look(REPORT_READERS),
    "reports.month": look(REPORT_READERS),
    "reports.month_file": look(REPORT_READERS),
    "reports.month_cp932": look(REPORT_READERS),
    "reports.month_pdf": look(REPORT_READERS),
    "reports.stays": look(DIRECTOR),
    "reports.stays_file": look(DIRECTOR),
    "reports.stays_cp932": look(DIRECTOR),
    "open_data.index": look(ANYONE),
    "open_data.facilities": look(ANYONE),
    "liaison_exports.index": look(IMPORTERS),
    "liaison_exports.download": look(IMPORTERS),
    "liaison_exports.code": send(IMPORTERS),
    "liaison_exports.old_spreadsheets": look(IMPORTERS),
    "liaison_imports.problems": look(IMPORTERS, any_owner=OPERATOR),
    "liaison_providers.index": look(IMPORTERS),
    "liaison_providers.new": both(IMPORTERS),
    "liaison_providers.director": both(IMPORTERS, any_owner=OPERATOR),
    "liaison_providers.send_again": send(IMPORTERS, any_owner=OPERATOR),
    "liaison_providers.withdraw_invitation": send(IMPORTERS, any_owner=OPERATOR),
    "liaison_claims.show": both(IMPORTERS, any_owner=OPERATOR),
    "liaison_imports.index": both(IMPORTERS),
    "liaison_imports.preview": look(IMPORTERS, any_owner=OPERATOR),
    "liaison_imports.apply": send(IMPORTERS, any_owner=OPERATOR),
}

#: What is named in the query or the form instead of the path: endpoint -> name -> whose value.
GIVEN: Final[dict[str, dict[str, str]]] = {
    "reports.stays": {"facility": "facility_id"},
    "reports.stays_file": {"facility": "facility_id"},
    "reports.stays_cp932": {"facility": "facility_id"},
    "selfservice_bookings.new": {"facility": "facility_id", "programme": "programme_id"},
    "selfservice_bookings.confirm": {"programme": "programme_id"},
    "selfservice_bookings.place": {"programme": "programme_id"},
    "office_bookings.new": {"family": "family_id", "programme": "programme_id"},
}
#: What a form must say before anybody's thing is looked up.
SAID: Final[dict[str, dict[str, str]]] = {
    "office_board.undo": {"step": "arrival"},
    "accounts_own.language": {"code": "en"},
}

"""Every route states its permission; here stands which role has which."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from flask import abort, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import UserMixin, current_user

from portal.kernel.actor import ANONYMOUS, Actor, Role
from portal.web.rights import may_open

P = ParamSpec("P")
R = TypeVar("R", bound=ResponseReturnValue)


class Permission(StrEnum):
    """What can be allowed. Named by what people do, not by pages."""

    OPEN_TO_ALL = "open_to_all"
    SIGNED_IN = "signed_in"  # any role, whatever it may do besides
    #: Signed in, second factor still to come: enrolment, confirmation, sign-out.
    HALF_SIGNED_IN = "half_signed_in"
    BE_GUARDIAN = "be_guardian"  # with or without a registered family
    ACT_FOR_OWN_FAMILY = "act_for_own_family"
    RUN_THE_DAY = "run_the_day"  # board, arrival, departure, phone callers
    VIEW_CHILD_RECORDS = "view_child_records"
    VIEW_SUPPORT_DATA = "view_support_data"  # development, support, insurance, tax class
    DECIDE_PREREGISTRATIONS = "decide_preregistrations"
    MANAGE_PLACES = "manage_places"
    MANAGE_FACILITY = "manage_facility"  # programmes, rules, publishing, feeds
    MANAGE_STAFF = "manage_staff"
    READ_PROVIDER_REPORTS = "read_provider_reports"
    READ_REPORTS = "read_reports"  # counts, for the provider and its municipality
    IMPORT_FACILITIES = "import_facilities"
    ANSWER_DATA_REQUESTS = "answer_data_requests"  # one's own data: correction, erasure, copies
    ADVISE_FAMILIES = "advise_families"  # municipality, center, offices: where is a place free
    OPERATE_PORTAL = "operate_portal"  # how the machine is; counts alone
    REFER_FAMILIES = "refer_families"  # interviews, consents, referrals
    RECEIVE_REFERRALS = "receive_referrals"
    CONTACT_FAMILIES = "contact_families"  # that were referred to one's own nursery
    SET_LIMITS = "set_limits"  # of contacts and cases, for a whole municipality
    HANDLE_CASES = "handle_cases"  # no-shows and worries of one's own nursery
    TAKE_OVER_CASES = "take_over_cases"  # what a nursery reports, and the next step
    ACCOUNT_FOR_SHARING = "account_for_sharing"  # legal grounds; what was passed on to whom
    LET_PROGRAMS_IN = "let_programs_in"  # tokens with which other programs send referrals
    KNOW_SUPPORT = "know_support"  # why a family goes first, and who referred it
    OPEN_PROVIDERS = "open_providers"  # take providers in, confirm which facility is theirs


class NotHerRight(Exception):  # noqa: N818 - an answer, not an error
    """A guardian asked for a page that she has no right to in her family."""


class SessionEnded(Exception):  # noqa: N818 - an answer, not an error
    """Something was sent after its sign-in was over; a redirect would lose what was typed."""


_P = Permission
_ALL = frozenset({_P.OPEN_TO_ALL, _P.SIGNED_IN, _P.HALF_SIGNED_IN})
_STAFF = _ALL | {
    _P.RUN_THE_DAY,
    _P.VIEW_CHILD_RECORDS,
    _P.DECIDE_PREREGISTRATIONS,
    _P.MANAGE_PLACES,
    _P.RECEIVE_REFERRALS,
    _P.CONTACT_FAMILIES,
    _P.HANDLE_CASES,
    _P.ACCOUNT_FOR_SHARING,
    _P.KNOW_SUPPORT,
}
#: What staff need not do who need not know why a family is supported.
_NEED_TO_KNOW = frozenset(
    {_P.RECEIVE_REFERRALS, _P.CONTACT_FAMILIES, _P.ACCOUNT_FOR_SHARING, _P.KNOW_SUPPORT}
)
_SUPPORT = _ALL | {
    _P.ADVISE_FAMILIES,
    _P.REFER_FAMILIES,
    _P.TAKE_OVER_CASES,
    _P.ACCOUNT_FOR_SHARING,
}

GRANTED: dict[Role | None, frozenset[Permission]] = {
    None: frozenset({_P.OPEN_TO_ALL}),
    Role.GUARDIAN: _ALL | {_P.BE_GUARDIAN, _P.ACT_FOR_OWN_FAMILY},
    Role.STAFF: _STAFF,
    Role.DIRECTOR: _STAFF
    | {
        _P.VIEW_SUPPORT_DATA,
        _P.MANAGE_FACILITY,
        _P.MANAGE_STAFF,
        _P.READ_PROVIDER_REPORTS,
        _P.READ_REPORTS,
        _P.ANSWER_DATA_REQUESTS,
    },
    Role.LIAISON: _SUPPORT
    | {
        _P.READ_REPORTS,
        _P.IMPORT_FACILITIES,
        _P.SET_LIMITS,
        _P.OPEN_PROVIDERS,
        _P.LET_PROGRAMS_IN,
    },
    Role.CENTER_WORKER: _SUPPORT | {_P.RECEIVE_REFERRALS, _P.LET_PROGRAMS_IN},
    Role.OFFICE_WORKER: _SUPPORT | {_P.RECEIVE_REFERRALS},
    Role.OPERATOR: _ALL
    | {_P.OPERATE_PORTAL, _P.IMPORT_FACILITIES, _P.MANAGE_STAFF, _P.OPEN_PROVIDERS},
}


class Person(UserMixin):
    """Who is signed in on this browser: made from one row of ``session_by_token``."""

    def __init__(
        self,
        *,
        token: str,
        actor: Actor,
        name: str,
        mail: str,
        organisation_name: str | None,
        locale: str,
        has_second_factor: bool,
        has_totp: bool,
        session_id: Any,
    ) -> None:
        self.token = token
        self.actor = actor
        self.name = name
        self.mail = mail
        self.organisation_name = organisation_name
        self.locale = locale
        self.has_second_factor = has_second_factor
        self.has_totp = has_totp
        self.session_id = session_id

    def get_id(self) -> str:
        """Return the session token: what Flask-Login keeps in the cookie."""
        return self.token

    @property
    def is_fully_in(self) -> bool:
        """Whether nothing more is asked: guardians, and others after their second factor."""
        return self.actor.role is Role.GUARDIAN or self.has_second_factor


def current_person() -> Person | None:
    """Return who is signed in, half or fully, or nobody."""
    # Flask-Login's own memory of this request first: the proxy costs more than the answer.
    user = g.get("_login_user") or current_user._get_current_object()  # noqa: SLF001
    return cast("Person", user) if user.is_authenticated else None


def current_actor() -> Actor:
    """Return who acts: ``ANONYMOUS`` before sign-in and until the second factor is given."""
    person = current_person()
    return person.actor if person is not None and person.is_fully_in else ANONYMOUS


def may(permission: Permission) -> bool:
    """Say whether whoever is signed in has ``permission``; for templates and navigation."""
    person = current_person()
    if person is not None and not person.is_fully_in:
        return permission in {_P.OPEN_TO_ALL, _P.HALF_SIGNED_IN}
    if person is not None and not person.actor.knows_support and permission in _NEED_TO_KNOW:
        return False
    return permission in GRANTED[person.actor.role if person else None]


def requires(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Open a view to those with ``permission``; the others are asked to sign in, or get 403.

    What is sent after its session ended is answered with ``SessionEnded``.

    A guardian whose family is not registered yet is led there from pages that need one; one who may
    not do everything for it gets the pages that are hers (``web.rights``), else ``NotHerRight``.
    """

    def guard(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            person = current_person()
            if not may(permission):
                if person is None:
                    if request.method == "POST" and "_user_id" in session:
                        raise SessionEnded
                    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
                    return cast("R", redirect(url_for("accounts.sign_in", next=wanted), 303))
                if not person.is_fully_in:
                    return cast("R", redirect(url_for("accounts.second_factor"), 303))
                abort(403)
            if (
                permission is Permission.ACT_FOR_OWN_FAMILY
                and person is not None
                and person.actor.family_id is None
            ):
                return cast("R", redirect(url_for("selfservice.register"), 303))
            if permission is Permission.ACT_FOR_OWN_FAMILY and person is not None:
                is_sending = request.method not in {"GET", "HEAD"}
                if not may_open(request.endpoint, person.actor, is_sending=is_sending):
                    raise NotHerRight
            return view(*args, **kwargs)

        guarded.required_permission = permission  # type: ignore[attr-defined]
        return guarded

    return guard

"""The factory: bind, guard, register."""

from __future__ import annotations

import importlib
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from portal.accounts.persons import person_of
from portal.attendance import hooks as stay_hooks
from portal.config import Settings
from portal.consents.listeners import ON_WITHDRAWN
from portal.db.session import become, end_session
from portal.documents import templating
from portal.families import expected_hooks, progress_hooks
from portal.kernel.actor import Right, Role
from portal.kernel.clock import now, today
from portal.office import apart_flags
from portal.web import errors, headers, kept, language, navigation, writes
from portal.web.access import Person, current_person, may
from portal.web.addresses import fixed

ROOT = Path(__file__).resolve().parents[1]
#: The largest body: a form's texts, or a list of facilities. Read before any view runs.
MAX_UPLOAD = 6 * 1024 * 1024
#: The largest body with a file in it: a photo of 10 MB, as phones take it.
MAX_WITH_FILE = 11 * 1024 * 1024

#: Every blueprint as ``module:name``; a page not listed here does not exist.
BLUEPRINTS = (
    "portal.accounts.routes:bp",
    "portal.accounts.own_routes:bp",
    "portal.accounts.link_routes:bp",
    "portal.accounts.staff_routes:bp",
    "portal.selfservice.pages:bp",
    "portal.selfservice.public:bp",
    "portal.office.places_week:bp",
    "portal.office.places_kept:bp",
    "portal.office.places_days:bp",
    "portal.office.places_closures:bp",
    "portal.office.places_pools:bp",
    "portal.reports.routes:bp",
    "portal.calendars.routes:bp",
    "portal.selfservice.home:bp",
    "portal.selfservice.children_record:bp",
    "portal.selfservice.children_expected:bp",
    "portal.office.families_expected:bp",
    "portal.office.families_twice:bp",
    "portal.office.families_priority:bp",
    "portal.office.board:bp",
    "portal.office.today:bp",
    "portal.notices.routes:bp",
    "portal.daysheets.routes:bp",
    "portal.notices.family_routes:bp",
    "portal.selfservice.words:bp",
    "portal.office.letters:bp",
    "portal.office.paper:bp",
    "portal.office.paper_told:bp",
    "portal.selfservice.papers:bp",
    "portal.office.mails:bp",
    "portal.office.facility:bp",
    "portal.office.setup:bp",
    "portal.office.setup_care:bp",
    "portal.office.rules_pages:bp",
    "portal.office.rules_preview:bp",
    "portal.office.rules_replay:bp",
    "portal.office.rules_try_page:bp",
    "portal.office.preview:bp",
    "portal.selfservice.preview:bp",
    "portal.liaison.providers:bp",
    "portal.liaison.claims:bp",
    "portal.liaison.imports:bp",
    "portal.liaison.exports:bp",
    "portal.selfservice.open_data:bp",
    "portal.selfservice.rules_files:bp",
    "portal.liaison.home:bp",
    "portal.liaison.referrals:bp",
    "portal.liaison.interviews:bp",
    "portal.liaison.interviews_ground:bp",
    "portal.liaison.interviews_expected:bp",
    "portal.liaison.onward:bp",
    "portal.liaison.cases:bp",
    "portal.liaison.figures:bp",
    "portal.liaison.bodies:bp",
    "portal.liaison.booking:bp",
    "portal.liaison.booking_paper:bp",
    "portal.office.referrals:bp",
    "portal.office.referrals_onward:bp",
    "portal.liaison.operator:bp",
    "portal.selfservice.public_sheet:bp",
    "portal.selfservice.family_sheet:bp",
    "portal.office.family_sheet:bp",
    "portal.selfservice.family:bp",
    "portal.selfservice.pickup_photos:bp",
    "portal.selfservice.family_apart:bp",
    "portal.office.families_apart:bp",
    "portal.selfservice.preregistrations:bp",
    "portal.selfservice.application_sending:bp",
    "portal.selfservice.drafts:bp",
    "portal.selfservice.uploads:bp",
    "portal.selfservice.consents:bp",
    "portal.selfservice.support:bp",
    "portal.liaison.consents:bp",
    "portal.referrals.ground_routes:bp",
    "portal.referrals.provision_routes:bp",
    "portal.office.uploads:bp",
    "portal.office.application_papers:bp",
    "portal.selfservice.bookings:bp",
    "portal.selfservice.trials:bp",
    "portal.office.steps:bp",
    "portal.office.trials:bp",
    "portal.office.bookings:bp",
    "portal.office.families:bp",
    "portal.office.caller:bp",
    "portal.office.families_record:bp",
    "portal.office.preregistrations:bp",
    "portal.office.preregistrations_decide:bp",
    "portal.selfservice.own_data:bp",
    "portal.office.data_requests:bp",
    "portal.selfservice.visits:bp",
    "portal.office.visits:bp",
    "portal.office.visits_plan:bp",
    "portal.office.visits_people:bp",
    "portal.office.cases:bp",
    "portal.office.cases_report:bp",
    "portal.office.cases_worry:bp",
    "portal.office.outreach:bp",
    "portal.office.outreach_calls:bp",
    "portal.selfservice.contact_wishes:bp",
    "portal.selfservice.uses:bp",
    "portal.selfservice.homes:bp",
    "portal.office.families_uses:bp",
    "portal.office.families_homes:bp",
    "portal.liaison.settings:bp",
    "portal.liaison.contact_wishes:bp",
    "portal.liaison.api_tokens:bp",
    "portal.liaison.referral_files:bp",
    "portal.liaison.referral_papers:bp",
    "portal.api.routes:bp",
)
#: Speaks to programs, by tokens alone.
API = "portal.api.routes:bp"

#: Who keeps something about an expected child, as ``module:name``.
LISTENERS = (
    "portal.preregistration.expected:LISTENER",
    "portal.bookings.expected:LISTENER",
    "portal.visits.expected:LISTENER",
    "portal.referrals.listening:LISTENER",
)
#: Who follows how far a family comes with a provider, and that a consent ends.
PROGRESS_LISTENERS = ("portal.referrals.listening:on_progress",)
WITHDRAWAL_LISTENERS: tuple[str, ...] = ("portal.referrals.listening:on_withdrawn",)

#: Who follows stays: arrivals, and words from families, as ``module:name``.
STAY_LISTENERS: tuple[str, ...] = (
    "portal.noshow.stays:LISTENER",
    "portal.referrals.listening:STAYS",
)


def listen_to_families() -> None:
    """Let higher packages follow a child's birth and closing, and its stays."""
    expected_hooks.listen([_named(name) for name in LISTENERS])
    stay_hooks.listen([_named(name) for name in STAY_LISTENERS])
    progress_hooks.listen([_named(name) for name in PROGRESS_LISTENERS])
    ON_WITHDRAWN[:] = [_named(name) for name in WITHDRAWAL_LISTENERS]


def _named(name: str) -> Any:
    module, attribute = name.split(":")
    return getattr(importlib.import_module(module), attribute)


def create_app(settings: Settings) -> Flask:
    """Return the portal as a WSGI application.

    The caller has told ``portal.db.session.use`` which database to speak to.
    """
    app = Flask(
        "portal",
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
    )
    app.config.update(
        SECRET_KEY=settings.secrets.session_key,
        SESSION_COOKIE_NAME="__Host-portal" if settings.is_https else "portal",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.is_https,
        PERMANENT_SESSION_LIFETIME=timedelta(days=60),
        MAX_CONTENT_LENGTH=MAX_UPLOAD,
        MAX_FORM_MEMORY_SIZE=500_000,
        WTF_CSRF_TIME_LIMIT=None,  # a form left open overnight must still be sendable
        WTF_I18N_ENABLED=False,
        PORTAL=settings,
    )
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops
        )
    app.before_request(_leave_room_for_photos)
    language.install(app)
    csrf = CSRFProtect(app)
    _install_sign_in(app)
    templating.install(app.jinja_env)
    app.jinja_env.globals["fixed"] = fixed
    apart_flags.install(app)
    headers.install(app)
    writes.install(app)
    kept.install(app)
    errors.install(app)
    app.context_processor(lambda: _for_every_page(settings))
    app.teardown_appcontext(lambda _error: end_session())
    listen_to_families()
    for name in BLUEPRINTS:
        app.register_blueprint(_named(name))
    # A token stands in a header that no browser sends by itself; cookies open nothing there.
    csrf.exempt(_named(API))
    return app


def _leave_room_for_photos() -> None:
    if request.mimetype == "multipart/form-data":
        request.max_content_length = MAX_WITH_FILE


def _install_sign_in(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None  # sessions live in the database and end there
    manager.user_loader(person_of)

    @app.before_request
    def _act() -> None:
        if request.endpoint in {"static", None} or request.blueprint == "api":
            return
        person = current_person()
        if person is not None and person.is_fully_in:
            become(person.actor)


ROLE_LABELS = {
    Role.DIRECTOR: "園長・主任",
    Role.STAFF: "職員",
    Role.GUARDIAN: None,
    Role.LIAISON: "担当者",  # the name of the municipality stands before it
    Role.CENTER_WORKER: "こども家庭センター",
    Role.OFFICE_WORKER: "相談機関",
    Role.OPERATOR: "運用担当",
}


def _for_every_page(settings: Settings) -> dict[str, Any]:
    person = current_person()
    return {
        "is_demo": settings.is_demo,
        "me": None if person is None else _me(person),
        "sign_in_url": fixed("accounts.sign_in"),
        "site_nav": navigation.site_nav(),
        "footer_links": navigation.footer_links(),
        "may": may,
        "may_book": person is None or person.actor.has(Right.BOOK),
        "today": today(now()),
    }


def _me(person: Person) -> dict[str, Any]:
    role = ROLE_LABELS[person.actor.role] if person.actor.role else None
    return {
        "name": person.name,
        "home_url": navigation.home_url(),
        "account_url": fixed("accounts.account"),
        "sign_out_url": fixed("accounts.sign_out"),
        "role_label": " ".join(filter(None, (person.organisation_name, role))) or None,
    }

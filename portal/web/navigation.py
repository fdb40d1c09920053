"""The few pages each role comes back to, in the order of the day."""

from __future__ import annotations

from typing import Any, NamedTuple

from flask import current_app, request

from portal.documents.i18n import gettext as _
from portal.kernel.actor import Right, Role
from portal.web.access import Permission, Person, current_person, may
from portal.web.addresses import fixed
from portal.web.rights import may_open


class Item(NamedTuple):
    """A link of the site navigation."""

    label: str
    endpoint: str
    #: Features (blueprints) all of whose pages count as this one; without any, the page alone.
    covers: tuple[str, ...] = ()

    @property
    def is_here(self) -> bool:
        """Whether the page asked for is this one, or below it."""
        return request.endpoint == self.endpoint or request.blueprint in self.covers


_PUBLIC = (
    Item("空きを見る", "public.facilities"),
    Item("使い方", "pages.usage"),
)
_RECEIVED = Item(
    "とどいた紹介",
    "office_referrals.index",
    ("office_referrals", "office_outreach", "office_outreach_calls"),
)
_REFERRED = Item(
    "紹介",
    "liaison_referrals.index",
    (
        "liaison_referrals",
        "liaison_interviews",
        "liaison_interviews_ground",
        "liaison_expected",
        "liaison_onward",
        "liaison_consents",
        "liaison_api_tokens",
        "liaison_referral_files",
        "liaison_referral_papers",
    ),
)
_INBOX = Item("受信箱", "liaison_cases.index", ("liaison_cases",))
_PROVIDER = (
    Item("今日すること", "office_today.index"),
    Item("今日のボード", "office_board.today"),
    Item("予約", "office_bookings.index"),
    Item("ご家庭", "office_families.index"),
    Item("事前登録", "office_preregistrations.index"),
    Item(
        "見学・面談",
        "office_visits.index",
        ("office_visits", "office_visits_plan", "office_visits_people"),
    ),
    _RECEIVED,
    Item("枠", "office_places.index"),
    Item(
        "来園なし・心配",
        "office_cases.index",
        ("office_cases", "office_cases_report", "office_cases_worry"),
    ),
    Item("お知らせ", "office_notices.index"),
    Item("おたより", "office_letters.index", ("office_letters",)),
    Item("届かなかったメール", "office_mails.index"),
)
_LISTS = Item("施設の一覧", "liaison_imports.index", ("liaison_imports", "liaison_exports"))
_PROVIDERS = Item(
    "事業者と園の確認", "liaison_providers.index", ("liaison_providers", "liaison_claims")
)
_PASSED_ON = Item("伝えた記録", "provisions.index", ("provisions", "grounds"))
_FIGURES = Item("紹介から利用まで", "liaison_figures.index", ("liaison_figures",))
_BODIES = Item("窓口の一覧", "liaison_bodies.index")
_ADVISERS = (
    Item("今日すること", "liaison_home.index"),
    _INBOX,
    _REFERRED,
    _RECEIVED,
    _PASSED_ON,
    Item("空きを見る", "public.facilities"),
    _FIGURES,
    _BODIES,
)
ITEMS: dict[Role | None, tuple[Item, ...]] = {
    None: _PUBLIC,
    Role.GUARDIAN: (
        Item("ホーム", "selfservice.home"),
        Item("予約する", "public.facilities"),
        Item("予約の一覧", "selfservice_bookings.index"),
        Item("お子さん", "selfservice_children.index"),
        Item("事前登録", "selfservice_preregistrations.index"),
    ),
    Role.STAFF: _PROVIDER,
    Role.DIRECTOR: (
        *_PROVIDER,
        _PASSED_ON,
        Item("月の報告", "reports.months"),
        Item("園の設定", "office_facility.index"),
        Item("職員", "accounts_staff.index"),
    ),
    Role.LIAISON: (
        Item("今日すること", "liaison_home.index"),
        _INBOX,
        _REFERRED,
        _PASSED_ON,
        Item("月の報告", "reports.months"),
        _LISTS,
        _PROVIDERS,
        _FIGURES,
        _BODIES,
        Item("連絡のきまり", "liaison_settings.index"),
    ),
    Role.CENTER_WORKER: _ADVISERS,
    Role.OFFICE_WORKER: _ADVISERS,
    Role.OPERATOR: (
        Item("今日すること", "operator_home.index"),
        _LISTS,
        _PROVIDERS,
        Item("市区町村と窓口", "liaison_bodies.every", ("liaison_bodies",)),
        Item("利用者", "accounts_staff.index"),
    ),
}

#: Where each role lands after sign-in.
HOME: dict[Role | None, str] = {
    None: "pages.home",
    Role.GUARDIAN: "selfservice.home",
    Role.STAFF: "office_today.index",
    Role.DIRECTOR: "office_today.index",
    Role.LIAISON: "liaison_home.index",
    Role.CENTER_WORKER: "liaison_home.index",
    Role.OFFICE_WORKER: "liaison_home.index",
    Role.OPERATOR: "operator_home.index",
}


def _asked_by(item: Item) -> Permission:
    """Return what the page of an item asks for."""
    view: Any = current_app.view_functions[item.endpoint]
    asked: Permission = view.required_permission
    return asked


def _items(person: Person | None) -> tuple[Item, ...]:
    """Return the items of a role; who may not book looks for places, and books none.

    Staff who need not know of support see no page of it.
    """
    if person is None:
        return ITEMS[None]
    items = ITEMS[person.actor.role]
    if not person.actor.knows_support:
        return tuple(item for item in items if may(_asked_by(item)))
    if person.actor.role is not Role.GUARDIAN or person.actor.has(Right.BOOK):
        return items
    return tuple(_PUBLIC[0] if item.endpoint == _PUBLIC[0].endpoint else item for item in items)


def site_nav() -> list[dict[str, object]]:
    """Return the navigation for whoever is signed in: label, href, whether it is this page."""
    person = current_person()
    if person is not None and not person.is_fully_in:
        return []
    return [
        {
            "label": _(item.label),
            "href": fixed(item.endpoint),
            "current": item.is_here,
        }
        for item in _items(person)
        if person is None
        or person.actor.sees_whole_family
        or item.endpoint.startswith("public.")
        or may_open(item.endpoint, person.actor, is_sending=False)
    ]


def public_nav() -> list[dict[str, object]]:
    """Return the navigation as visitors without sign-in see it."""
    return [
        {"label": _(item.label), "href": fixed(item.endpoint), "current": False} for item in _PUBLIC
    ]


def home_url() -> str:
    """Return the home page of whoever is signed in."""
    person = current_person()
    role = person.actor.role if person is not None and person.is_fully_in else None
    return fixed(HOME[role])


_FOOTER = (
    Item("使い方", "pages.usage"),
    Item("個人情報の取り扱い", "pages.privacy"),
    Item("アクセシビリティ", "pages.accessibility"),
    Item("電話・FAXで申し込む", "pages.phone_fax"),
    Item("オープンデータ", "open_data.index"),
)


def footer_links() -> list[dict[str, str]]:
    """Return the links at the foot of every page."""
    return [{"label": _(item.label), "href": fixed(item.endpoint)} for item in _FOOTER]

"""A list of referrals: its parts, searched, sifted by state and by the other body, in pages."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from portal.documents.i18n import gettext as _
from portal.facilities.models import Facility
from portal.kernel.actor import Actor
from portal.referrals import queries
from portal.referrals.finding import found_by
from portal.referrals.models import Referral
from portal.referrals.pages import Tab, is_late, tab_of
from portal.referrals.rules import ReferralState, Side, Urgency
from portal.referrals.words import state_words
from portal.web.forms import PortalForm
from portal.web.last_search import MARK, keep, kept

#: So many stand on a page.
ON_A_PAGE: Final = 20


class SiftForm(PortalForm):
    """Which of them are shown; every choice says how many they are."""

    state = SelectField("いまの段階", validate_choice=False)
    body = SelectField("相手", validate_choice=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list shows."""

    tab: Tab
    tabs: list[dict[str, Any]]
    form: SiftForm
    rows: list[Referral]
    #: How many there are in this part, sifted.
    total: int
    #: The first and the last of them that are shown, counted from 1.
    first: int
    last: int
    pages: list[dict[str, Any]]
    is_sifted: bool
    #: Whether there is something to choose from.
    can_sift: bool
    unsifted: str
    #: What was searched for, and the mark that stands for it in addresses.
    words: str
    mark: str
    unsearched: str
    #: Whether what was searched for stands in another part.
    is_elsewhere: bool


def listed(
    session: Session,
    rows: Sequence[Referral],
    wanted: Tab,
    *,
    actor: Actor,
    on: date,
    endpoint: str,
) -> Listed:
    """Return what the address asks for: a part, a state, a body, a page.

    Urgent ones that are under way stand first, then the overdue.

    What an address asks for that is not there is left aside, as if it had not been asked. Words
    that were searched for hold for every part: whoever looks for a name does not know which it is.
    """
    mark = request.args.get(MARK, "")
    words = kept(mark)
    is_sender = _is_sender(rows, actor)
    rows = found_by(session, rows, words, actor=actor)
    by_tab = {
        tab: [row for row in rows if tab_of(row) is tab] for tab in (Tab.OPEN, Tab.USED, Tab.ENDED)
    }
    by_tab[Tab.OVERDUE] = [row for row in by_tab[Tab.OPEN] if is_late(row, on)]
    part = sorted(by_tab[wanted], key=lambda row: _place(row, on))
    names = _others(session, part, actor)
    form = SiftForm(formdata=None, meta={"csrf": False})
    form.body.label.text = _("紹介先") if is_sender else _("紹介した機関")
    state = _known(request.args.get("state"), {row.state.value for row in part})
    body = _known(request.args.get("body"), names.keys())
    of_body = [row for row in part if body in {"", str(_other(row, actor))}]
    of_state = [row for row in part if state in {"", row.state.value}]
    _offer(form.state, state, Counter(row.state.value for row in of_body), _states())
    _offer(form.body, body, Counter(str(_other(row, actor)) for row in of_state), names)
    shown = [row for row in of_body if row in of_state]
    sought: dict[str, Any] = {MARK: mark} if words else {}
    sifted: dict[str, Any] = {k: v for k, v in (("state", state), ("body", body)) if v}
    asked: dict[str, Any] = {"show": wanted.value} | sought | sifted
    pages = max(1, -(-len(shown) // ON_A_PAGE))
    page = min(max(request.args.get("page", 1, type=int) or 1, 1), pages)
    first = (page - 1) * ON_A_PAGE
    on_page = shown[first : first + ON_A_PAGE]
    return Listed(
        wanted,
        _tabs(by_tab, wanted, endpoint, sought),
        form,
        on_page,
        len(shown),
        first + 1,
        first + len(on_page),
        [
            {
                "label": str(number),
                "href": url_for(endpoint, page=number, **asked),
                "current": number == page,
            }
            for number in range(1, pages + 1)
        ],
        bool(state or body),
        len({row.state for row in part}) > 1 or len(names) > 1,
        url_for(endpoint, show=wanted.value, **sought),
        words,
        mark if words else "",
        url_for(endpoint, show=wanted.value, **sifted),
        bool(rows) and not part,
    )


def search_begun(endpoint: str) -> ResponseReturnValue:
    """Keep what was typed by POST and lead to the list that it finds; names stand in no address."""
    wanted = request.form.get("show", "")
    show = wanted if wanted in set(Tab) else Tab.OPEN.value
    values: dict[str, Any] = {"show": show, MARK: keep(request.form.get("q", ""))}
    return redirect(url_for(endpoint, **values), 303)


def _tabs(
    by_tab: dict[Tab, list[Referral]], wanted: Tab, endpoint: str, sought: dict[str, Any]
) -> list[dict[str, Any]]:
    names = {
        Tab.OPEN: _("進んでいるもの（%(count)s）"),
        Tab.OVERDUE: _("期限すぎ（%(count)s）"),
        Tab.USED: _("利用した（%(count)s）"),
        Tab.ENDED: _("終わった（%(count)s）"),
    }
    return [
        {
            "label": name % {"count": len(by_tab[tab])},
            "href": url_for(endpoint, show=tab.value, **sought),
            "current": tab is wanted,
        }
        for tab, name in names.items()
    ]


def _place(row: Referral, on: date) -> tuple[bool, bool]:
    """Put what must happen today before all, then what is late; the rest keeps its order."""
    return tab_of(row) is not Tab.OPEN or row.urgency is not Urgency.URGENT, not is_late(row, on)


def _is_sender(rows: Sequence[Referral], actor: Actor) -> bool:
    return any(queries.side_of(row, actor) is Side.SENDER for row in rows)


def _other(row: Referral, actor: Actor) -> uuid.UUID:
    """Return who stands on the other side: the nursery itself, where one was chosen."""
    if queries.side_of(row, actor) is Side.SENDER:
        return row.facility_id or row.receiver_id
    return row.sender_id


def _others(session: Session, rows: Sequence[Referral], actor: Actor) -> dict[str, str]:
    ids = {_other(row, actor) for row in rows}
    names = queries.body_names(session, ids)
    for one in ids - names.keys():
        place = session.get(Facility, one)
        names[one] = place.name if place else ""
    return {str(key): name for key, name in sorted(names.items(), key=lambda each: each[1])}


def _states() -> dict[str, str]:
    return {state.value: state_words(state) for state in ReferralState}


def _known(asked: str | None, there: Collection[str]) -> str:
    return asked if asked in there and asked else ""


def _offer(field: SelectField, chosen: str, counts: Counter[str], words: dict[str, str]) -> None:
    choices = [SelectChoice("", _("すべて（%(count)s）") % {"count": counts.total()})]
    choices += [
        SelectChoice(code, f"{label}（{counts[code]}）")
        for code, label in words.items()
        if counts[code] or code == chosen
    ]
    field.choices = choices
    field.process_data(chosen)

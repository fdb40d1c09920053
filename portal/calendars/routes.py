"""Feeds at secret addresses, and the pages on which families and directors get theirs."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, abort, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.addresses import AddressKind, token_for
from portal.calendars import queries, service
from portal.db.session import become, current_session
from portal.documents import i18n
from portal.documents.i18n import gettext as _
from portal.documents.ics import CONTENT_TYPE, etag, feed
from portal.kernel import clock
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint("calendars", __name__)

_FACILITY = "/office/facilities/<uuid:facility_id>/calendar"


def _base_url() -> str:
    base_url: str = current_app.config["PORTAL"].base_url
    return base_url.rstrip("/")


@bp.get("/feeds/<token>.ics", endpoint="feed")
@requires(Permission.OPEN_TO_ALL)
def read_feed(token: str) -> ResponseReturnValue:
    """Hand out a feed to whatever calendar program knows its address."""
    session, now = current_session(), clock.now()
    opened = queries.opened_feed(session, token)
    if opened is None:
        abort(404)
    actor = queries.actor_of(opened)
    become(actor)
    if opened.facility_id is not None:
        content = queries.facility_feed(
            session, opened.facility_id, actor=actor, now=now, base_url=_base_url()
        )
    else:
        content = queries.family_feed(session, actor=actor, now=now, base_url=_base_url())
    data = feed(content.entries, name=content.name)
    answer = Response(
        data,
        content_type=CONTENT_TYPE,
        headers={
            "ETag": etag(data),
            "Cache-Control": "private, no-cache",
            "Content-Disposition": 'inline; filename="calendar.ics"',
            "X-Robots-Tag": "noindex",
        },
    )
    answer.last_modified = content.changed_at
    return answer.make_conditional(request)


@bp.get("/my/calendar")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def family() -> ResponseReturnValue:
    """Show a family the address of its calendar, or how to make one."""
    return _page(
        AddressKind.FAMILY_FEED,
        renew_url=url_for(".renew_family"),
        end_url=url_for(".end_family"),
    )


@bp.post("/my/calendar/renew")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def renew_family() -> ResponseReturnValue:
    """Make the family's address, or a new one instead."""
    return _renew(AddressKind.FAMILY_FEED, url_for(".family"))


@bp.post("/my/calendar/end")
@requires(Permission.ACT_FOR_OWN_FAMILY)
def end_family() -> ResponseReturnValue:
    """End the family's address."""
    return _end(AddressKind.FAMILY_FEED, url_for(".family"))


@bp.get(_FACILITY)
@requires(Permission.MANAGE_FACILITY)
def facility(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Show a director the address of a facility's calendar, or how to make one."""
    return _page(
        AddressKind.FACILITY_FEED,
        facility_id,
        renew_url=url_for(".renew_facility", facility_id=facility_id),
        end_url=url_for(".end_facility", facility_id=facility_id),
    )


@bp.post(f"{_FACILITY}/renew")
@requires(Permission.MANAGE_FACILITY)
def renew_facility(facility_id: uuid.UUID) -> ResponseReturnValue:
    """Make the facility's address, or a new one instead."""
    page = url_for(".facility", facility_id=facility_id)
    return _renew(AddressKind.FACILITY_FEED, page, facility_id)


@bp.post(f"{_FACILITY}/end")
@requires(Permission.MANAGE_FACILITY)
def end_facility(facility_id: uuid.UUID) -> ResponseReturnValue:
    """End the facility's address."""
    page = url_for(".facility", facility_id=facility_id)
    return _end(AddressKind.FACILITY_FEED, page, facility_id)


def _page(
    kind: AddressKind, facility_id: uuid.UUID | None = None, *, renew_url: str, end_url: str
) -> str:
    session, actor = current_session(), current_actor()
    shown = None
    if facility_id is not None:
        shown = queries.own_facility(session, facility_id, actor=actor)
    live = queries.live_addresses(session, kind, actor=actor, facility_id=facility_id)
    said = None if i18n.is_source() else i18n.code()
    address = (
        _base_url() + url_for(".feed", token=token_for(live[0].id), lang=said) if live else None
    )
    return render_template(
        "calendars/address.html",
        form=PortalForm(formdata=None),
        facility=shown,
        made_at=live[0].made_at if live else None,
        address=address,
        webcal=f"webcal://{address.partition('://')[2]}" if address else None,
        renew_url=renew_url,
        end_url=end_url,
    )


def _renew(
    kind: AddressKind, page: str, facility_id: uuid.UUID | None = None
) -> ResponseReturnValue:
    with transaction() as session:
        service.renew_feed(
            session, kind, actor=current_actor(), now=clock.now(), facility_id=facility_id
        )
        flash(_("アドレスを作りました。予定表に入れてください。"))
        return see_other(session, page)


def _end(kind: AddressKind, page: str, facility_id: uuid.UUID | None = None) -> ResponseReturnValue:
    with transaction() as session:
        service.end_feed(
            session, kind, actor=current_actor(), now=clock.now(), facility_id=facility_id
        )
        flash(_("アドレスを止めました。もう、だれも見られません。"))
        return see_other(session, page)

"""Staff find a caller's family, enter a new one, and see all of it on one page."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.bookings.queries.lists import coming_groups_of, past_groups_of
from portal.bookings.rules import STATE_LABELS
from portal.bookings.words import and_all, names_of
from portal.datarequests.words import action_word
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.i18n import languages
from portal.documents.wording.sentences import sentence
from portal.families import protections, queries, rights
from portal.families import service as families
from portal.families.apart_forms import allowed
from portal.families.entered import entered_for
from portal.families.expected import closed_lately
from portal.families.forms import CHANNEL_LABELS, ReceiptFields
from portal.families.record_rules import photo_is_old
from portal.families.rules import phone_digits
from portal.families.search import FEWEST_DIGITS, FoundBy, Sought
from portal.families.twice import closed_seconds
from portal.kernel import clock
from portal.office.bookings_asked import asked_for
from portal.office.bookings_before import first_step
from portal.office.families_forms import CallerForm, ToldPickupForm
from portal.preregistration.queries import of_family
from portal.uploads import service as uploads
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.last_search import MARK, keep, kept
from portal.web.writes import see_other, transaction

bp = Blueprint("office_families", __name__, url_prefix="/office/families")

#: How many past bookings a family's page lists.
PAST_BOOKINGS = 10


@bp.route("/", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def index() -> ResponseReturnValue:
    """Find a family by name, kana, phone or number; without words, show the newest.

    What was typed comes by POST: names and numbers stand in no address and in no log. The list has
    an address of its own, so that Back from a family shows it again.
    """
    if request.method == "POST":
        mark = keep(request.form.get("q", ""))
        return redirect(url_for(".index", search=mark), 303)
    words = kept(request.args.get(MARK, ""))
    found = queries.search_families(current_session(), words, actor=current_actor())
    return render_template(
        "office/families/index.html",
        words=words,
        found=found,
        most=queries.MOST_FOUND,
        form=PortalForm(formdata=None),
        by_words=found_by_words(),
        too_short=too_short(words),
    )


def too_short(words: str) -> str | None:
    """Return what to say where fewer digits were typed than a phone number is found by."""
    if not Sought.of(words).is_few_digits:
        return None
    return _("電話番号は、下%(count)sけたから さがせます。") % {"count": FEWEST_DIGITS}


def found_by_words() -> dict[FoundBy, str]:
    """Return what a list says of why a family was found."""
    return {
        FoundBy.GUARDIAN: _("保護者の名前"),
        FoundBy.CHILD: _("お子さんの名前"),
        FoundBy.PHONE: _("電話番号"),
        FoundBy.NUMBER: _("ご家庭の番号"),
    }


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def new() -> ResponseReturnValue:
    """Enter a family for a caller; a phone number known already is asked about first."""
    form, actor, now = CallerForm(), current_actor(), clock.now()
    same_phone: list[queries.FamilySummary] = []
    if form.validate_on_submit() and form.came_by(now):
        digits = phone_digits(form.phone.data)
        if digits and not form.is_another.data:
            same_phone = queries.families_with_phone(current_session(), digits, actor=actor)
        if same_phone:
            form.form_errors.append(_("この電話番号のご家庭が、もう登録されています"))
            form.is_refused = True
        else:
            with form.explaining(sentence):
                return _enter(form)
    elif not form.is_submitted():
        form.propose(now)
    page = render_template(
        "office/families/new.html", form=form, same_phone=same_phone, asked=asked_for()
    )
    return page, form.status


def _enter(form: CallerForm) -> ResponseReturnValue:
    with transaction() as session:
        made = families.register_family(
            session,
            form.details(mail=form.mail.data or None),
            (form.child(),),
            actor=current_actor(),
            now=clock.now(),
            channel=form.by_channel(),
            received_at=form.received_at(),
        )
        flash(_("ご家庭を登録しました。番号は %(number)s です。") % {"number": made.number})
        values: dict[str, Any] = {"family_id": made.family_id, **asked_for().query}
        return see_other(session, url_for(".show", **values))


@bp.get("/<uuid:family_id>")
@requires(Permission.RUN_THE_DAY)
def show(family_id: uuid.UUID) -> ResponseReturnValue:
    """Show a family: who to call, the children, who picks up, where applications stand."""
    form = ToldPickupForm()
    form.propose(clock.now())
    return _page(family_id, form)


@bp.post("/<uuid:family_id>/pickup-persons")
@requires(Permission.RUN_THE_DAY)
def add_pickup(family_id: uuid.UUID) -> ResponseReturnValue:
    """Add somebody who may pick up, as the guardian says on the phone or on paper."""
    queries.family(current_session(), family_id, actor=current_actor())
    form = ToldPickupForm()
    if form.validate_on_submit() and form.came_by(clock.now()):
        with form.explaining(sentence), transaction() as session:
            families.add_pickup(
                session, family_id, form.details(), actor=current_actor(), told=form.told()
            )
            flash(_("お迎えの人を登録しました。"))
            return see_other(session, url_for(".show", family_id=family_id))
    return _page(family_id, form), form.status


@bp.route("/<uuid:family_id>/pickup-persons/<uuid:person_id>/remove", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def remove_pickup(family_id: uuid.UUID, person_id: uuid.UUID) -> ResponseReturnValue:
    """Take somebody off the list, as the guardian says."""
    actor, form, now = current_actor(), ReceiptFields(), clock.now()
    person = queries.pickup_person(current_session(), person_id, actor=actor)
    if person.family_id != family_id:
        abort(404)
    if form.validate_on_submit():
        if form.came_by(now):
            with transaction() as session:
                families.remove_pickup(session, person_id, actor=actor, now=now, told=form.told())
                if person.photo_id is not None:
                    uploads.remove(session, person.photo_id, actor=actor, now=now)
                flash(_("お迎えの人からはずしました。"))
                return see_other(session, url_for(".show", family_id=family_id))
    elif not form.is_submitted():
        form.propose(now)
    page = render_template(
        "office/families/remove_pickup.html",
        form=form,
        person=person,
        family=queries.family(current_session(), family_id, actor=actor),
    )
    return page, form.status


def _page(family_id: uuid.UUID, form: ToldPickupForm) -> str:
    session, actor, now = current_session(), current_actor(), clock.now()
    family = queries.family(session, family_id, actor=actor)
    children = queries.children(session, family_id, actor=actor)
    confirmed = queries.confirmed_days(session, [each.id for each in children], actor=actor)
    applications = of_family(session, actor=actor, family_id=family_id)
    known = rights.withheld_in_families(session, [family_id], actor=actor)
    return render_template(
        "office/families/show.html",
        family=family,
        guardians=queries.guardians(session, family_id, actor=actor),
        protection=protections.protection_of(session, family_id, actor=actor),
        protection_asked={
            row.guardian_id for row in protections.request_of(session, family_id, actor=actor)
        },
        allowed={key: allowed(withheld) for key, withheld in known.items()},
        withheld=known,
        all_rights=allowed(frozenset()),
        children=children,
        confirmed=confirmed,
        step=first_step(children, confirmed, applications),
        photo_is_old=photo_is_old,
        pickup_persons=queries.pickup_persons(session, family_id, actor=actor),
        applications=applications,
        coming=coming_groups_of(session, family_id, actor=actor, now=now),
        has_closed=bool(closed_lately(session, family_id, actor=actor, now=now)),
        seconds=closed_seconds(session, family_id, actor=actor, now=now),
        past=past_groups_of(session, family_id, actor=actor, now=now, most=PAST_BOOKINGS),
        names_of=names_of,
        and_all=and_all,
        states=STATE_LABELS,
        form=form,
        asked=asked_for(),
        entered=entered_for(session, family_id, actor=actor),
        action_word=action_word,
        channels=CHANNEL_LABELS,
        languages={one.code: one.name for one in languages()},
    )

"""Before rules are published: what stands against it, then from when and what changes, once."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from wtforms import HiddenField

from portal.db.session import current_session
from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.facilities import queries
from portal.facilities.models import Programme
from portal.kernel import clock
from portal.office.rules_form import RulesForm
from portal.office.rules_programme import fill, own_rules_of
from portal.policies.document import RulesDocument
from portal.preregistration.places import registered
from portal.rulebooks import drafts, service
from portal.rulebooks.contradictions import contradictions, seen_mark
from portal.rulebooks.differences import Difference, differences
from portal.rulebooks.doubtful import doubtful
from portal.rulebooks.models import Rulebook
from portal.rulebooks.never_admits import never_admits
from portal.rulebooks.queries import draft_of, versions_of
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.why import in_full
from portal.web.writes import see_other, transaction


def add_publishing(bp: Blueprint) -> None:
    """Add the page that asks once before what is being written is put in force."""
    bp.add_url_rule("/publish", "publish", publish, methods=["GET", "POST"])


class PublishForm(PortalForm):
    """A yes to what was shown: ``seen`` is when that draft was saved."""

    seen = HiddenField()


@dataclass(frozen=True, slots=True)
class Later:
    """Published rules that begin after those being written, with what then changes."""

    version: Rulebook
    changes: list[Difference]


def is_read(typed: RulesForm, document: RulesDocument) -> bool:
    """Say whether the tick stands under the very texts and figures that would be published."""
    mark = seen_mark(contradictions(document))
    return not mark or mark in (typed.words_kept.raw_data or ())


def never(document: RulesDocument | None) -> list[str]:
    """Say for whom the rules never have a stay; looked for only once something was sent."""
    found = never_admits(document, today=clock.today(clock.now())) if document else []
    return [one.words for one in found]


def may_be_published(
    typed: RulesForm, document: RulesDocument, *, begins: date | None, today: date
) -> bool:
    """Say whether nothing stands against it; what does is said at its field."""
    if begins is None:
        typed.in_force_from.errors = typed.in_force_from.errors or [_("始める日を入れてください")]
    elif begins < today:
        typed.in_force_from.errors = [_("始める日は、今日か、これからの日にしてください")]
    if not is_read(typed, document):
        said = _("文と数字がちがうところを、直すか、読んだしるしをつけてください")
        typed.words_kept.errors = [said]
    if not typed.never_kept.data and never(document):
        said = _("だれも使えないところを、直すか、読んだしるしをつけてください")
        typed.never_kept.errors = [said]
    return not typed.problem_count


def publish_first(
    session: Session, programme: Programme, document: RulesDocument, now: datetime
) -> ResponseReturnValue:
    """Put a programme's first rules in force at once: they take the place of none."""
    actor, today = current_actor(), clock.today(now)
    service.publish(session, programme.id, document, today, actor=actor, now=now)
    drafts.drop_draft(session, programme.id, actor=actor)
    flash(_("このきまりにしました。"))
    return see_other(session, url_for("office_setup.show", facility_id=programme.facility_id))


@requires(Permission.MANAGE_FACILITY)
def publish(programme_id: uuid.UUID) -> ResponseReturnValue:
    """Ask once, with the day and what changes then; a yes puts what was shown in force."""
    programme, chosen, now = own_rules_of(programme_id), PublishForm(), clock.now()
    if chosen.validate_on_submit():
        with chosen.explaining(in_full), transaction() as writing:
            return _put_in_force(writing, programme, str(chosen.seen.data), now)
    draft = draft_of(current_session(), programme_id)
    typed = RulesForm(formdata=None)
    fill(typed, programme)
    begins, document = typed.in_force_from.data, typed.document()
    if draft is None or document is None or begins is None:
        return see_other(current_session(), url_for(".form", programme_id=programme_id))
    chosen.seen.data = draft.saved_at.isoformat()
    versions = versions_of(current_session(), programme_id)
    before = next((one for one in versions if one.in_force_from <= begins), None)
    page = render_template(
        "office/rules/publish.html",
        form=chosen,
        programme=programme,
        facility=queries.own_facility(
            current_session(), programme.facility_id, programme.organisation_id
        ),
        document=document,
        begins=begins,
        day_before=begins - timedelta(days=1),
        before=before,
        changes=_changes(before, document),
        later=_later(versions, document, begins),
        doubtful=[one.said for one in doubtful(document)],
        never=never(document),
    )
    return page, chosen.status


def _put_in_force(
    session: Session, programme: Programme, seen: str, now: datetime
) -> ResponseReturnValue:
    draft, actor = draft_of(session, programme.id), current_actor()
    typed = RulesForm(formdata=None)
    fill(typed, programme)
    begins, document = typed.in_force_from.data, typed.document()
    if draft is None or document is None or begins is None or draft.saved_at.isoformat() != seen:
        flash(_("見ていただいたあとに、書きかけが変わりました。もう一度確かめてください。"), "warn")
        return see_other(session, url_for(".form", programme_id=programme.id))
    service.publish(session, programme.id, document, begins, actor=actor, now=now)
    drafts.drop_draft(session, programme.id, actor=actor)
    today = clock.today(now)
    day = _("今日") if begins == today else jdate(begins, today)
    said = _("%(day)sからのきまりを公開しました。いま入っている予約は、前のきまりのままです。")
    flash(said % {"day": day})
    _tell_of_limit(session, programme, document, today)
    return see_other(session, url_for(".index", programme_id=programme.id))


def _changes(before: Rulebook | None, document: RulesDocument) -> list[Difference]:
    return differences(RulesDocument.model_validate(before.document), document) if before else []


def _later(versions: Sequence[Rulebook], document: RulesDocument, begins: date) -> list[Later]:
    """Return the published rules that will take the place of these, the earliest first."""
    # Of those that begin on one day the newest holds, and comes last of this order.
    coming = {one.in_force_from: one for one in versions[::-1] if one.in_force_from > begins}
    return [
        Later(one, differences(document, RulesDocument.model_validate(one.document)))
        for one in coming.values()
    ]


def _tell_of_limit(
    session: Session, programme: Programme, document: RulesDocument, today: date
) -> None:
    """Say where more are registered already than the new rules take."""
    limit = document.registration.limit if document.registration else None
    there = registered(session, programme.facility_id, today)
    if limit is not None and there > limit:
        words = _(
            "いま%(there)s人が登録しています。上限は%(limit)s人なので、"
            "%(limit)s人より少なくなるまで、新しい登録は空きを待ちます。"
        )
        flash(words % {"there": there, "limit": limit}, "warn")

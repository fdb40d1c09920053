"""Staff close the second registration of a child that was registered twice, or bring it back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from portal.db.session import current_session
from portal.documents.dates import jdate, jday
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import help_for, sentence
from portal.families import queries, twice
from portal.families.models import Child
from portal.families.twice_rules import TwiceBecause
from portal.kernel import clock
from portal.kernel.clock import local_date
from portal.web.access import Permission, current_actor, requires
from portal.web.forms import PortalForm
from portal.web.writes import see_other, transaction

bp = Blueprint(
    "office_families_twice",
    __name__,
    url_prefix="/office/families/<uuid:family_id>/children/<uuid:child_id>/entered-twice",
)


def _named(child: Child) -> str:
    if child.name:
        return _("%(name)sさん") % {"name": child.name}
    return _("%(day)sごろに生まれるお子さん") % {"day": jdate(child.due_on)} if child.due_on else ""


def _hints(children: Sequence[Child], confirmed: Mapping[uuid.UUID, date]) -> dict[str, str]:
    """Return by what two registrations of one name can be told apart: when, and the record."""
    found = {}
    for child in children:
        told = (
            _("児童票は %(day)s に確認") % {"day": jday(confirmed[child.id], with_year=True)}
            if child.id in confirmed
            else _("児童票は、まだです")
        )
        born = (
            _("%(day)s生まれ") % {"day": jday(child.born_on, with_year=True)}
            if child.born_on
            else _("これから生まれます")
        )
        added = _("%(day)s に登録") % {"day": jday(local_date(child.created_at), with_year=True)}
        found[str(child.id)] = f"{born} ／ {added} ／ {told}"
    return found


class TwiceForm(PortalForm):
    """Which registration goes on, and how there came to be two."""

    same_as = RadioField("残すほうの登録", [InputRequired("残すほうの登録をえらんでください")])
    because = RadioField(
        "二重になったわけ",
        [InputRequired("わけをえらんでください")],
        default=TwiceBecause.TYPED_TWICE.value,
        choices=[
            SelectChoice(TwiceBecause.TYPED_TWICE.value, "まちがえて2回入れた"),
            SelectChoice(TwiceBecause.FAMILY_AND_STAFF.value, "ご家庭と園が、それぞれ入れた"),
            SelectChoice(TwiceBecause.OTHER.value, "そのほか"),
        ],
    )

    def offer(self, others: Sequence[Child]) -> None:
        """Offer the other children of the family; the only one is chosen already."""
        self.same_as.choices = [SelectChoice(str(each.id), _named(each)) for each in others]
        if len(others) == 1 and not self.is_submitted():
            self.same_as.data = str(others[0].id)


@bp.route("", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def close(family_id: uuid.UUID, child_id: uuid.UUID) -> ResponseReturnValue:
    """Close a second registration; what still runs for it is named first."""
    session, actor, now = current_session(), current_actor(), clock.now()
    family = queries.family(session, family_id, actor=actor)
    child = queries.child(session, child_id, actor=actor)
    if child.family_id != family_id:
        abort(404)
    children = queries.children(session, family_id, actor=actor)
    confirmed = queries.confirmed_days(session, [each.id for each in children], actor=actor)
    form = TwiceForm()
    form.offer([each for each in children if each.id != child_id])
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as writing:
            twice.close_second(
                writing,
                child_id,
                uuid.UUID(form.same_as.data),
                TwiceBecause(form.because.data),
                actor=actor,
                now=now,
            )
            flash(_("二重の登録を閉じました。まちがえたときは、14日のあいだ、もどせます。"))
            return see_other(writing, url_for("office_families.show", family_id=family_id))
    page = render_template(
        "office/families/twice.html",
        form=form,
        family=family,
        child=child,
        name=_named(child),
        hints=_hints(children, confirmed),
        against=[
            (sentence(reason), help_for(reason))
            for reason in twice.against_closing(current_session(), child_id)
        ],
    )
    return page, form.status


@bp.route("/undo", methods=["GET", "POST"])
@requires(Permission.RUN_THE_DAY)
def undo(family_id: uuid.UUID, child_id: uuid.UUID) -> ResponseReturnValue:
    """Bring a second registration back that was closed by mistake; one that is there, leads on."""
    session, actor, form = current_session(), current_actor(), PortalForm()
    family = queries.family(session, family_id, actor=actor)
    child = twice.closed_second(session, child_id, actor=actor)
    known = child or queries.child(session, child_id, actor=actor)
    if known.family_id != family_id:
        abort(404)
    if child is None:
        return redirect(url_for("office_families.show", family_id=family_id), 303)
    if form.validate_on_submit():
        with form.explaining(sentence), transaction() as writing:
            twice.reopen_second(writing, child_id, actor=actor, now=clock.now())
            flash(_("登録をもとにもどしました。"))
            return see_other(writing, url_for("office_families.show", family_id=family_id))
    page = render_template(
        "office/families/twice_undo.html", form=form, family=family, name=_named(child)
    )
    return page, form.status

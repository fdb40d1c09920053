"""What the municipality decides for all: how often families are contacted, and who answers when."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.models import User
from portal.contacts.rules import ContactPolicy
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.liaison.settings_forms import SettingsForm
from portal.organisations import queries, service
from portal.organisations.limits import CaseLimits
from portal.organisations.models import Organisation, SettingChange
from portal.web.access import Permission, current_actor, requires
from portal.web.writes import see_other, transaction

bp = Blueprint("liaison_settings", __name__, url_prefix="/liaison/settings")


@bp.route("/", methods=["GET", "POST"])
@requires(Permission.SET_LIMITS)
def index() -> ResponseReturnValue:
    """Show the settings with their history; change them. They hold from the commit on."""
    session, actor, form = current_session(), current_actor(), SettingsForm()
    city_id = actor.organisation_id or abort(404)
    if form.validate_on_submit():
        changes = {"contact": form.policy().as_settings(), "cases": form.limits().as_settings()}
        with form.explaining(sentence), transaction() as writing:
            is_changed = service.change_settings(
                writing, city_id, changes, actor=actor, now=clock.now()
            )
            flash(
                _("設定を変えました。今から、すべての園と窓口で使われます。")
                if is_changed
                else _("前と同じ設定です。変えていません。")
            )
            return see_other(writing, url_for(".index"))
    city = session.get_one(Organisation, city_id)
    if not form.is_submitted():
        form.show(ContactPolicy.of(city.settings), CaseLimits.of(city.settings))
    past = queries.setting_changes(session, city_id, actor=actor)
    return render_template(
        "liaison/settings/index.html",
        form=form,
        city=city,
        is_set="contact" in city.settings,
        past=[(each, _name(each.changed_by), _differences(each)) for each in past],
    ), form.status


def _name(user_id: uuid.UUID) -> str:
    found = current_session().get(User, user_id)
    return found.name if found else _("職員")


def _differences(of: SettingChange) -> list[str]:
    """Return what changed, one line each: before and after in numbers."""
    before, after = _said(of.was), _said(of.becomes)
    return [
        _("%(name)s：%(before)s → %(after)s")
        % {"name": name, "before": before[name], "after": after[name]}
        for name in after
        if before[name] != after[name]
    ]


def _said(settings: Mapping[str, Any]) -> dict[str, str]:
    form = SettingsForm(formdata=None)
    form.show(ContactPolicy.of(settings), CaseLimits.of(settings))
    return {
        field.label.text: str(field.data).removeprefix("0") or "0"
        for field in form
        if field.name not in {"once", "csrf_token"}
    }

"""What rules are started from: those that come with the portal, a file, an earlier version."""

from __future__ import annotations

import uuid
from typing import cast

from flask import Blueprint, Response, abort, render_template
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.facilities.models import Programme
from portal.kernel import clock
from portal.office import facility_view
from portal.office.facility_view import template_of
from portal.office.rules_form import RulesForm
from portal.office.rules_programme import FIRST, document_now, fill, into_draft, own_rules_of
from portal.policies.document import RulesDocument, load_template
from portal.rulebooks import files
from portal.rulebooks.differences import differences
from portal.rulebooks.lean import write_toml
from portal.rulebooks.places import place_names, place_of
from portal.rulebooks.queries import draft_of, versions_of, withdrawn_of
from portal.rulebooks.reading.mistakes import FileProblem, WrongFile
from portal.web.access import Permission, requires
from portal.web.forms import PortalForm


def add_starting(bp: Blueprint) -> None:
    """Add the pages to start rules from, and the files to hand out."""
    both = ["GET", "POST"]
    bp.add_url_rule("/template", "template", template, methods=both)
    bp.add_url_rule("/file", "file", file, methods=both)
    bp.add_url_rule("/file.json", "download", download)
    bp.add_url_rule("/file.toml", "download_toml", download_toml)
    bp.add_url_rule("/versions/<uuid:rulebook_id>/again", "again", again, methods=["POST"])


class TemplateForm(PortalForm):
    """Rules that come with the portal, to start from."""

    template = RadioField("ひな型", validators=[InputRequired("ひな型をえらんでください")])


class RulesFileForm(PortalForm):
    """A rules document as a file."""

    file = FileField("きまりのファイル", validators=[DataRequired("ファイルをえらんでください")])


@requires(Permission.MANAGE_FACILITY)
def template(programme_id: uuid.UUID) -> ResponseReturnValue:
    """Start from rules that come with the portal, seeing what would differ."""
    programme = own_rules_of(programme_id)
    offered = facility_view.templates()
    chosen = TemplateForm()
    chosen.template.choices = [SelectChoice(n, offered[n].title) for n in offered]
    if chosen.validate_on_submit():
        document = template_of(str(chosen.template.data))
        return into_draft(programme, document, _("ひな型を入れました。直してから、公開できます。"))
    current = document_now(programme)
    page = render_template(
        "office/rules/template.html",
        form=chosen,
        programme=programme,
        offered=offered,
        current=current,
        changes={n: differences(current, template_of(n)) for n in offered} if current else {},
        places={name: place_of(name) for name in place_names()},
        draft=draft_of(current_session(), programme_id),
    )
    return page, chosen.status


@requires(Permission.MANAGE_FACILITY)
def file(programme_id: uuid.UUID) -> ResponseReturnValue:
    """Take a rules document as a file; every mistake is shown with its line."""
    programme = own_rules_of(programme_id)
    chosen = RulesFileForm()
    problems: list[FileProblem] = []
    if chosen.validate_on_submit():
        upload = cast("FileStorage", chosen.file.data)
        try:
            document = files.read_document(upload.stream.read(files.LONGEST_FILE + 1))
        except WrongFile as wrong:
            problems = wrong.problems
        else:
            said = _("ファイルを読みました。確かめてから、公開できます。")
            return into_draft(programme, document, said)
        chosen.is_refused = True
    page = render_template(
        "office/rules/file.html",
        form=chosen,
        programme=programme,
        mistakes=problems,
        draft=draft_of(current_session(), programme_id),
    )
    return page, chosen.status


@requires(Permission.MANAGE_FACILITY)
def download(programme_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out what is being written, else the rules of today, as a file for programs."""
    written = files.write_document(_document_to_hand_out(own_rules_of(programme_id)))
    return _handed_out(written, "rules.json", "application/json")


@requires(Permission.MANAGE_FACILITY)
def download_toml(programme_id: uuid.UUID) -> ResponseReturnValue:
    """Hand out the same as a file for people: only what differs from the usual stands in it."""
    written = write_toml(_document_to_hand_out(own_rules_of(programme_id)))
    return _handed_out(written, "rules.toml", "application/toml; charset=utf-8")


def _document_to_hand_out(programme: Programme) -> RulesDocument:
    typed = RulesForm(formdata=None)
    fill(typed, programme)
    return typed.document() or document_now(programme) or load_template(FIRST)


def _handed_out(written: str, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(written, content_type=kind, headers=headers)


@requires(Permission.MANAGE_FACILITY)
def again(programme_id: uuid.UUID, rulebook_id: uuid.UUID) -> ResponseReturnValue:
    """Take an earlier version back into what is being written, or one to come, to mend it."""
    programme = own_rules_of(programme_id)
    session = current_session()
    versions = [*versions_of(session, programme.id), *withdrawn_of(session, programme.id)]
    version = next((one for one in versions if one.id == rulebook_id), None)
    if version is None:
        abort(404)
    document = RulesDocument.model_validate(version.document)
    if version.withdrawn_at is not None:
        said = _("取りやめたきまりを、書きかけに入れました。始める日を確かめて、公開してください。")
        is_to_come = version.in_force_from > clock.today(clock.now())
        return into_draft(
            programme, document, said, start=version.in_force_from if is_to_come else None
        )
    if version.in_force_from > clock.today(clock.now()):
        said = _("これからのきまりを、書きかけに入れました。同じ日から始めると、入れかわります。")
        return into_draft(programme, document, said, start=version.in_force_from)
    said = _("前のきまりを、書きかけに入れました。始める日を決めて、公開してください。")
    return into_draft(programme, document, said)

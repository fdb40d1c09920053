"""Taking a city's list of facilities: upload, look, take."""

from __future__ import annotations

import uuid
from pathlib import PurePath
from typing import BinaryIO, cast

from flask import Blueprint, current_app, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from wtforms.fields.choices import SelectChoice

from portal.db import session as db
from portal.db.session import current_session
from portal.documents.csv_files import csv_bytes
from portal.documents.i18n import gettext as _
from portal.documents.xlsx_files import Kind as CellKind
from portal.documents.xlsx_files import xlsx_bytes
from portal.facilities import queries, service
from portal.facilities.lists.reading import read_limited
from portal.kernel import clock
from portal.kernel.actor import Role
from portal.kernel.signs import has_control_character
from portal.liaison.imports_forms import ApplyForm, UploadForCityForm, UploadForm
from portal.liaison.imports_view import PROBLEM_HEADER, Kind, PreviewPage, problems_of
from portal.web.access import Permission, current_actor, requires
from portal.web.downloads import csv_answer, xlsx_answer
from portal.web.why import in_full
from portal.web.writes import see_other, transaction

bp = Blueprint("liaison_imports", __name__, url_prefix="/liaison/imports")

#: The longest file name that is kept, in characters.
_LONGEST_NAME = 200


def _upload_form() -> UploadForm:
    if current_actor().role is not Role.OPERATOR:
        return UploadForm()
    form = UploadForCityForm()
    cities = queries.municipalities(current_session())
    form.municipality.choices = [
        SelectChoice("", _("えらんでください")),
        *(SelectChoice(str(city.id), city.name) for city in cities),
    ]
    if len(cities) == 1 and not form.is_submitted():
        form.municipality.data = str(cities[0].id)
    return form


def _municipality(form: UploadForm) -> uuid.UUID:
    if isinstance(form, UploadForCityForm):
        return uuid.UUID(form.municipality.data)
    own = current_actor().organisation_id
    if own is None:
        raise RuntimeError("a liaison works for a municipality")
    return own


def _file_name(upload: FileStorage) -> str:
    """Return the name as it is kept: no folders, no signs that cannot be kept or shown."""
    name = PurePath(upload.filename or "").name
    return "".join(sign for sign in name if not has_control_character(sign))[:_LONGEST_NAME]


@bp.route("/", methods=["GET", "POST"])
@requires(Permission.IMPORT_FACILITIES)
def index() -> ResponseReturnValue:
    """Take an upload to look at, and list the earlier ones."""
    form = _upload_form()
    if form.validate_on_submit():
        upload = cast("FileStorage", form.file.data)
        name = _file_name(upload) or _("名前のないファイル")
        with form.explaining(in_full):
            data = read_limited(cast("BinaryIO", upload.stream))
            # Not the transaction of forms: its key knows the fields but not the file, and would
            # answer a second file with the first one's page.
            with db.transaction() as session:
                kept = service.store_import(
                    session,
                    data,
                    name,
                    _municipality(form),
                    actor=current_actor(),
                    now=clock.now(),
                    invent_numbers=_is_demo(),
                )
                return see_other(session, url_for(".preview", import_id=kept.import_id))
    earlier = queries.recent_imports(current_session())
    return render_template("liaison/imports/index.html", form=form, earlier=earlier), form.status


@bp.get("/<uuid:import_id>")
@requires(Permission.IMPORT_FACILITIES)
def preview(import_id: uuid.UUID) -> ResponseReturnValue:
    """Show what taking the list would do, or what it did."""
    return _page(import_id, ApplyForm())


@bp.post("/<uuid:import_id>/apply")
@requires(Permission.IMPORT_FACILITIES)
def apply(import_id: uuid.UUID) -> ResponseReturnValue:
    """Take the list as it was shown; if it would now do something else, show that instead."""
    form = ApplyForm()
    with form.explaining(in_full), transaction() as session:
        done = service.apply_import(
            session,
            import_id,
            actor=current_actor(),
            now=clock.now(),
            seen=form.seen.data or "",
            may_be_of_another_city=bool(form.is_meant.data),
            invent_numbers=_is_demo(),
        )
        counts = done.plan.counts
        flash(
            _("取り込みました。新しい施設 %(new)s件、変わった施設 %(changed)s件。")
            % {"new": counts["new"], "changed": counts["changed"]}
        )
        return see_other(session, url_for(".preview", import_id=import_id))
    return _page(import_id, form), form.status


@bp.get("/<uuid:import_id>/problems.<any(csv, xlsx):ending>")
@requires(Permission.IMPORT_FACILITIES)
def problems(import_id: uuid.UUID, ending: str) -> ResponseReturnValue:
    """Hand out what is not taken, or taken with a doubt, for those who keep the list."""
    stored = queries.import_by_id(current_session(), import_id)
    rows = problems_of(service.plan_of(current_session(), stored, invent_numbers=_is_demo()))
    name = _("確かめるところ_%(file)s") % {"file": PurePath(stored.file_name).stem}
    if ending == "csv":
        return csv_answer(csv_bytes(PROBLEM_HEADER, rows), name, "problems")
    kinds = (CellKind.NUMBER, *([CellKind.TEXT] * (len(PROBLEM_HEADER) - 1)))
    book = xlsx_bytes(_("確かめるところ"), PROBLEM_HEADER, rows, kinds)
    return xlsx_answer(book, name, "problems")


def _is_demo() -> bool:
    return bool(current_app.config["PORTAL"].is_demo)


def _page(import_id: uuid.UUID, form: ApplyForm) -> str:
    session = current_session()
    stored = queries.import_by_id(session, import_id)
    plan = service.plan_of(session, stored, invent_numbers=_is_demo())
    names = queries.standing_by_key(session, stored.municipality_id, plan.parsed.shape)
    asked = request.args.get("show", "")
    page = PreviewPage.of(
        plan,
        names,
        kind=Kind(asked) if asked in set(Kind) else None,
        number=request.args.get("page", 1, type=int),
    )
    form.seen.data = plan.fingerprint
    city = queries.municipality(session, stored.municipality_id)
    elsewhere = [one for one in plan.cities.most_common() if one[0] != city.name]
    return render_template(
        "liaison/imports/preview.html",
        form=form,
        stored=stored,
        plan=plan,
        page=page,
        city=city.name,
        of_other_cities=elsewhere,
        is_of_another_city=plan.is_of_another_city(city.name),
        to_check=len(plan.preview.refused) + len(plan.preview.remarks),
    )

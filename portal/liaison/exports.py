"""Handing out a city's list of facilities: which columns, which kind of file."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.audit.service import record
from portal.db.session import current_session
from portal.documents.i18n import gettext as _
from portal.facilities import exports, queries
from portal.facilities.lists import exporting
from portal.facilities.lists.columns import BY_CODE, KORIYAMA, NATIONAL_2_1, NATIONAL_4, Shape
from portal.kernel.actor import Role
from portal.kernel.municipalities import prefecture_of
from portal.liaison.exports_forms import CodeForm
from portal.organisations.models import Organisation
from portal.organisations.service import set_municipality_code
from portal.web.access import Permission, current_actor, requires
from portal.web.downloads import csv_answer, geojson_answer, xlsx_answer
from portal.web.why import in_full
from portal.web.writes import see_other, transaction

bp = Blueprint("liaison_exports", __name__, url_prefix="/liaison/exports")

#: Offered in this order; the newest standard first.
SHAPES = (NATIONAL_4, NATIONAL_2_1, KORIYAMA)


def _city(session: Session) -> Organisation:
    """Return the liaison's own city, or the one the operator asks for, else the first."""
    actor = current_actor()
    asked = request.args.get("city", type=uuid.UUID)
    if actor.role is Role.OPERATOR:
        cities = queries.municipalities(session)
        found = [city for city in cities if asked in {None, city.id}]
        return found[0] if found else abort(404)
    if actor.organisation_id is None or asked not in {None, actor.organisation_id}:
        abort(404)
    return queries.municipality(session, actor.organisation_id)


def _shape() -> Shape:
    return BY_CODE.get(request.args.get("columns", NATIONAL_4.code)) or abort(404)


@bp.get("/")
@requires(Permission.IMPORT_FACILITIES)
def index() -> ResponseReturnValue:
    """Offer the city's list in every shape and kind of file."""
    session = current_session()
    is_operator = current_actor().role is Role.OPERATOR
    if is_operator and not queries.municipalities(session):
        return _page(session, None, None)
    city = _city(session)
    return _page(session, city, CodeForm(municipality_code=city.municipality_code))


@bp.post("/code")
@requires(Permission.IMPORT_FACILITIES)
def code() -> ResponseReturnValue:
    """Write the city's code (自治体コード), which stands in every row of a standard's list."""
    session, form = current_session(), CodeForm()
    city = _city(session)
    if form.validate_on_submit():
        with form.explaining(in_full), transaction() as writing:
            set_municipality_code(writing, city.id, form.figures, actor=current_actor())
            flash(_("自治体コードを %(code)s にしました。") % {"code": form.figures})
            asked = city.id if current_actor().role is Role.OPERATOR else None
            return see_other(writing, url_for(".index", city=asked))
    return _page(current_session(), city, form), form.status


def _page(session: Session, city: Organisation | None, form: CodeForm | None) -> str:
    is_operator = current_actor().role is Role.OPERATOR
    cities = queries.municipalities(session) if is_operator else []
    return render_template(
        "liaison/exports/index.html",
        city=city,
        form=form,
        prefecture=prefecture_of(city.municipality_code or "") if city else None,
        cities=cities,
        shapes=SHAPES,
        facilities=queries.facilities_to_export(session, city.id) if city else [],
    )


@bp.get("/facilities.<any(csv, xlsx, geojson):ending>")
@requires(Permission.IMPORT_FACILITIES)
def download(ending: str) -> ResponseReturnValue:
    """Hand out the list; CSV as UTF-8 with BOM, or as CP932 (``?encoding=cp932``)."""
    shape = _shape()
    encoding = request.args.get("encoding", "utf-8-sig")
    with transaction() as session:
        city = _city(session)
        table = exports.city_list(session, city.id, shape)
        plain = exports.file_name(shape, city.municipality_code)
        record(
            session,
            current_actor(),
            "facility.list_exported",
            city.id,
            shape=shape.code,
            rows=len(table.rows),
            kind=ending,
        )
        name = _("施設の一覧_%(city)s_%(columns)s") % {
            "city": city.name,
            "columns": shape.in_file_names,
        }
    if ending == "xlsx":
        return xlsx_answer(exporting.as_xlsx(table, _("施設の一覧")), name, plain)
    if ending == "geojson":
        return geojson_answer(exporting.as_geojson(table), name, plain)
    if encoding == "cp932":
        return csv_answer(exporting.as_csv(table, "cp932"), f"{name}_CP932", plain)
    return csv_answer(exporting.as_csv(table), name, plain)


@bp.get("/cp932")
@requires(Permission.IMPORT_FACILITIES)
def old_spreadsheets() -> ResponseReturnValue:
    """Say, before the CP932 file is taken, which signs it cannot hold."""
    session = current_session()
    city, shape = _city(session), _shape()
    table = exports.city_list(session, city.id, shape)
    lost = exporting.as_csv(table, "cp932").lost
    at = table.header.index(shape.fields["name"])
    names = {number: row[at] for number, row in enumerate(table.rows, start=2)}
    return render_template(
        "liaison/exports/cp932.html", city=city, shape=shape, lost=lost, names=names
    )

"""What everybody may have: the published facilities, in the columns of the national standard."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from portal.db.session import current_session
from portal.facilities import exports, queries
from portal.facilities.lists import exporting
from portal.facilities.lists.columns import NATIONAL_2_1, NATIONAL_4
from portal.web.access import Permission, requires
from portal.web.downloads import csv_answer, geojson_answer, xlsx_answer

bp = Blueprint("open_data", __name__, url_prefix="/open-data")

_SHAPES = {shape.code: shape for shape in (NATIONAL_4, NATIONAL_2_1)}
_NAME, _PLAIN = "子育て施設一覧", "preschool"


@bp.get("/")
@requires(Permission.OPEN_TO_ALL)
def index() -> ResponseReturnValue:
    """Tell which files there are."""
    count = len(queries.published_facilities(current_session()))
    return render_template("open_data/index.html", shapes=_SHAPES.values(), count=count)


@bp.get("/facilities.<any(csv, xlsx, geojson):ending>")
@requires(Permission.OPEN_TO_ALL)
def facilities(ending: str) -> ResponseReturnValue:
    """Hand out the published facilities; what a city marks 非公開 is never among them."""
    shape = _SHAPES.get(request.args.get("columns", NATIONAL_4.code)) or abort(404)
    table = exports.public_list(current_session(), shape)
    if ending == "xlsx":
        return xlsx_answer(exporting.as_xlsx(table, _NAME), _NAME, _PLAIN)
    if ending == "geojson":
        return geojson_answer(exporting.as_geojson(table), _NAME, _PLAIN)
    return csv_answer(exporting.as_csv(table), _NAME, _PLAIN)

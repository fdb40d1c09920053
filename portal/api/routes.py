"""Referrals by API: one in, how far they have come out, and the description of it all."""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from pydantic import BaseModel, ValidationError

from portal.accounts.api_tokens import Scope
from portal.api import problems
from portal.api.answers import (
    PageOut,
    ReceiversOut,
    TakenOut,
    receiver_out,
    referrals_out,
    with_events,
)
from portal.api.bearer import asking, bearer
from portal.api.document import description
from portal.api.keys import Key, sent_json
from portal.api.problems import Problem, of_refusal, of_shape
from portal.api.schemas import ReferralIn
from portal.consents.sharing import SHARING_VERSION
from portal.db.session import current_session, transaction
from portal.kernel import clock
from portal.kernel.errors import Refusal
from portal.referrals import queries
from portal.referrals.outside import take_in
from portal.referrals.outside_queries import Asked, sent_page
from portal.referrals.outside_receivers import possible_receivers
from portal.referrals.rules import ReferralSource, ReferralState, Side
from portal.web.access import Permission, requires

bp = Blueprint("api", __name__, url_prefix=problems.PREFIX.rstrip("/"))
bp.register_error_handler(Problem, Problem.answer)
bp.record_once(lambda state: problems.install(state.app))  # type: ignore[arg-type]  # a Flask app

MOST_AT_ONCE = 100


@bp.get("/openapi.json")
@requires(Permission.OPEN_TO_ALL)
def openapi() -> Response:
    """Describe the interface to whoever builds against it (OpenAPI 3.1)."""
    base_url: str = current_app.config["PORTAL"].base_url
    return _json(description(base_url), 200, kept="public, max-age=3600")


@bp.get("/receivers")
@bearer(Scope.WRITE)
def receivers() -> Response:
    """List to whom the token's body may refer."""
    actor, now = asking().actor, clock.now()
    found = possible_receivers(current_session(), actor=actor, on=clock.today(now))
    return _answer(
        ReceiversOut(
            receivers=[receiver_out(each) for each in found], wording_version=SHARING_VERSION
        )
    )


@bp.post("/referrals")
@bearer(Scope.WRITE)
def create() -> Response:
    """Take a referral in and send it, once for each key."""
    who, now, content = asking(), clock.now(), sent_json()
    try:
        with transaction() as session:
            key = Key(session, who, content)
            before = key.answered_before()
            if before is not None:
                status, answer = before
                return _json(answer, status, location=_first(answer), replayed=True)
            sheet = ReferralIn.model_validate(content).sheet()
            taken = take_in(session, sheet, source=ReferralSource.API, actor=who.actor, now=now)
            made = TakenOut(referrals=referrals_out(session, taken.referrals, now=now))
            answer = made.model_dump(mode="json")
            key.keep(201, answer)
    except ValidationError as error:
        raise of_shape(error) from None
    except Refusal as refusal:
        raise of_refusal(refusal) from None
    return _json(answer, 201, location=_first(answer))


def _first(answer: Any) -> str:
    return url_for(".show", referral_id=answer["referrals"][0]["id"])


@bp.get("/referrals")
@bearer(Scope.READ)
def index() -> Response:
    """List what the token's body sent, with states and times."""
    who, now, session = asking(), clock.now(), current_session()
    rows, after = sent_page(session, _asked(), actor=who.actor)
    return _answer(PageOut(referrals=referrals_out(session, rows, now=now), next_after=after))


@bp.get("/referrals/<uuid:referral_id>")
@bearer(Scope.READ)
def show(referral_id: uuid.UUID) -> Response:
    """Show one that the token's body sent, with what happened."""
    who, now, session = asking(), clock.now(), current_session()
    row = queries.referral(session, referral_id, actor=who.actor)
    if queries.side_of(row, who.actor) is not Side.SENDER or row.sent_at is None:
        raise Problem(404, "not_found", "この紹介は見つかりません。")
    return _answer(with_events(session, row, now=now))


def _asked() -> Asked:
    wrong = []
    state, since = request.args.get("state"), request.args.get("changed_since")
    if state is not None and state not in set(ReferralState):
        wrong.append(("state", "決まった値ではありません。", "説明書にある状態を入れてください。"))
    moment = _moment(since)
    if since is not None and moment is None:
        wrong.append(
            (
                "changed_since",
                "日時として読めません。",
                "2026-11-22T09:00:00+09:00 の形で入れてください。",
            )
        )
    after, limit = _number("after", 0, 2**62), _number("limit", 1, MOST_AT_ONCE)
    if "after" in request.args and after is None:
        wrong.append(("after", "番号ではありません。", "前の答えの next_after を入れてください。"))
    if "limit" in request.args and limit is None:
        wrong.append(("limit", "数ではありません。", f"1から{MOST_AT_ONCE}までにしてください。"))
    if wrong:
        raise Problem(
            422,
            "wrong_query",
            "アドレスの ? のあとに、直すところがあります。",
            "errors の項目を直して、もう一度送ってください。",
            errors=[problems.Wrong(f"/{name}", name, why, do) for name, why, do in wrong],
        )
    return Asked(
        ReferralState(state) if state else None, moment, after or 0, limit or Asked().limit
    )


def _moment(typed: str | None) -> datetime | None:
    # In an address, a plus sign that was not escaped has become a space.
    try:
        moment = datetime.fromisoformat((typed or "").replace(" ", "+"))
    except ValueError:
        return None
    is_usual = moment.tzinfo is not None and clock.FIRST_YEAR <= moment.year <= clock.LAST_YEAR
    return moment if is_usual else None


def _number(name: str, least: int, most: int) -> int | None:
    typed = request.args.get(name, "")
    if not (typed.isascii() and typed.isdigit() and len(typed) < 20):  # noqa: PLR2004 - digits of 2**62
        return None
    return int(typed) if least <= int(typed) <= most else None


def _answer(body: BaseModel) -> Response:
    return _json(body.model_dump(mode="json"), 200)


def _json(
    body: Any,
    status: int,
    *,
    kept: str = "no-store",
    location: str | None = None,
    replayed: bool = False,
) -> Response:
    data = json.dumps(body, ensure_ascii=False)
    answer = Response(data, status, content_type="application/json")
    answer.headers["Cache-Control"] = kept
    if location is not None:
        answer.headers["Location"] = location
    if replayed:
        answer.headers["Idempotency-Replayed"] = "true"
    return answer

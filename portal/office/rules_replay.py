"""What was booked, decided again under the rules being written: every result that would change."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from types import MappingProxyType
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.audit.service import record
from portal.bookings.queries.replay import Again, booked, count_booked, decided_again
from portal.bookings.replaying import Replayed, Turn
from portal.bookings.words import and_all, names_of
from portal.db.session import transaction
from portal.documents.dates import day_and_time, jdate, jlimit, jmonth, jspan
from portal.documents.i18n import gettext as _
from portal.documents.money import yen
from portal.documents.wording.sentences import sentence
from portal.kernel import clock
from portal.kernel.errors import Reason
from portal.office.rules_drafted import under_trial
from portal.office.rules_late import late_words
from portal.office.rules_months import Months, month_after, month_before
from portal.office.rules_replay_why import counted, names_in
from portal.policies.outcome import Outcome
from portal.slots.opening import facility_calendar
from portal.web.access import Permission, current_actor, requires
from portal.web.paging import paged

bp = Blueprint(
    "office_rules_replay", __name__, url_prefix="/office/programmes/<uuid:programme_id>/rules"
)

#: So many groups are decided for one answer: a few seconds.
AT_ONCE = 1000
_ON_A_PAGE = 30
_MONTHS_BACK, _MONTHS_AHEAD = 6, 1
_TURN_WORDS: Mapping[Turn, str] = MappingProxyType(
    {
        Turn.REFUSED: "予約できなくなる",
        Turn.EARLY: "申し込みが早すぎる（受付が始まれば、予約できる）",
        Turn.LATE: "申し込みがおそすぎる（しめきりの前なら、予約できる）",
        Turn.FREED: "職員が認めなくても、予約できる",
        Turn.OUTCOME: "決まり方が変わる",
        Turn.FEE: "料金が変わる",
        Turn.DEADLINE: "無料で取り消せる期限が変わる",
        Turn.LATE_FEE: "おそい取り消しの料金が変わる",
    }
)
_OUTCOME_WORDS: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.CONFIRMED: "すぐに決まる",
        Outcome.PROVISIONAL: "書類がそろうまで仮の予約",
        Outcome.AWAITS_APPROVAL: "承認を待つ",
        Outcome.LOTTERY: "抽選を待つ",
    }
)


@bp.get("/replay")
@requires(Permission.MANAGE_FACILITY)
def month(programme_id: uuid.UUID) -> ResponseReturnValue:
    """Decide the bookings of last month, or another one, again; a large month in parts."""
    now, actor = clock.now(), current_actor()
    today = clock.today(now)
    tried = under_trial(programme_id, now=now)
    months = Months(today, back=_MONTHS_BACK, ahead=_MONTHS_AHEAD)
    first = months.asked(otherwise=month_before(today))
    last = month_after(first) - timedelta(days=1)
    start = max(0, request.args.get("from", 0, type=int))
    with transaction() as session:
        total = count_booked(session, programme_id, first, last, actor=actor)
        groups = booked(
            session, programme_id, first, last, actor=actor, limit=AT_ONCE, offset=start
        )
        calendar = facility_calendar(session, tried.facility.id, first + timedelta(days=15))
        found = decided_again(session, groups, tried.document, calendar, actor=actor)
        changed = [each for each in found if each.replayed.turns]
        record(session, actor, "rulebook.replayed", programme_id, decided=len(found))
    what, why = request.args.get("what", type=Turn), request.args.get("why") or None
    shown, pages = paged(
        [each for each in changed if _is_asked(each.replayed, what, why)],
        _ON_A_PAGE,
        lambda page: _here(programme_id, first, start=start, page=page, what=what, why=why),
    )
    done = start + len(groups)
    is_part = start > 0 or len(groups) == AT_ONCE
    here = partial(_here, programme_id)
    counts = Counter(turn for each in changed for turn in each.replayed.turns)
    return render_template(
        "office/rules/replay.html",
        tried=tried,
        programme=tried.programme,
        facility=tried.facility,
        month=jmonth(first, today),
        total=total,
        decided=len(found),
        unseen=0 if is_part else total - len(groups),
        part={"first": start + 1, "last": done} if is_part and groups else None,
        further=_here(programme_id, first, start=done) if len(groups) == AT_ONCE else None,
        changed=len(changed),
        counts=[
            {
                "words": _(words),
                "count": counts[turn],
                "href": _here(programme_id, first, start=start, what=turn),
                "current": turn is what and why is None,
                "whys": [
                    {
                        "words": each.name,
                        "count": each.count,
                        "href": _here(programme_id, first, start=start, what=turn, why=each.name),
                        "current": turn is what and why == each.name,
                    }
                    for each in counted((one.replayed for one in changed), turn)
                ],
            }
            for turn, words in _TURN_WORDS.items()
            if counts[turn]
        ],
        everything=_here(programme_id, first, start=start) if what else None,
        rows=[_row(each, today) for each in shown],
        pages=pages,
        previous=months.turn(first, -1, here),
        following=months.turn(first, 1, here),
    )


def _here(
    programme_id: uuid.UUID,
    first: date,
    *,
    start: int = 0,
    page: int = 1,
    what: Turn | None = None,
    why: str | None = None,
) -> str:
    values: dict[str, Any] = {"month": f"{first:%Y-%m}"}
    if start:
        values["from"] = start
    if page > 1:
        values["page"] = page
    if what is not None:
        values["what"] = what.value
    if why is not None:
        values["why"] = why
    return url_for(".month", programme_id=programme_id, **values)


def _is_asked(result: Replayed, what: Turn | None, why: str | None) -> bool:
    """Say whether a result is among those the page was narrowed to."""
    if what is None:
        return True
    return what in result.turns and (why is None or why in names_in(result, what))


def _row(again: Again, today: date) -> dict[str, Any]:
    group, result = again.group, again.replayed
    names = names_of(group)
    return {
        "when": day_and_time(jdate(group.span.day, today), jspan(group.span)),
        "who": and_all(list(names.values())),
        "number": group.number,
        "href": url_for("office_bookings.show", group_id=group.id),
        "is_refused": Turn.REFUSED in result.turns,
        "against": _said(result.against, names, today),
        "freed": _said(result.freed, names, today),
        "figures": _figures(result, today),
    }


def _said(reasons: Sequence[Reason], names: Mapping[uuid.UUID, str], today: date) -> list[str]:
    return list(
        dict.fromkeys(
            sentence(each, child=names.get(each.child_id) if each.child_id else None, today=today)
            for each in reasons
        )
    )


def _figures(result: Replayed, today: date) -> list[tuple[str, str, str]]:
    """Return what differs as term, before and after."""
    old, new = result.before, result.after
    said = {
        Turn.OUTCOME: (
            _("決まり方"),
            _(_OUTCOME_WORDS[old.outcome]),
            _(_OUTCOME_WORDS[new.outcome]),
        ),
        Turn.FEE: (_("料金"), yen(old.fee.total_yen), yen(new.fee.total_yen)),
        Turn.DEADLINE: (
            _("無料の取り消し"),
            _until(old.cancel_until, today),
            _until(new.cancel_until, today),
        ),
        Turn.LATE_FEE: (
            _("そのあとの取り消し"),
            late_words(result.late_before, today),
            late_words(result.late_after, today),
        ),
    }
    return [words for turn, words in said.items() if turn in result.turns]


def _until(moment: datetime | None, today: date) -> str:
    return _("%(until)s まで") % {"until": jlimit(moment, today)} if moment else _("いつでも")

"""Why a caller's booking is refused, in words for those who speak for the facility."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for

from portal.bookings.known import as_known
from portal.bookings.queries.cases import CaseFile
from portal.bookings.queries.lists import groups_at
from portal.bookings.rules import BookingChangeRefusal
from portal.bookings.words import explain
from portal.db.session import current_session
from portal.documents.dates import jdate, jspan
from portal.documents.i18n import gettext as _
from portal.kernel.errors import Reason
from portal.policies.document import RulesDocument
from portal.policies.reasons import BookingRefusal
from portal.preregistration.queries import of_family
from portal.preregistration.rules import PreregistrationState
from portal.web.access import current_actor

_R = BookingRefusal
_BY_RECEIPT = frozenset({_R.NOT_YET_OPEN, _R.CLOSED_FOR_BOOKING, _R.NOTICE_TOO_SHORT})
_BY_APPLICATION = frozenset({_R.NOT_REGISTERED, _R.REGISTRATION_ENDED, _R.NO_APPLICATION})
_BY_STEPS = frozenset(
    {
        _R.FAMILY_HAS_NOT_AGREED,
        _R.FACILITY_HAS_NOT_AGREED,
        _R.STEP_MISSING,
        _R.TRIAL_NOT_OFFERED,
        _R.TRIAL_AHEAD,
        _R.TRIAL_PAUSED,
        _R.TRIAL_OTHER_PART,
    }
)
_BY_HOME = frozenset(
    {
        _R.GATE_UNANSWERED,
        _R.GATE_OUTDATED,
        _R.GATE_UNCONFIRMED,
        _R.NOT_RESIDENT,
        _R.STATEMENT_MISSING,
        _R.ENROLLED_ELSEWHERE,
        _R.PROOF_MISSING,
        _R.PROOF_ENDED,
        BookingChangeRefusal.HOME_NOT_TOLD,
        BookingChangeRefusal.ENROLMENT_NOT_TOLD,
    }
)
#: Where what families read would send staff to their own telephone.
_HELPS = {
    _R.NOT_YET_OPEN: "受け付けた日時で決まります。まちがいがないか、たしかめてください。",
    _R.CLOSED_FOR_BOOKING: "それより前に連絡があったときは、受け付けた日時を直してください。",
    _R.NOTICE_TOO_SHORT: "それより前に連絡があったときは、受け付けた日時を直してください。",
    _R.TOO_YOUNG: "利用できる日からの日をえらぶと、予約できます。",
    _R.TOO_OLD: None,
    _R.FAMILY_HAS_NOT_AGREED: "電話で説明して、申し込みのページに、聞いたことを記録できます。",
    _R.FACILITY_HAS_NOT_AGREED: "申し込みのページで児童票を読んで、読んだことを記録します。",
    _R.RECORD_TO_CONFIRM: "「変わりない」と聞いたことを児童票に記録すると、予約できます。",
    _R.STEP_MISSING: "申し込みのページで、すんだことにするか、省くことができます。",
    _R.TRIAL_NOT_OFFERED: "申し込みのページで、このお子さんの段階をたしかめてください。",
    _R.TRIAL_AHEAD: "前の回の結果を入れると、次を予約できます。",
    _R.TRIAL_PAUSED: "理由を書いて、続けることもできます。",
    _R.TRIAL_OTHER_PART: "申し込みのページから、その回を予約できます。",
    _R.GATE_UNANSWERED: "ご家庭に聞いて、返事を記録できます。",
    _R.GATE_OUTDATED: "ご家庭にもう一度聞いて、返事を記録できます。",
    _R.GATE_UNCONFIRMED: "園で確かめて、記録すると予約できます。",
    _R.NOT_RESIDENT: "住んでいるところや事情がちがうときは、直せます。",
    _R.STATEMENT_MISSING: "紙を見たことを記録すると、予約できます。",
    _R.ENROLLED_ELSEWHERE: "通っているところがちがうときは、直せます。",
    _R.PROOF_MISSING: "書類を見たことを記録すると、予約できます。",
    _R.PROOF_ENDED: "新しい書類を見たことを記録すると、予約できます。",
    BookingChangeRefusal.HOME_NOT_TOLD: "住んでいるところを聞いて、記録できます。",
    BookingChangeRefusal.ENROLMENT_NOT_TOLD: "通っているところを聞いて、記録できます。",
    _R.FULL: "ほかの日時をえらぶと、予約できます。",
    _R.CLOSED_TO_NEW: "ほかの時間をえらぶか、「お休み」で受付を始めると予約できます。",
    _R.STAY_HAS_STARTED: "変わったことは、ボードで記録します。",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A reason with what staff can do about it: a sentence, and a link with its label."""

    sentence: str
    help: str | None
    href: str | None = None
    label: str | None = None
    #: What the rule is called that it comes from, where one says it.
    rule: str | None = None


def told(
    reasons: Sequence[Reason],
    names: Mapping[uuid.UUID, str],
    *,
    today: date,
    file: CaseFile | None = None,
    document: RulesDocument | None = None,
) -> list[Told]:
    """Return each reason once, with the way on; without ``file``, without links to applications.

    Args:
        document: The rules that were asked, where there is no ``file`` that has them.
    """
    found = []
    rules = file.document if file is not None else document
    reasons = as_known(reasons, file) if file is not None else reasons
    explained = explain(reasons, names, today=today, document=rules)
    for reason, said in zip(reasons, explained, strict=True):
        words = said.help
        code = reason.code
        if isinstance(code, BookingRefusal | BookingChangeRefusal) and code in _HELPS:
            own = _HELPS[code]
            words = own and _(own)
        href = label = None
        if reason.code in _BY_RECEIPT:
            href, label = "#received_on-year", _("受け付けた日を直す")
        elif reason.code in _BY_APPLICATION and file is not None:
            words, href, label = _application(file, reason.child_id)
        elif reason.code in _BY_STEPS and file is not None:
            href = _address_of_application(file, reason.child_id)
            label = _("申し込みを見る") if href else None
        elif reason.code in _BY_HOME and file is not None:
            href = url_for("office_homes.show", family_id=file.wish.family_id)
            label = _("住まいと世帯のことを見る")
        elif reason.code is _R.CHILD_BOOKED_ELSEWHERE and file is not None:
            words, href, label = _other_booking(file, reason.child_id) or (words, None, None)
        rule = said.rule.name if said.rule else None
        found.append(Told(said.sentence, words, href, label, rule))
    return list(dict.fromkeys(found))


def _other_booking(file: CaseFile, child_id: uuid.UUID | None) -> tuple[str, str, str] | None:
    """Return the booking in the way, where it is the provider's own; another's is not told."""
    asked = [child_id] if child_id else [child.id for child in file.children]
    for found in groups_at(current_session(), asked, file.wish.span, actor=current_actor()):
        words = _("%(day)s %(hours)sに、%(facility)sの予約があります。") % {
            "day": jdate(found.span.day),
            "hours": jspan(found.span.starts_at, found.span.ends_at),
            "facility": found.first.facility.name,
        }
        href = url_for("office_bookings.show", group_id=found.id)
        return words, href, _("その予約を見る")
    return None


def _address_of_application(file: CaseFile, child_id: uuid.UUID | None) -> str | None:
    for row in of_family(current_session(), actor=current_actor(), family_id=file.wish.family_id):
        if row.child_id == child_id and row.facility_id == file.facility_id:
            return url_for("office_preregistrations.show", preregistration_id=row.id)
    return None


def _application(file: CaseFile, child_id: uuid.UUID | None) -> tuple[str, str, str]:
    family_id = file.wish.family_id
    for row in of_family(current_session(), actor=current_actor(), family_id=family_id):
        if row.child_id != child_id or row.facility_id != file.facility_id:
            continue
        href = url_for("office_preregistrations.show", preregistration_id=row.id)
        if row.state is PreregistrationState.APPLIED:
            return _("申し込みが届いています。承諾すると予約できます。"), href, _("申し込みを見る")
        if row.state is PreregistrationState.ASKED_BACK:
            words = _("ご家庭の返事を待っています。電話で聞いて承諾することもできます。")
            return words, href, _("申し込みを見る")
        if row.state is PreregistrationState.ACCEPTED:
            return _("登録を更新すると予約できます。"), href, _("登録を見る")
    href = url_for("office_preregistrations.new", family_id=family_id)
    return _("申し込みを入れて、承諾すると予約できます。"), href, _("申し込みを入れる")

"""Every reason against a booking, as a code. The sentences stand in ``documents/wording``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class BookingRefusal(StrEnum):
    """Why a stay cannot be booked, changed or cancelled."""

    # the day and the moment of asking
    NOT_OPEN_DAY = "not_open_day"
    NOT_YET_OPEN = "not_yet_open"
    CLOSED_FOR_BOOKING = "closed_for_booking"
    NOTICE_TOO_SHORT = "notice_too_short"
    ALREADY_STARTED = "already_started"
    SUSPENDED = "suspended"
    ARRIVAL_OUTSIDE_TIMES = "arrival_outside_times"
    PICK_UP_OUTSIDE_TIMES = "pick_up_outside_times"
    # the length and place of the stay in the day
    OFF_GRID = "off_grid"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    START_NOT_OFFERED = "start_not_offered"
    NOT_A_BLOCK = "not_a_block"
    START_OFF_STEP = "start_off_step"
    END_NOT_OFFERED = "end_not_offered"
    LENGTH_NOT_OFFERED = "length_not_offered"
    AFTERNOON_ONLY = "afternoon_only"
    FIRST_VISIT_TOO_LONG = "first_visit_too_long"
    FIRST_VISIT_ENDS_TOO_LATE = "first_visit_ends_too_late"
    # the child
    TOO_YOUNG = "too_young"
    TOO_OLD = "too_old"
    NOT_REGISTERED = "not_registered"
    REGISTRATION_NOT_YET_VALID = "registration_not_yet_valid"
    REGISTRATION_ENDED = "registration_ended"
    REGISTRATION_TOO_RECENT = "registration_too_recent"
    FAMILY_HAS_NOT_AGREED = "family_has_not_agreed"
    FACILITY_HAS_NOT_AGREED = "facility_has_not_agreed"
    RECORD_TO_CONFIRM = "record_to_confirm"
    # gates: what the child can do and how it is (G3)
    GATE_NOT_MET = "gate_not_met"
    GATE_UNANSWERED = "gate_unanswered"
    GATE_OUTDATED = "gate_outdated"
    GATE_UNCONFIRMED = "gate_unconfirmed"
    # where the home is and where else the child goes (G4)
    NOT_RESIDENT = "not_resident"
    STATEMENT_MISSING = "statement_missing"
    ENROLLED_ELSEWHERE = "enrolled_elsewhere"
    OWN_PLACE_OPEN = "own_place_open"
    # why it comes, and the papers for it (G5)
    PURPOSE_MISSING = "purpose_missing"
    PURPOSE_NOT_OFFERED = "purpose_not_offered"
    REASON_MISSING = "reason_missing"
    REASON_NOT_OFFERED = "reason_not_offered"
    REASON_OF_OTHER_PURPOSE = "reason_of_other_purpose"
    PROOF_MISSING = "proof_missing"
    PROOF_ENDED = "proof_ended"
    # the first use (G20), the way a wish came in (G9), care that is stopped (G27)
    FIRST_USE_OTHER_PURPOSE = "first_use_other_purpose"
    CHANNEL_NOT_OFFERED = "channel_not_offered"
    DESK_CLOSED = "desk_closed"
    STOPPED_BY_FACILITY = "stopped_by_facility"
    # the steps before use
    NO_APPLICATION = "no_application"
    STEP_MISSING = "step_missing"
    TRIAL_NOT_OFFERED = "trial_not_offered"
    TRIAL_OVER = "trial_over"
    TRIAL_AHEAD = "trial_ahead"  # one is booked, or what came of it is not recorded yet
    TRIAL_PAUSED = "trial_paused"
    TRIAL_OTHER_PART = "trial_other_part"
    TRIAL_TOO_LONG = "trial_too_long"
    TRIAL_ENDS_TOO_LATE = "trial_ends_too_late"
    # how much may be used (G6), and what follows when nobody came or told (G12)
    CAP_REACHED = "cap_reached"
    CAP_REACHED_MEANWHILE = "cap_reached_meanwhile"  # the database's word
    NO_SHOW_STOP = "no_show_stop"
    # brothers and sisters (G21), regular use (G25), waiting for a place (G10)
    TOO_MANY_SIBLINGS = "too_many_siblings"
    REGULAR_USE_ONLY = "regular_use_only"
    REGULAR_USE_NOT_OFFERED = "regular_use_not_offered"
    REGULAR_WEEKDAY_NOT_OFFERED = "regular_weekday_not_offered"
    REGULAR_TERM_NOT_OFFERED = "regular_term_not_offered"
    TOO_MANY_WEEKDAYS = "too_many_weekdays"
    TOO_FEW_WEEKDAYS = "too_few_weekdays"
    NO_WAITLIST = "no_waitlist"
    WAITLIST_CLOSED = "waitlist_closed"
    WAITLIST_FULL = "waitlist_full"
    TOO_MANY_WAITS = "too_many_waits"
    WITHDRAWAL_CLOSED = "withdrawal_closed"
    # said by places, bookings and the database, not by the rules document
    FULL = "full"
    OUTSIDE_HOURS = "outside_hours"
    CLOSED_TO_NEW = "closed_to_new"
    CHILD_BOOKED_ELSEWHERE = "child_booked_elsewhere"
    DECIDED_BY_PEOPLE = "decided_by_people"  # staff enter what they decided, a family cannot
    ALREADY_CANCELLED = "already_cancelled"
    # cancelling
    CANCEL_BY_PHONE_ONLY = "cancel_by_phone_only"
    STAY_HAS_STARTED = "stay_has_started"


_R = BookingRefusal

#: What staff may overrule, giving a reason that the caller keeps with the booking. Not among them:
#: what the database holds (places, a child in two places, one trial at a time) and days or hours
#: without any place, which are opened openly in the pattern instead.
OVERRULABLE = frozenset(
    {
        _R.NOT_YET_OPEN,
        _R.CLOSED_FOR_BOOKING,
        _R.NOTICE_TOO_SHORT,
        _R.ALREADY_STARTED,
        _R.ARRIVAL_OUTSIDE_TIMES,
        _R.PICK_UP_OUTSIDE_TIMES,
        _R.OFF_GRID,
        _R.TOO_SHORT,
        _R.TOO_LONG,
        _R.START_NOT_OFFERED,
        _R.NOT_A_BLOCK,
        _R.START_OFF_STEP,
        _R.END_NOT_OFFERED,
        _R.LENGTH_NOT_OFFERED,
        _R.AFTERNOON_ONLY,
        _R.FIRST_VISIT_TOO_LONG,
        _R.FIRST_VISIT_ENDS_TOO_LATE,
        _R.TOO_YOUNG,
        _R.TOO_OLD,
        _R.NOT_REGISTERED,
        _R.REGISTRATION_NOT_YET_VALID,
        _R.REGISTRATION_ENDED,
        _R.REGISTRATION_TOO_RECENT,
        _R.FAMILY_HAS_NOT_AGREED,
        _R.FACILITY_HAS_NOT_AGREED,
        _R.RECORD_TO_CONFIRM,
        _R.STEP_MISSING,
        _R.GATE_NOT_MET,
        _R.GATE_UNANSWERED,
        _R.GATE_OUTDATED,
        _R.GATE_UNCONFIRMED,
        _R.NOT_RESIDENT,
        _R.STATEMENT_MISSING,
        _R.ENROLLED_ELSEWHERE,
        _R.OWN_PLACE_OPEN,
        _R.PURPOSE_MISSING,
        _R.PURPOSE_NOT_OFFERED,
        _R.REASON_MISSING,
        _R.REASON_NOT_OFFERED,
        _R.REASON_OF_OTHER_PURPOSE,
        _R.PROOF_MISSING,
        _R.PROOF_ENDED,
        _R.FIRST_USE_OTHER_PURPOSE,
        _R.CHANNEL_NOT_OFFERED,
        _R.DESK_CLOSED,
        _R.STOPPED_BY_FACILITY,
        _R.CAP_REACHED,
        _R.NO_SHOW_STOP,
        _R.TOO_MANY_SIBLINGS,
        _R.REGULAR_USE_ONLY,
        _R.REGULAR_USE_NOT_OFFERED,
        _R.REGULAR_WEEKDAY_NOT_OFFERED,
        _R.REGULAR_TERM_NOT_OFFERED,
        _R.TOO_MANY_WEEKDAYS,
        _R.TOO_FEW_WEEKDAYS,
        _R.WAITLIST_CLOSED,
        _R.WAITLIST_FULL,
        _R.TOO_MANY_WAITS,
        _R.WITHDRAWAL_CLOSED,
        _R.TRIAL_PAUSED,
        _R.TRIAL_OTHER_PART,
        _R.TRIAL_TOO_LONG,
        _R.TRIAL_ENDS_TOO_LATE,
    }
)

#: What a referral sets aside when its family is booked for on the spot: that the registration is
#: not done or agreed to yet, and that the child's record is not confirmed. The nursery does both
#: with the family before the day. Never ages, days, hours, deadlines, steps, or what the database
#: holds.
OVERRULED_BY_REFERRAL = frozenset(
    {
        _R.NOT_REGISTERED,
        _R.REGISTRATION_NOT_YET_VALID,
        _R.REGISTRATION_ENDED,
        _R.REGISTRATION_TOO_RECENT,
        _R.FAMILY_HAS_NOT_AGREED,
        _R.FACILITY_HAS_NOT_AGREED,
        _R.RECORD_TO_CONFIRM,
    }
)

#: The values each code brings for its sentence. ``_on`` is a local date, ``_at`` an aware moment.
REASON_VALUES: Mapping[BookingRefusal, frozenset[str]] = MappingProxyType(
    {
        _R.NOT_OPEN_DAY: frozenset({"on", "next_open_on"}),
        _R.NOT_YET_OPEN: frozenset({"on", "opens_at"}),
        _R.CLOSED_FOR_BOOKING: frozenset({"on", "closed_at"}),
        _R.NOTICE_TOO_SHORT: frozenset({"minutes", "latest_at"}),
        _R.ALREADY_STARTED: frozenset({"starts_at"}),
        _R.SUSPENDED: frozenset({"on", "until_on", "message"}),
        _R.ARRIVAL_OUTSIDE_TIMES: frozenset({"times"}),
        _R.PICK_UP_OUTSIDE_TIMES: frozenset({"times"}),
        _R.OFF_GRID: frozenset({"grid_minutes"}),
        _R.TOO_SHORT: frozenset({"min_minutes"}),
        _R.TOO_LONG: frozenset({"max_minutes"}),
        _R.START_NOT_OFFERED: frozenset({"starts"}),
        _R.NOT_A_BLOCK: frozenset({"blocks"}),
        _R.START_OFF_STEP: frozenset({"every_minutes"}),
        _R.END_NOT_OFFERED: frozenset({"ends"}),
        _R.LENGTH_NOT_OFFERED: frozenset({"lengths", "from_minutes", "step_minutes"}),
        _R.AFTERNOON_ONLY: frozenset({"noon"}),
        _R.FIRST_VISIT_TOO_LONG: frozenset({"max_minutes"}),
        _R.FIRST_VISIT_ENDS_TOO_LATE: frozenset({"ends_at"}),
        _R.TOO_YOUNG: frozenset({"limit", "unit", "from_on"}),
        _R.TOO_OLD: frozenset({"limit", "unit", "last_on"}),
        _R.NOT_REGISTERED: frozenset(),
        _R.REGISTRATION_NOT_YET_VALID: frozenset({"from_on"}),
        _R.REGISTRATION_ENDED: frozenset({"last_on"}),
        _R.REGISTRATION_TOO_RECENT: frozenset({"lead_days", "from_on"}),
        _R.FAMILY_HAS_NOT_AGREED: frozenset(),
        _R.FACILITY_HAS_NOT_AGREED: frozenset(),
        _R.RECORD_TO_CONFIRM: frozenset(),
        _R.GATE_NOT_MET: frozenset({"gate", "gate_so"}),
        _R.GATE_UNANSWERED: frozenset({"gate"}),
        _R.GATE_OUTDATED: frozenset({"gate"}),
        _R.GATE_UNCONFIRMED: frozenset({"gate"}),
        _R.NOT_RESIDENT: frozenset({"places"}),
        _R.STATEMENT_MISSING: frozenset({"paper"}),
        _R.ENROLLED_ELSEWHERE: frozenset(),
        _R.OWN_PLACE_OPEN: frozenset(),
        _R.PURPOSE_MISSING: frozenset({"purposes"}),
        _R.PURPOSE_NOT_OFFERED: frozenset({"purposes"}),
        _R.REASON_MISSING: frozenset(),
        _R.REASON_NOT_OFFERED: frozenset(),
        _R.REASON_OF_OTHER_PURPOSE: frozenset({"purpose"}),
        _R.PROOF_MISSING: frozenset({"paper"}),
        _R.PROOF_ENDED: frozenset({"paper", "last_on"}),
        _R.FIRST_USE_OTHER_PURPOSE: frozenset({"purpose"}),
        _R.CHANNEL_NOT_OFFERED: frozenset({"channels"}),
        _R.DESK_CLOSED: frozenset({"hours"}),
        _R.STOPPED_BY_FACILITY: frozenset({"from_on", "until_on"}),
        _R.NO_APPLICATION: frozenset(),
        _R.STEP_MISSING: frozenset({"step"}),
        _R.TRIAL_NOT_OFFERED: frozenset(),
        _R.TRIAL_OVER: frozenset(),
        _R.TRIAL_AHEAD: frozenset(),
        _R.TRIAL_PAUSED: frozenset(),
        _R.TRIAL_OTHER_PART: frozenset({"part", "next_part"}),
        _R.TRIAL_TOO_LONG: frozenset({"part", "max_minutes"}),
        _R.TRIAL_ENDS_TOO_LATE: frozenset({"part", "ends_at"}),
        _R.CAP_REACHED: frozenset({"cap", "scope", "limit", "used", "period", "next_on"}),
        _R.CAP_REACHED_MEANWHILE: frozenset(),
        _R.NO_SHOW_STOP: frozenset({"last_on", "from_on"}),
        _R.TOO_MANY_SIBLINGS: frozenset({"most"}),
        _R.REGULAR_USE_ONLY: frozenset(),
        _R.REGULAR_USE_NOT_OFFERED: frozenset(),
        _R.REGULAR_WEEKDAY_NOT_OFFERED: frozenset({"weekdays"}),
        _R.REGULAR_TERM_NOT_OFFERED: frozenset({"on"}),
        _R.TOO_MANY_WEEKDAYS: frozenset({"most"}),
        _R.TOO_FEW_WEEKDAYS: frozenset({"least"}),
        _R.NO_WAITLIST: frozenset(),
        _R.WAITLIST_CLOSED: frozenset({"until_at"}),
        _R.WAITLIST_FULL: frozenset({"most"}),
        _R.TOO_MANY_WAITS: frozenset({"most"}),
        _R.WITHDRAWAL_CLOSED: frozenset({"until_at"}),
        _R.FULL: frozenset({"pool", "from_at", "count"}),
        _R.OUTSIDE_HOURS: frozenset({"on", "hours"}),
        _R.CLOSED_TO_NEW: frozenset({"from_at"}),
        _R.CHILD_BOOKED_ELSEWHERE: frozenset(),
        _R.DECIDED_BY_PEOPLE: frozenset({"how"}),
        _R.ALREADY_CANCELLED: frozenset(),
        _R.CANCEL_BY_PHONE_ONLY: frozenset({"until_at"}),
        _R.STAY_HAS_STARTED: frozenset({"starts_at"}),
    }
)

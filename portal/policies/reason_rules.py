"""Which kind of rule each reason comes from, so that a refusal can name its rule."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from portal.policies.reasons import BookingRefusal

_R = BookingRefusal

#: Code → the kind, ``G1`` to ``G29``, whose words on the facility's page say what it rests on.
#: One line for each code, in the order of ``BookingRefusal``.
RULE_OF: Mapping[BookingRefusal, str] = MappingProxyType(
    {
        _R.NOT_OPEN_DAY: "G13",
        _R.NOT_YET_OPEN: "G7",
        _R.CLOSED_FOR_BOOKING: "G7",
        _R.NOTICE_TOO_SHORT: "G7",
        _R.ALREADY_STARTED: "G7",
        _R.OFF_GRID: "G14",
        _R.TOO_SHORT: "G14",
        _R.TOO_LONG: "G14",
        _R.START_NOT_OFFERED: "G14",
        _R.NOT_A_BLOCK: "G14",
        _R.START_OFF_STEP: "G14",
        _R.END_NOT_OFFERED: "G14",
        _R.LENGTH_NOT_OFFERED: "G14",
        _R.AFTERNOON_ONLY: "G14",
        _R.FIRST_VISIT_TOO_LONG: "G14",
        _R.FIRST_VISIT_ENDS_TOO_LATE: "G14",
        _R.TOO_YOUNG: "G2",
        _R.TOO_OLD: "G2",
        _R.NOT_REGISTERED: "G19",
        _R.REGISTRATION_NOT_YET_VALID: "G19",
        _R.REGISTRATION_ENDED: "G19",
        _R.REGISTRATION_TOO_RECENT: "G19",
        _R.FAMILY_HAS_NOT_AGREED: "G19",
        _R.FACILITY_HAS_NOT_AGREED: "G19",
        _R.RECORD_TO_CONFIRM: "G22",
        _R.GATE_NOT_MET: "G3",
        _R.GATE_UNANSWERED: "G3",
        _R.GATE_OUTDATED: "G3",
        _R.GATE_UNCONFIRMED: "G3",
        _R.NOT_RESIDENT: "G4",
        _R.STATEMENT_MISSING: "G4",
        _R.ENROLLED_ELSEWHERE: "G4",
        _R.OWN_PLACE_OPEN: "G4",
        _R.PURPOSE_MISSING: "G5",
        _R.PURPOSE_NOT_OFFERED: "G5",
        _R.REASON_MISSING: "G5",
        _R.REASON_NOT_OFFERED: "G5",
        _R.REASON_OF_OTHER_PURPOSE: "G5",
        _R.PROOF_MISSING: "G5",
        _R.PROOF_ENDED: "G5",
        _R.FIRST_USE_OTHER_PURPOSE: "G20",
        _R.CHANNEL_NOT_OFFERED: "G9",
        _R.DESK_CLOSED: "G9",
        _R.STOPPED_BY_FACILITY: "G27",
        _R.NO_APPLICATION: "G19",
        _R.STEP_MISSING: "G20",
        _R.TRIAL_NOT_OFFERED: "G20",
        _R.TRIAL_OVER: "G20",
        _R.TRIAL_AHEAD: "G20",
        _R.TRIAL_PAUSED: "G20",
        _R.TRIAL_OTHER_PART: "G20",
        _R.TRIAL_TOO_LONG: "G20",
        _R.TRIAL_ENDS_TOO_LATE: "G20",
        _R.FULL: "G15",
        _R.OUTSIDE_HOURS: "G13",
        _R.CLOSED_TO_NEW: "G27",
        _R.CHILD_BOOKED_ELSEWHERE: "G15",
        _R.ALREADY_CANCELLED: "G11",
        _R.CANCEL_BY_PHONE_ONLY: "G11",
        _R.STAY_HAS_STARTED: "G11",
    }
)

"""Whose things the addresses and forms of the matrix name where the route alone does not say."""

from __future__ import annotations

from typing import Final

#: What is named in the query or the form instead of the path: endpoint -> name -> whose value.
GIVEN: Final[dict[str, dict[str, str]]] = {
    "selfservice_support.withdraw": {"consent_id": "sharing_consent_id"},
    "provisions.withdraw": {"consent_id": "sharing_consent_id"},
    "office_letters.pdf": {"id": "letter_id"},
    "office_outreach.new": {"referral_id": "unplanned_id"},
    "office_referrals.show": {"referral_id": "received_id"},
    "office_referrals.step": {"referral_id": "received_id"},
    "office_referrals.refuse": {"referral_id": "received_id"},
    "office_referrals.close": {"referral_id": "received_id"},
    "office_referrals.client": {"referral_id": "received_id"},
    "liaison_onward.consents": {"to": "onward_to"},
    "liaison_booking.places": {"referral_id": "spot_referral_id"},
    "liaison_booking.book": {"referral_id": "spot_referral_id"},
    "liaison_booking.show": {"referral_id": "spot_referral_id", "group_id": "spot_group_id"},
    "liaison_booking_paper.sheet": {
        "referral_id": "spot_referral_id",
        "group_id": "spot_group_id",
    },
    "liaison_booking.cancel": {"referral_id": "spot_referral_id", "group_id": "spot_group_id"},
    "liaison_interviews.child": {"child_id": "met_child_id"},
    "liaison_expected.close": {"child_id": "met_child_id"},
    "liaison_expected.remove": {"child_id": "met_child_id"},
    "office_referrals_onward.receivers": {"referral_id": "received_id"},
    "office_referrals_onward.consents": {"referral_id": "received_id", "to": "onward_to"},
    "office_uploads.show": {"upload_id": "given_upload_id"},
    "reports.stays": {"facility": "facility_id"},
    "reports.stays_file": {"facility": "facility_id"},
    "reports.stays_cp932": {"facility": "facility_id"},
    "selfservice_bookings.new": {"facility": "facility_id", "programme": "programme_id"},
    "selfservice_bookings.confirm": {"programme": "programme_id"},
    "selfservice_bookings.place": {"programme": "programme_id"},
    "office_bookings.new": {"family": "family_id", "programme": "programme_id"},
}
#: What a form must say before anybody's thing is looked up.
SAID: Final[dict[str, dict[str, str]]] = {
    "office_board.undo": {"step": "arrival"},
    "office_referrals.step": {"event": "receive"},
    "office_referrals.client": {"family": "new"},
    "accounts_own.language": {"code": "en"},
}

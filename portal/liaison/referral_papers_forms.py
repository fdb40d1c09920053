"""What is typed in from a paper that came by FAX or post."""

from __future__ import annotations

from datetime import datetime

from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from portal.families.forms import CHANNEL_LABELS, ReceiptFields
from portal.kernel.channel import Channel
from portal.liaison.referrals_forms import MeetForm

#: By which ways a paper comes.
ON_PAPER = (Channel.FAX, Channel.POST)


class PaperMeetForm(MeetForm, ReceiptFields):
    """A family met for the first time, as its paper says, and when the paper came."""

    channel = RadioField(
        "届いた方法",
        [InputRequired("FAXか郵便かをえらんでください")],
        choices=[SelectChoice(each.value, CHANNEL_LABELS[each]) for each in ON_PAPER],
        default=Channel.FAX.value,
    )

    def propose_receipt(self, now: datetime) -> None:
        """Fill in this minute; the days of the interview stand on the paper."""
        ReceiptFields.propose(self, now)

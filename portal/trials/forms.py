"""What staff say after a part of trial care."""

from __future__ import annotations

from wtforms import HiddenField, RadioField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.policies.trials import TrialOutcome
from portal.trials.rules import OUTCOME_LABELS
from portal.web.forms import PortalForm

NOTE_LENGTH = 1000


class OutcomeForm(PortalForm):
    """The outcome, and a note for those who care for the child."""

    outcome = RadioField(
        "この回の結果",
        [InputRequired("結果をえらんでください")],
        choices=[SelectChoice(each.value, words) for each, words in OUTCOME_LABELS.items()],
    )
    note = TextAreaField(
        "職員のメモ",
        [Length(max=NOTE_LENGTH, message="1000文字までで書いてください")],
    )
    #: The outcome that the page showed, so that nobody overwrites a colleague's.
    seen = HiddenField()

    def show(self, before: TrialOutcome | None, note: str | None) -> None:
        """Fill in what stands already."""
        self.outcome.data = before.value if before else None
        self.note.data = note or ""
        self.show_seen(before)

    def show_seen(self, before: TrialOutcome | None) -> None:
        """Say which outcome the page shows."""
        self.seen.data, self.seen.raw_data = before.value if before else "", None

    def seen_outcome(self) -> TrialOutcome | None:
        """Return the outcome that the page showed; None where it showed none."""
        known = {each.value: each for each in TrialOutcome}
        return known.get(self.seen.data or "")

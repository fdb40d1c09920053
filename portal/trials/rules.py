"""What staff call the outcomes of trial care, and why one is not recorded. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.policies.trials import TrialOutcome

OUTCOME_LABELS: Mapping[TrialOutcome, str] = MappingProxyType(
    {
        TrialOutcome.NEXT: "次へ進む",
        TrialOutcome.REPEAT: "同じ回をもう一度",
        TrialOutcome.NOT_YET: "少し間をおく",
    }
)


class TrialRefusal(StrEnum):
    """Why an outcome is not recorded; sentences stand in ``documents/wording``."""

    NOT_ATTENDED = "not_attended"
    NOT_PROLONGED = "not_prolonged"  # the rules know no part once more
    DECIDED_MEANWHILE = "decided_meanwhile"  # somebody recorded one since the page was opened
    NOT_THE_LAST = "not_the_last"  # a later part is booked or was attended
    NO_OUTCOME_CHOSEN = "no_outcome_chosen"
    APPLICATION_ENDED = "application_ended"

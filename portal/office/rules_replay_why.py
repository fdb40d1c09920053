"""Which rule changed how many bookings: the reasons of a replay, counted by the rule they name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portal.bookings.replaying import Replayed, Turn
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import sentence
from portal.kernel.errors import Reason
from portal.policies.reasons import BookingRefusal
from portal.rulebooks.rule_facts import rule_name


@dataclass(frozen=True, slots=True)
class Why:
    """A rule by its name, and in how many of the results it stands."""

    name: str
    count: int


def named(reason: Reason) -> str:
    """Return the rule that a reason comes from, a limit by its own name too.

    A reason without a rule of its own is named by what it says, of no child.
    """
    name = rule_name(reason.code)
    cap = reason.values.get("cap") if reason.code is BookingRefusal.CAP_REACHED else None
    if name is None:
        return sentence(Reason(reason.code, reason.values))
    return _("%(rule)s「%(cap)s」") % {"rule": name, "cap": cap} if cap else name


def names_in(result: Replayed, turn: Turn) -> set[str]:
    """Return the rules by which a result turns out otherwise in this way; other turns have none."""
    reasons: Mapping[Turn, Sequence[Reason]] = {
        Turn.REFUSED: result.against,
        Turn.FREED: result.freed,
    }
    return {named(each) for each in reasons.get(turn, ())}


def counted(results: Iterable[Replayed], turn: Turn) -> list[Why]:
    """Return each rule with its results, the most first; one result can rest on several."""
    found = Counter(name for result in results for name in names_in(result, turn))
    return [Why(name, count) for name, count in sorted(found.items(), key=_most_first)]


def _most_first(one: tuple[str, int]) -> tuple[int, str]:
    return -one[1], one[0]

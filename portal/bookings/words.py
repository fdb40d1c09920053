"""Fees and refusals in words, for the pages of families and of staff alike."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.bookings.fee_words import fee_line_words
from portal.bookings.queries.leaving import Rest
from portal.bookings.queries.lists import Group
from portal.bookings.rules import STATE_LABELS
from portal.bookings.service import Cancelled
from portal.documents.i18n import gettext as _
from portal.documents.i18n import pgettext, sentences
from portal.documents.money import yen
from portal.documents.wording.entries import HelpLink
from portal.documents.wording.sentences import help_for, sentence
from portal.families.models import PickupPerson
from portal.kernel.errors import Reason
from portal.policies.document import RulesDocument
from portal.policies.fee import Fee
from portal.policies.reasons import OVERRULABLE, BookingRefusal
from portal.rulebooks.rule_facts import NamedRule, rule_of


@dataclass(frozen=True, slots=True)
class Explained:
    """A reason in words, what would help, and where to go for it."""

    code: str
    sentence: str
    help: str | None
    link: HelpLink | None
    may_be_overruled: bool
    child_id: uuid.UUID | None = None
    #: The rule it comes from, where the document was told and one says it.
    rule: NamedRule | None = None

    @property
    def with_rule(self) -> str:
        """The sentence with the name of its rule behind it, where one says it."""
        if self.rule is None:
            return self.sentence
        return self.sentence + _("（きまり：%(name)s）") % {"name": self.rule.name}


def explain(
    reasons: Iterable[Reason],
    names: Mapping[uuid.UUID, str],
    *,
    today: date,
    document: RulesDocument | None = None,
) -> list[Explained]:
    """Return the reasons as a page shows them; ``names`` of children come with さん.

    Args:
        document: The rules that were asked; with them each reason names its own.
    """
    explained = []
    for reason in reasons:
        child = names.get(reason.child_id) if reason.child_id else None
        found = help_for(reason, child=child, today=today)
        explained.append(
            Explained(
                code=reason.code.value,
                sentence=sentence(reason, child=child, today=today),
                help=found.text if found else None,
                link=found.link if found else None,
                may_be_overruled=isinstance(reason.code, BookingRefusal)
                and reason.code in OVERRULABLE,
                child_id=reason.child_id,
                rule=rule_of(reason.code, document, reason.values) if document else None,
            )
        )
    return explained


def note_words(
    notes: Iterable[Reason], names: Mapping[uuid.UUID, str], *, today: date
) -> list[str]:
    """Return what forbids nothing but is worth knowing, each sentence once: what to bring, say."""
    said = (
        sentence(note, child=names.get(note.child_id) if note.child_id else None, today=today)
        for note in notes
    )
    return list(dict.fromkeys(said))


def rules_named(explained: Iterable[Explained]) -> list[NamedRule]:
    """Return each rule that reasons come from once, in their order, where it says something.

    Where several limits stand against it, the lines of all these.
    """
    found: dict[str, NamedRule] = {}
    for rule in (each.rule for each in explained if each.rule and each.rule.facts):
        before = found.get(rule.number)
        lines = dict.fromkeys((*before.facts, *rule.facts) if before else rule.facts)
        found[rule.number] = rule._replace(facts=tuple(lines))
    return list(found.values())


def fee_groups(
    fee: Fee, names: Mapping[uuid.UUID, str], *, minutes: int | None = None
) -> list[dict[str, Any]]:
    """Return the lines of a fee by child, for the macro ``fees``.

    Args:
        minutes: The length of the stay, where it is known; explains a started hour charged whole.
    """
    children = list(dict.fromkeys(line.child_id for line in fee.lines))
    several = len(children) > 1
    return [
        {
            "title": _("%(name)s（%(order)s人目）") % {"name": names[child], "order": order}
            if several
            else names[child],
            "lines": [
                (fee_line_words(line, minutes), line.amount_yen)
                for line in fee.for_child(child).lines
            ],
        }
        for order, child in enumerate(children, start=1)
    ]


def stored_fee(group: Group) -> Fee:
    """Return the fee that is due for a group, with its lines."""
    lines = [line for booking in group.charged for line in booking.fee_lines]
    return Fee.from_json(lines)


def names_of(group: Group) -> dict[uuid.UUID, str]:
    """Return the names of a group's children, with さん."""
    return {b.child_id: with_san(b.child.name) for b in group.bookings}


def with_san(name: str | None) -> str:
    """Return a child's name as it is spoken of."""
    return _("%(name)sさん") % {"name": name} if name else pgettext("the child", "お子さん")


def pickup_words(people: Iterable[PickupPerson], chosen: uuid.UUID | None) -> str:
    """Return who fetches the children: the person chosen, or the guardian."""
    person = next((person for person in people if person.id == chosen), None)
    return with_san(person.name) if person else _("保護者（登録した人）")


def and_all(names: Sequence[str]) -> str:
    """Return names in a row: 「はるとさんとゆいさん」."""
    return pgettext("list", "と").join(names)


def rests_told(rests: Iterable[Rest], names: Mapping[uuid.UUID, str]) -> list[dict[str, str]]:
    """Return in words who goes and what the others then cost, and the same as a form carries it."""
    told = []
    for rest in rests:
        going = sorted(str(booking.child_id) for booking in rest.going)
        values = {
            "who": and_all([names[booking.child_id] for booking in rest.staying]),
            "was": yen(rest.was_yen),
            "now": yen(rest.fee.total_yen),
        }
        costs = _("%(who)sの料金は、%(was)sから%(now)sに変わります。")
        if not rest.is_changed:
            costs = _("%(who)sの料金は、%(now)sのままです。")
        leaving = and_all([names[booking.child_id] for booking in rest.going])
        told.append(
            {
                "going": _("%(who)sだけ取り消すとき") % {"who": leaving},
                "costs": costs % values,
                "carried": f"{rest.fee.total_yen}:{','.join(going)}",
            }
        )
    return told


def cancelled_words(group: Group, cancelled: Cancelled) -> str:
    """Say what was cancelled of a group: whose part, where others still come, and what it costs."""
    said, names = _("取り消しました。"), names_of(group)
    if cancelled.remaining:
        gone = [names[b.child_id] for b in group.bookings if b.id in cancelled.bookings]
        said = _("%sの分を取り消しました。") % and_all(gone)
    fee = _("料金は %s です。") % yen(cancelled.fee_yen)
    if not cancelled.fee_yen:
        fee = _("料金はかかりません。")
    if cancelled.rest_yen == cancelled.rest_was_yen:
        return sentences(said, fee)
    rest = _("のこる予約の料金は、%(was)sから%(now)sに変わりました。") % {
        "was": yen(cancelled.rest_was_yen),
        "now": yen(cancelled.rest_yen),
    }
    return sentences(said, fee, rest)


def page_facts(found: Group) -> dict[str, object]:
    """Return what every page of one booking shows."""
    names = names_of(found)
    return {
        "group": found,
        "booking": found.first,
        "who": and_all([names[b.child_id] for b in found.shown]),
        "groups_now": fee_groups(stored_fee(found), names, minutes=found.span.minutes),
        "states": STATE_LABELS,
    }

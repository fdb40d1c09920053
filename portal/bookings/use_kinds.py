"""The types and reasons of use that a form offers: those of the rules, or the usual three."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from portal.bookings.rules import PURPOSE_LABELS, UsePurpose
from portal.documents.i18n import gettext as _
from portal.policies.cap_terms import CapScope
from portal.policies.document import RulesDocument
from portal.policies.purposes import purpose_of, reported_as

#: Whose limits look beyond the provider, and so at care outside the portal.
_LOOKING_BEYOND = frozenset({CapScope.MUNICIPALITY, CapScope.EVERYWHERE})
#: A type, and a reason below it: ``respite``, ``respite/errand``.
_WRITTEN = re.compile(r"(?P<type>[a-z][a-z0-9_]{0,39})(?:/(?P<reason>[a-z][a-z0-9_]{0,39}))?")


@dataclass(frozen=True, slots=True)
class UseKind:
    """One type of use, with its reason where one was chosen. ``type`` None: nobody asks."""

    type: str | None = None
    reason: str | None = None

    @property
    def written(self) -> str:
        """As it stands in a form."""
        return f"{self.type}/{self.reason}" if self.reason else self.type or ""

    @property
    def use_type(self) -> str | None:
        """The code to keep with a booking; None where the type of the reports says it all."""
        return None if self.type in set(UsePurpose) and self.reason is None else self.type

    @property
    def purpose(self) -> UsePurpose:
        """The type that reports count by, as far as the code alone says it."""
        return UsePurpose(reported_as(None, self.type).value)


def read_kind(written: str) -> UseKind | None:
    """Return what a form sent; None where it is no kind of use at all."""
    match = _WRITTEN.fullmatch(written)
    return UseKind(match["type"], match["reason"]) if match else None


def offered(document: RulesDocument | None) -> list[tuple[UseKind, str]]:
    """Return what can be chosen, in the order of the rules, with the words families read.

    Empty where the rules ask for no reason (理由を問わない).
    """
    rule = document.purposes if document else None
    if rule is None:
        return [(UseKind(each.value), _(words)) for each, words in PURPOSE_LABELS.items()]
    if not rule.ask:
        return []
    types = [(each.code, _(each.name)) for each in rule.types] or [
        (each.value, _(words)) for each, words in PURPOSE_LABELS.items()
    ]
    found: list[tuple[UseKind, str]] = []
    for code, name in types:
        below = [reason for reason in rule.reasons if reason.type == code]
        if not (below and rule.reason_needed):
            found.append((UseKind(code), name))
        found += [(UseKind(code, each.code), _with_reason(name, each.label)) for each in below]
    return found


def goes_by_reason(document: RulesDocument | None) -> bool:
    """Say whether it matters to these rules why a child comes: a usual reason is then no guess."""
    if document is None:
        return False
    return document.purposes is not None or any(
        cap.purposes or cap.except_purposes for cap in document.caps
    )


def words_of(document: RulesDocument | None, kind: UseKind, purpose: UsePurpose) -> str:
    """Return how a booking's use is called: as its rules name it, or as the usual three are."""
    rule = document.purposes if document else None
    if rule is None or not rule.types:
        return _(PURPOSE_LABELS[purpose])
    reason = rule.reason_of(kind.reason)
    name = _(rule.name_of(kind.type or purpose.value))
    return _with_reason(name, reason.label) if reason else name


def _with_reason(name: str, reason: str) -> str:
    return _("%(said)s：%(note)s") % {"said": name, "note": reason}


def reported(document: RulesDocument, kind: UseKind) -> UsePurpose:
    """Return the type that reports count a use by, under these rules."""
    rule = document.purposes
    return UsePurpose(reported_as(rule, purpose_of(rule, kind.type, kind.reason)).value)


def types_of(documents: Iterable[RulesDocument]) -> list[tuple[str, str]]:
    """Return the types of use of several rules, each code once with its words, without reasons.

    The usual three where none of them names any.
    """
    found: dict[str, str] = {}
    for document in documents:
        for kind in document.purposes.types if document.purposes else ():
            found.setdefault(kind.code, _(kind.name))
    return list(found.items()) or [(each.value, _(words)) for each, words in PURPOSE_LABELS.items()]


def counting(rules: Iterable[tuple[str, RulesDocument]]) -> list[str]:
    """Return whose limits count care outside the portal too, each name once."""
    return list(
        dict.fromkeys(
            name
            for name, document in rules
            if any(cap.counts_declared and cap.scope in _LOOKING_BEYOND for cap in document.caps)
        )
    )

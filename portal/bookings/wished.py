"""A wish as its rules name it: what they do not know, or let nobody choose, is left out. Pure."""

from __future__ import annotations

from dataclasses import replace

from portal.bookings.extras import options_known
from portal.bookings.rules import UsePurpose, Wish
from portal.bookings.use_kinds import UseKind, reported
from portal.policies.document import RulesDocument


def as_rules_name_it(document: RulesDocument, wish: Wish, *, by_staff: bool) -> Wish:
    """Return a wish with the type that reports count it by, and the choices that there are.

    Tickets lie in the family's own record; one that a provider keeps beside it cannot spend them.
    """
    return replace(
        wish,
        purpose=_reported(document, wish),
        options=options_known(document, wish.options, by_staff=by_staff),
        coupons=() if wish.kept_as else wish.coupons,
    )


def _reported(document: RulesDocument, wish: Wish) -> UsePurpose:
    """The type that reports count the wish by; rules with types of their own say which."""
    if wish.use_type is None:
        return wish.purpose
    return reported(document, UseKind(wish.use_type, wish.use_reason))

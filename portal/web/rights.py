"""Which pages of a family need which right of the guardian who opens them.

A page of families that stands nowhere here is open to guardians with every right alone: what is
added later hides by itself. The database asks the same again behind it.
"""

from __future__ import annotations

from portal.kernel.actor import Actor, Right

#: Pages that every guardian has: her own details, what she may do, her own protection.
_OPEN = frozenset(
    {
        "selfservice.home",
        "selfservice_family.index",
        "selfservice_family.guardian",
        "selfservice_family_apart.protection",
        "selfservice_family_apart.request_protection",
        # What these show a guardian with fewer rights is what she did herself.
        "selfservice_own_data.index",
        "selfservice_own_data.log",
    }
)
#: By blueprint: the right to look, and the right to send.
_BY_BLUEPRINT: dict[str, tuple[Right, Right]] = {
    "selfservice_bookings": (Right.BOOKINGS, Right.BOOK),
    "selfservice_preregistrations": (Right.BOOKINGS, Right.BOOK),
    "selfservice_trials": (Right.BOOKINGS, Right.BOOK),
    "selfservice_visits": (Right.BOOKINGS, Right.BOOK),
    "selfservice_application": (Right.BOOK, Right.BOOK),
    "selfservice_drafts": (Right.BOOK, Right.BOOK),
    "selfservice_uploads": (Right.BOOK, Right.BOOK),
    "selfservice_consents": (Right.BOOK, Right.BOOK),
    "selfservice_notices": (Right.BOOKINGS, Right.BOOKINGS),
    "words": (Right.BOOKINGS, Right.BOOK),
    "calendars": (Right.BOOKINGS, Right.BOOKINGS),
    "selfservice_children": (Right.CHILDREN, Right.CHILDREN),
    "selfservice_expected": (Right.CHILDREN, Right.CHILDREN),
    "family_sheet": (Right.CHILDREN, Right.CHILDREN),
    "selfservice_family": (Right.CONTACTS, Right.CONTACTS),
    "selfservice_pickup": (Right.CONTACTS, Right.CONTACTS),
}
#: Forms whose first showing already belongs to sending.
_FORMS = frozenset(
    {
        "selfservice_bookings.new",
        "selfservice_bookings.change",
        "selfservice_bookings.cancel",
        "selfservice_visits.book",
        "selfservice_visits.edit",
        "selfservice_visits.move",
        "selfservice_preregistrations.apply",
        "selfservice_trials.new",
    }
)


def may_open(endpoint: str | None, actor: Actor, *, is_sending: bool) -> bool:
    """Say whether a guardian's rights open a page of her family."""
    if endpoint in _OPEN or actor.sees_whole_family:
        return True
    rights = _BY_BLUEPRINT.get((endpoint or "").partition(".")[0])
    if rights is None:
        return False
    return actor.has(rights[is_sending or endpoint in _FORMS])

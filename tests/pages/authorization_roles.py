"""The roles that the table of rights tries, and how it says who may look and who may send."""

from __future__ import annotations

from typing import Final, NamedTuple

Who = frozenset[str]

NOBODY_IN: Final = "anonymous"
HALF_IN: Final = "half_signed_in"  # password given, second factor still to come
APART: Final = "apart_guardian"  # of the first family too, with everything withheld from him
#: Everybody that the matrix tries, each of the first organisation or the first family.
ROLES: Final = (
    NOBODY_IN,
    HALF_IN,
    "new_guardian",
    "guardian",
    APART,
    "staff",
    "director",
    "liaison",
    "center_worker",
    "office_worker",
    "operator",
)
ANYONE: Final[Who] = frozenset(ROLES)
HALFWAY: Final[Who] = ANYONE - {NOBODY_IN}
SIGNED_IN: Final[Who] = HALFWAY - {HALF_IN}
GUARDIANS: Final[Who] = frozenset({"guardian", "new_guardian", APART})
EACH_GUARDIAN: Final[Who] = frozenset({"guardian", APART})
FAMILY: Final[Who] = frozenset({"guardian"})
WORKERS: Final[Who] = frozenset({"staff", "director"})
DIRECTOR: Final[Who] = frozenset({"director"})
MANAGERS: Final[Who] = frozenset({"director", "operator"})
IMPORTERS: Final[Who] = frozenset({"liaison", "operator"})
ADVISERS: Final[Who] = frozenset({"liaison", "center_worker", "office_worker"})
SHARERS: Final[Who] = ADVISERS | WORKERS
RECEIVERS: Final[Who] = SHARERS - {"liaison"}
ISSUERS: Final[Who] = frozenset({"liaison", "center_worker"})
NOBODY: Final[Who] = frozenset()
LIAISON: Final[Who] = frozenset({"liaison"})
REPORT_READERS: Final[Who] = frozenset({"director", "liaison"})


class Expected(NamedTuple):
    """Who may look and who may send, and to whose things."""

    get: Who | None = None
    post: Who | None = None
    #: Roles for which the thing may be another's too: what is public, and the operator's duty.
    any_owner: Who = frozenset()


def look(who: Who, any_owner: Who = frozenset()) -> Expected:
    return Expected(get=who, any_owner=any_owner)


def send(who: Who, any_owner: Who = frozenset()) -> Expected:
    return Expected(post=who, any_owner=any_owner)


def both(who: Who, any_owner: Who = frozenset()) -> Expected:
    return Expected(get=who, post=who, any_owner=any_owner)


OPERATOR: Final[Who] = frozenset({"operator"})

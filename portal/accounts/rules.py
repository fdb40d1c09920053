"""What a password must be, how long things last, where a sign-in may lead. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from portal.kernel.actor import Role
from portal.kernel.errors import Reason
from portal.organisations.rules import OrganisationKind

SHORTEST_PASSWORD = 10
#: Longer ones cost the hash nothing; this only keeps whole books out.
LONGEST_PASSWORD = 200
SHORTEST_SECRET_PART = 4

GUARDIAN_SESSION = timedelta(days=60)
WORKER_SESSION = timedelta(hours=12)

#: Tries at one account, and from one address, before both wait; the windows end by themselves.
TRIES_AT_ACCOUNT, ACCOUNT_WINDOW = 10, timedelta(minutes=15)
TRIES_FROM_ADDRESS, ADDRESS_WINDOW = 300, timedelta(hours=1)
MAILS_TO_ADDRESS, MAIL_WINDOW = 5, timedelta(hours=1)


class MailTokenKind(StrEnum):
    """What a link in a mail is good for."""

    SIGN_UP = "sign_up"
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a kind, not a password
    MAIL_CHANGE = "mail_change"


VALID_FOR = {
    MailTokenKind.SIGN_UP: timedelta(hours=24),
    MailTokenKind.INVITATION: timedelta(days=7),
    MailTokenKind.PASSWORD_RESET: timedelta(hours=1),
    MailTokenKind.MAIL_CHANGE: timedelta(hours=24),
}


class AccountRefusal(StrEnum):
    """Why something with an account may not be."""

    SIGN_IN_DOES_NOT_MATCH = "sign_in_does_not_match"
    PASSWORD_DOES_NOT_MATCH = "password_does_not_match"  # noqa: S105 - a code
    CODE_DOES_NOT_MATCH = "code_does_not_match"
    PASSWORD_TOO_SHORT = "password_too_short"  # noqa: S105 - a code
    PASSWORD_TOO_LONG = "password_too_long"  # noqa: S105 - a code
    PASSWORD_TOO_COMMON = "password_too_common"  # noqa: S105 - a code
    PASSWORD_IS_OWN_NAME = "password_is_own_name"  # noqa: S105 - a code
    LAST_DIRECTOR = "last_director"
    LAST_OF_ROLE = "last_of_role"
    ONESELF = "oneself"
    ROLE_OF_ANOTHER_BODY = "role_of_another_body"
    WORKS_ELSEWHERE = "works_elsewhere"
    LINK_NOT_OPEN = "link_not_open"


#: Beginnings that guessers try first; padded with digits or repeated they are no better.
_COMMON_WORDS = """
    password passw0rd p@ssword qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm abcdef abcdefg
    abc123 abcd1234 letmein welcome iloveyou admin administrator root login guest test user
    sakura hoikuen kodomo youchien sensei himawari tanpopo momotaro doraemon pokemon nintendo
    tokyo osaka japan baseball football sunshine princess monkey dragon master superman
    1q2w3e4r 1qaz2wsx q1w2e3r4 zaq12wsx ほいくえん さくら ひまわり こども
"""
_COMMON = frozenset(_COMMON_WORDS.split())
_SEQUENCES = ("01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz")


def normalised(password: str) -> str:
    """Return the password as it is hashed: full-width letters of a Japanese keyboard are plain."""
    return unicodedata.normalize("NFKC", password)


def reasons_against_password(password: str, *, own: Iterable[str] = ()) -> list[Reason]:
    """Return everything wrong with a new password; no rule asks for kinds of characters.

    Args:
        own: Name and mail address of the person.

    *Source:* NIST SP 800-63B 3.1.1.2 (length and a list of common ones, no composition rules).
    """
    text = normalised(password)
    reasons = []
    if len(text) < SHORTEST_PASSWORD:
        reasons.append(Reason(AccountRefusal.PASSWORD_TOO_SHORT, {"least": SHORTEST_PASSWORD}))
    if len(text) > LONGEST_PASSWORD:
        reasons.append(Reason(AccountRefusal.PASSWORD_TOO_LONG, {"most": LONGEST_PASSWORD}))
    if text and _is_common(text.casefold()):
        reasons.append(Reason(AccountRefusal.PASSWORD_TOO_COMMON))
    if _holds_little_but(text.casefold(), own):
        reasons.append(Reason(AccountRefusal.PASSWORD_IS_OWN_NAME))
    return reasons


def _is_common(text: str) -> bool:
    stem = text.strip("0123456789!?.@#$%&*_- ")
    half = len(text) // 2
    return (
        len(set(text)) < SHORTEST_SECRET_PART
        or text in _COMMON
        or stem in _COMMON
        or any(text in sequence for sequence in _SEQUENCES)
        or (len(text) % 2 == 0 and text[:half] == text[half:] and _is_common(text[:half]))
    )


def _holds_little_but(text: str, own: Iterable[str]) -> bool:
    for word in own:
        folded = normalised(word).casefold().replace(" ", "")
        for part in {folded, folded.partition("@")[0]}:
            is_word = len(part) >= SHORTEST_SECRET_PART and part in text
            if is_word and len(text.replace(part, "")) < SHORTEST_SECRET_PART:
                return True
    return False


def session_length(role: Role) -> timedelta:
    """Return how long a session lasts: guardians use their own phone, others a shared desk."""
    return GUARDIAN_SESSION if role is Role.GUARDIAN else WORKER_SESSION


def local_path(wanted: str | None) -> str | None:
    """Return ``wanted`` if it leads to a page of this portal, else ``None``.

    Browsers read two slashes, of either kind, as another site, and drop tabs and line ends.
    """
    if not wanted or not wanted.startswith("/") or wanted[1:2] in {"/", "\\"}:
        return None
    if "\\" in wanted or any(ord(letter) < ord(" ") or letter == "\x7f" for letter in wanted):
        return None
    return wanted


#: The kind of body that each role is of; a guardian is of none.
KIND_OF = {
    Role.STAFF: OrganisationKind.PROVIDER,
    Role.DIRECTOR: OrganisationKind.PROVIDER,
    Role.LIAISON: OrganisationKind.MUNICIPALITY,
    Role.CENTER_WORKER: OrganisationKind.FAMILY_CENTER,
    Role.OFFICE_WORKER: OrganisationKind.CONSULTATION_OFFICE,
    Role.OPERATOR: OrganisationKind.OPERATOR,
}
#: Bodies whose people work as those of a consultation office do.
_AS_OFFICES = frozenset({OrganisationKind.SUPPORT_CENTRE, OrganisationKind.HEALTH_CENTRE})


def is_role_of(role: Role, kind: OrganisationKind) -> bool:
    """Say whether bodies of this kind have people of this role."""
    return KIND_OF.get(role) is kind or (role is Role.OFFICE_WORKER and kind in _AS_OFFICES)


def invitable_roles(role: Role | None, kind: OrganisationKind) -> tuple[Role, ...]:
    """Return the roles that somebody of ``role`` may give to others in a body of this kind."""
    if role is Role.OPERATOR or (role is Role.DIRECTOR and kind is OrganisationKind.PROVIDER):
        return tuple(other for other in KIND_OF if is_role_of(other, kind))
    return ()


def reasons_against_role(role: Role, kind: OrganisationKind) -> list[Reason]:
    """Return why nobody may have this role in a body of this kind."""
    return [] if is_role_of(role, kind) else [Reason(AccountRefusal.ROLE_OF_ANOTHER_BODY)]


def reasons_against_leaving(role: Role, *, is_oneself: bool, others: int) -> list[Reason]:
    """Return why a membership is not ended.

    Args:
        is_oneself: Who ends it would end her own.
        others: How many besides her have the role in the body.
    """
    reasons = [Reason(AccountRefusal.ONESELF)] if is_oneself else []
    return reasons + reasons_against_last(role, others=others)


def reasons_against_last(role: Role, *, others: int) -> list[Reason]:
    """Return why a role is not taken from who has it: the body could do nothing any more.

    Staff are free to go, the last one too: their director stays.
    """
    if others or role is Role.STAFF:
        return []
    if role is Role.DIRECTOR:
        return [Reason(AccountRefusal.LAST_DIRECTOR)]
    return [Reason(AccountRefusal.LAST_OF_ROLE)]

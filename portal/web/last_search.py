"""What was searched for by POST, kept so that the browser's Back shows the found list again.

Names and phone numbers stand in no address and in no log: an address carries a short mark alone,
and the words lie sealed in the session's cookie. They open for the session that typed them, and
are gone when it ends.
"""

from __future__ import annotations

import secrets
from base64 import b85decode, b85encode

from cryptography.exceptions import InvalidTag
from flask import session

from portal.db.sealed import seal, unseal
from portal.web.access import current_person

#: Longer than any name that is looked for.
LONGEST_SEARCH = 100
#: Searches that Back can return to. With the longest words the cookie stays below 4 KB.
KEPT = 3
#: The name of the mark in an address.
MARK = "search"
_IN_SESSION = "searched"


def keep(words: str) -> str | None:
    """Keep words of a search in this session; return the mark that opens them, None for no words.

    The oldest are forgotten.
    """
    words = words.strip()[:LONGEST_SEARCH]
    if not words:
        return None
    mark = secrets.token_hex(4)
    sealed = b85encode(seal(words, bound_to=_bound_to(mark))).decode()
    session[_IN_SESSION] = [*session.get(_IN_SESSION, []), [mark, sealed]][-KEPT:]
    return mark


def kept(mark: str) -> str:
    """Return the words that ``keep`` gave this mark in this session; empty where there are none."""
    for its_mark, sealed in session.get(_IN_SESSION, []):
        if its_mark == mark:
            try:
                return unseal(b85decode(sealed), bound_to=_bound_to(mark))
            except (InvalidTag, KeyError):
                return ""
    return ""


def _bound_to(mark: str) -> tuple[str, ...]:
    person = current_person()
    return ("last search", mark, str(person.session_id) if person else "anonymous")

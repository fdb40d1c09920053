"""States on the way to the first stay, each found from a page that a persona can reach.

Parts of an application and what they say when sent empty, an answer that waits, trial care and its
outcome, letters as they are printed, papers, births.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from playwright.sync_api import Page

from scripts.shots_album import Album
from scripts.shots_states import send

#: The parts of an application, in their order; the last one looks at them all.
_PARTS: Final = ("children", "health", "words", "documents", "documents/1", "consents", "check")
#: What staff look at in the list of registrations.
_SHOWN: Final = ("for_us", "for_family", "overdue", "renew")
_FACILITY: Final = r"/facilities/[0-9a-f-]{36}(\?[^/]*)?$"
_SESSION: Final = r"/office/visits/[0-9a-f-]{36}$"
_OWN: Final = r"/my/preregistrations/[0-9a-f-]{36}$"
_APPLICATION: Final = r"/office/preregistrations/[0-9a-f-]{36}$"


@dataclass(frozen=True, slots=True)
class State:
    """A page that stands behind others; ``is_sent``: photographed once more, sent as it opens."""

    name: str
    start: str
    #: Links followed one after the other, as patterns of their addresses.
    by: tuple[str, ...] = ()
    is_sent: bool = False
    is_printed: bool = False


_OF_DIRECTOR: Final = (
    *(
        State(f"application-{show}", f"/office/preregistrations/?show={show}", (_APPLICATION,))
        for show in _SHOWN
    ),
    State(
        "papers",
        "/office/preregistrations/?show=for_us",
        (_APPLICATION, r"/papers/$"),
        is_sent=True,
    ),
    State(
        "steps", "/office/preregistrations/?show=for_us", (_APPLICATION, r"/steps$"), is_sent=True
    ),
    State("trial-outcome", "/office/", (r"/office/trials/",), is_sent=True),
    State("visit-outcome", "/office/visits/?past=1", (_SESSION, r"/outcome$"), is_sent=True),
    State("session-new", "/office/visits/new", is_sent=True),
    State("caller-newcomer", "/office/visits/", (_SESSION, r"/find$", r"/newcomer$"), is_sent=True),
    State("day-of-visits", "/office/visits/", (r"/office/visits/day/",), is_printed=True),
    State("letters", "/office/letters/", is_printed=True),
)
_STATES: Final = {
    "director": _OF_DIRECTOR,
    "expecting": (
        State("birth", "/my/children/", (r"/born(\?count=1)?$",), is_sent=True),
        State("birth-close", "/my/children/", (r"/edit$", r"/close$")),
        State("visit-book", "/facilities", (r"/days/", _FACILITY, r"/visits$", r"/visits/book/")),
    ),
    "limiting": (State("waiting", "/office/preregistrations/?show=waiting", (_APPLICATION,)),),
    "trial": (State("trial", "/my/preregistrations/", (_OWN,)),),
    "siblings": (State("answer", "/my/preregistrations/", (_OWN,), is_sent=True),),
    "renews": (State("renewal", "/my/preregistrations/", (_OWN,)),),
}


def photograph(page: Page, base: str, persona: str, album: Album) -> None:
    """Photograph the states that ``persona`` can reach; the album tells which is missing."""
    for state in _STATES.get(persona, ()):
        page.goto(base + state.start)
        if all(_follow(page, pattern) for pattern in state.by):
            _take(page, persona, state, album)
        else:
            album.trouble.append(f"{persona}: no way to {state.name} from {page.url}")
    if persona == "half_way":
        _application(page, base, persona, album)


def _take(page: Page, persona: str, state: State, album: Album) -> None:
    album.photograph(page, persona, f"state-{state.name}")
    if state.is_printed:
        album.photograph_paper(page, persona, f"state-{state.name}")
    if state.is_sent:
        send(page)
        album.photograph(page, persona, f"state-{state.name}-sent")


def _application(page: Page, base: str, persona: str, album: Album) -> None:
    """Photograph each part of the form that she left half-filled, and as it answers when sent."""
    page.goto(f"{base}/my/")
    if not _follow(page, r"/my/preregistrations/apply/"):
        album.trouble.append(f"{persona}: no form that is half-filled")
        return
    form = re.sub(r"(/apply/[0-9a-f-]{36}).*", r"\1", page.url)
    for part in _PARTS:
        page.goto(f"{form}/{part}")
        name = f"application-{part.replace('/', '-')}"
        _take(page, persona, State(name, "", is_sent=part not in {"children", "words"}), album)


def _follow(page: Page, pattern: str) -> bool:
    """Go where the first link leads whose address matches; say whether there is one."""
    links: list[str] = page.eval_on_selector_all("main a[href]", "all => all.map(a => a.href)")
    found = next((link for link in links if re.search(pattern, link.split("#")[0])), None)
    if found is None:
        return False
    page.goto(found)
    return True

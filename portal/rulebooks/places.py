"""The rules of ten places as they were published, to start from and to learn the writing by."""

from __future__ import annotations

from importlib import resources

from portal.policies.document import RulesDocument
from portal.rulebooks.files import read_document

_ENDING = ".toml"


def place_names() -> tuple[str, ...]:
    """Return the names of the places, ``M01`` first."""
    files = resources.files("portal.policies").joinpath("places").iterdir()
    return tuple(sorted(f.name.removesuffix(_ENDING) for f in files if f.name.endswith(_ENDING)))


def place_of(name: str) -> str:
    """Return whose rules they are, such as ``神戸市 認可保育施設の一時保育``."""
    return _text(name).partition("\n")[0].lstrip("# ").strip()


def load_place(name: str) -> RulesDocument:
    """Return the rules of one of the places. Which page they were read from stands in its file.

    Raises:
        ValueError: there is none of that name. A caller's mistake.
    """
    return read_document(_text(name).encode())


def _text(name: str) -> str:
    if name not in place_names():
        raise ValueError(f"no place {name!r}; there are {', '.join(place_names())}")
    file = resources.files("portal.policies").joinpath("places", f"{name}{_ENDING}")
    return file.read_text(encoding="utf-8")

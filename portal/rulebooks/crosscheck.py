"""Names that one kind of rule takes from another, and that nobody has said there. Pure.

A cap on a type of use that is misspelt would never count: it is a mistake, told with its place.
Names can only be held against a list: where the rules list no types of use, any may be named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pydantic import BaseModel

from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.policies.caps import Breach
from portal.policies.document import RulesDocument
from portal.rulebooks.problems import Problem
from portal.rulebooks.reading.mistakes import Path
from portal.rulebooks.senseless import senseless
from portal.rulebooks.shapes import closest

#: Field → what its names are taken from.
_TAKEN_FROM: Mapping[str, str] = {
    "purposes": "purposes.types",
    "except_purposes": "purposes.types",
    "first_use_purposes": "purposes.types",
    "opens": "purposes.types",
    "reasons": "purposes.reasons",
    "except_reasons": "purposes.reasons",
    "units": "units.blocks",
    "half_day_units": "units.blocks",
}

#: What each list is called.
_CALLED: Mapping[str, str] = {
    "purposes.types": "利用区分",
    "purposes.reasons": "利用の理由",
    "units.blocks": "利用の枠",
}


class _Named(NamedTuple):
    path: Path
    field: str
    name: str


def crosscheck(document: RulesDocument) -> list[Problem]:
    """Return every name that leads nowhere, and what another rule leaves without effect."""
    lists = _lists(document)
    found = []
    for path, field, name in _named(document):
        source = _TAKEN_FROM[field]
        known = lists[source]
        if known and name not in known:
            found.append(Problem(path, _unknown(name, source, sorted(known))))
    return [*found, *_above_cap(document), *senseless(document)]


def _unknown(name: str, source: str, known: list[str]) -> str:
    values = {"name": name, "what": _(_CALLED[source]), "where": source, "names": listed(known)}
    if meant := closest(name, known):
        said = _(
            "「%(name)s」という%(what)sは、%(where)s にありません。「%(meant)s」のことですか。"
        )
        return said % {**values, "meant": meant}
    return _("「%(name)s」という%(what)sは、%(where)s にありません。あるもの：%(names)s") % values


def _lists(document: RulesDocument) -> dict[str, frozenset[str]]:
    """Every name there is, those of variants too; empty where nothing is listed."""
    found: dict[str, set[str]] = {source: set() for source in _CALLED}
    if document.purposes is not None:
        found["purposes.types"] |= {kind.code for kind in document.purposes.types}
        found["purposes.reasons"] |= {reason.code for reason in document.purposes.reasons}
    if document.units is not None:
        found["units.blocks"] |= {block.label for block in document.units.blocks}
    for variant in document.variants:
        for source, key in zip(_CALLED, ("code", "code", "label"), strict=True):
            found[source] |= set(_listed_in(variant.laid, source.split("."), key))
    return {source: frozenset(names) for source, names in found.items()}


def _listed_in(written: object, path: list[str], key: str) -> Iterator[str]:
    for part in path:
        written = written.get(part) if isinstance(written, Mapping) else None
    for one in written if isinstance(written, list | tuple) else ():
        if isinstance(one, Mapping) and key in one:
            yield str(one[key])


def _named(part: object, path: Path = ()) -> Iterator[_Named]:
    """Every name taken from elsewhere that stands in a part of the document."""
    if isinstance(part, BaseModel):
        content: Mapping[str, object] = {
            (info.alias or name): getattr(part, name)
            for name, info in type(part).model_fields.items()
        }
        yield from _named({**content, **(part.model_extra or {})}, path)
    elif isinstance(part, Mapping):
        for name, value in part.items():
            yield from _named_by(str(name), value, (*path, str(name)))
    elif isinstance(part, list | tuple):
        for number, inner in enumerate(part):
            yield from _named(inner, (*path, number))


def _named_by(field: str, value: object, path: Path) -> Iterator[_Named]:
    if field not in _TAKEN_FROM:
        yield from _named(value, path)
    elif isinstance(value, str):
        yield _Named(path, field, value)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            if isinstance(inner, str):
                yield _Named((*path, number), field, inner)
            else:
                yield from _named(inner, (*path, number))
    else:
        yield from _named(value, path)


def _above_cap(document: RulesDocument) -> Iterator[Problem]:
    """A price above a cap belongs to a cap that lets more be used, and the other way round."""
    if document.variants:
        return  # either may stand in a variant; the pieces are judged together only there
    surcharges = document.fee.surcharges if document.fee else ()
    priced = [n for n, one in enumerate(surcharges) if one.kind == "above_cap"]
    let_through = [n for n, cap in enumerate(document.caps) if cap.on_breach is Breach.SURCHARGE]
    if priced and not let_through:
        said = _("上限（caps）に on_breach = surcharge のものがないので、この料金はかかりません。")
        yield Problem(("fee", "surcharges", priced[0]), said)
    if let_through and document.fee is not None and not priced:
        said = _("こえた分の料金（fee.surcharges の kind = above_cap）が書かれていません。")
        yield Problem(("caps", let_through[0], "on_breach"), said)

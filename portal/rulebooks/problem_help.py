"""What helps beside the words of a mistake: an example, the kinds there are, what to leave out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.policies.document import RulesDocument
from portal.rulebooks.reading.mistakes import Path
from portal.rulebooks.shapes import closest, fields_of, kinds_of, models_at
from portal.rulebooks.toml_text import inline

_TABLES = frozenset({"model_type", "model_attributes_type", "dict_type"})
#: In a variant: what the usual rules have and this one has not said.
_LEAVES_OUT = {
    "a draw belongs to a lottery": "allocation.draw",
    "papers belong to a provisional booking": "allocation.papers",
}


def in_variant(message: str, path: Path, content: Any) -> str:
    """Return what to write in a variant that contradicts the usual rules; empty elsewhere.

    Args:
        message: The English words of the rule that objects.
    """
    if len(path) < 2 or path[0] != "variants":  # noqa: PLR2004 - its number
        return ""
    if message == "there is nothing of that name":
        return _nearest(path, content)
    if message in _LEAVES_OUT:
        said = _('いつものきまりのものを使わないときは、leaves_out = ["%(path)s"] と書きます。')
        return said % {"path": _LEAVES_OUT[message]}
    if message == "phases stand instead of opens and closes":
        return _(
            "いつものきまりが phases のときは、ここにも phases をすべて書くか、"
            'leaves_out = ["booking_window.phases"] と書きます。'
        )
    return ""


def _nearest(path: Path, content: Any) -> str:
    written = content
    for key in path:
        try:
            written = written[key]
        except (KeyError, IndexError, TypeError):
            return ""
    known = list(fields_of(RulesDocument))
    names = [str(one) for one in written] if isinstance(written, list) else [str(written)]
    unknown = [one for one in names if one.split(".")[0] not in known]
    meant = [near for one in unknown if (near := closest(one.split(".")[0], known))]
    return _("「%(name)s」のことではありませんか。") % {"name": meant[0]} if meant else ""


def example_words(kind: str, path: Path, content: Any, model: type[BaseModel]) -> str:
    """Return the kinds that a table can be, or what a table may look like; empty for the rest.

    Args:
        kind: What pydantic calls the mistake.
        content: What was written.
    """
    if kind == "union_tag_not_found":
        kinds = [kind for each in models_at(model, path[:-1], content) for kind in kinds_of(each)]
        said = _("書けるのは、次のどれかです：%(choices)s")
        return said % {"choices": listed(list(dict.fromkeys(kinds)), "、")} if kinds else ""
    if kind not in _TABLES or not path or not isinstance(path[-1], str):
        return ""
    for each in models_at(model, path[:-1], content):
        info = fields_of(each).get(path[-1])
        example = info.examples[0] if info is not None and info.examples else None
        if isinstance(example, Mapping):
            return _("例：%(name)s = %(value)s") % {"name": path[-1], "value": inline(example)}
    return ""

"""A rules form without a page: a document shown in it, sent as a browser sends it, and read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from portal.office.rules_form import RulesForm
from portal.policies.document import RulesDocument
from tests.pages.visit import Page, Visitor


def shown(document: RulesDocument) -> RulesForm:
    """The form as it opens with a document."""
    form = RulesForm(formdata=None)
    form.show(document)
    return form


def sent(form: RulesForm, **typed: Any) -> RulesForm:
    """The form as it comes back, with what was typed over it; a list for boxes that are ticked."""
    data: MultiDict[str, str] = MultiDict()
    for field in form:
        value = typed.get(field.name, field.data)
        if isinstance(value, list):
            data.setlist(field.name, value)
        elif isinstance(value, bool):
            data.update({field.name: "y"} if value else {})
        elif value is not None:
            data[field.name] = value
    return RulesForm(formdata=data)


def put_in_force_by(visitor: Visitor, rules: str, typed: Mapping[str, object]) -> Page:
    """Send the form of ``rules``, then say yes on the page that asks once more."""
    asked = visitor.submit(f"{rules}/form", {**typed, "do": "publish"})
    assert (asked.status, asked.location) == (303, f"{rules}/publish"), asked.text
    page = visitor.get(asked.location)
    return visitor.post(asked.location, {name: page.field(name) for name in ("once", "seen")})

"""A rules form without a page: a document shown in it, sent as a browser sends it, and read."""

from __future__ import annotations

from typing import Any

from werkzeug.datastructures import MultiDict

from portal.office.rules_form import RulesForm
from portal.policies.document import RulesDocument


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

"""Shapes of the parts of an application, as a family fills them in."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, RadioField, SelectMultipleField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional

from portal.consents.wordings import Asked
from portal.documents.i18n import gettext as _
from portal.drafts.rules import Part
from portal.families.forms import Sound
from portal.families.rules import reasons_against_text
from portal.selfservice.application_view import NO, YES
from portal.web.forms import PortalForm

#: The button that saves what is there, whatever is missing.
LATER = "later"


class PartForm(PortalForm):
    """A part of the form; ``seen`` is the saving that the page shows."""

    seen = HiddenField(default="0")

    @property
    def seen_version(self) -> int:
        """Which saving the page has shown; a changed value counts as none."""
        typed = str(self.seen.data or "")
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0  # noqa: PLR2004 - digits of a number

    def show(self, part: Part) -> None:
        """Fill the part with what was saved."""
        if part.version:
            saved: MultiDict[str, str] = MultiDict()
            for name, values in part.fields.items():
                saved.setlist(name, values)
            saved["seen"] = str(part.version)
            self.process(formdata=saved)

    def show_seen(self, part: Part) -> None:
        """Let the next sending count as one that knows the newest saving."""
        self.seen.data = str(part.version)

    def fields(self) -> dict[str, list[str]]:
        """Return what is kept of the part, as it was sent."""
        kept = [field.name for field in self if field.name not in {"csrf_token", "once", "seen"}]
        return {name: request.form.getlist(name) for name in kept if name in request.form}


class ChildrenForm(PartForm):
    """Which children apply."""

    child_ids = SelectMultipleField(
        "お子さん", [InputRequired("申し込むお子さんをえらんでください")], coerce=uuid.UUID
    )

    def offer(self, children: Iterable[tuple[uuid.UUID, str]]) -> None:
        """Offer these children, each with how it is spoken of."""
        self.child_ids.choices = [SelectChoice(str(key), name) for key, name in children]


class HealthForm(PartForm):
    """Nothing to fill in: the records have pages of their own."""


class WordsForm(PartForm):
    """What the family wants the nursery to know."""

    note = TextAreaField("園に伝えたいこと", [Optional(), Sound(reasons_against_text)])


class PapersForm(PartForm):
    """Nothing to fill in: each document has a page of its own."""


class ConsentsForm(PartForm):
    """Each consent on its own; made for what one facility asks."""

    version = HiddenField()


def consents_form(wanted: Iterable[Asked]) -> type[ConsentsForm]:
    """Return a form that asks these consents, none answered beforehand."""
    fields: Mapping[str, Any] = {
        each.purpose: RadioField(
            _("あなたの答え"),
            [
                InputRequired(
                    _("「%(title)s」に、同意するか、しないかをえらんでください")
                    % {"title": each.title}
                )
            ],
            choices=[SelectChoice(YES, _("同意します")), SelectChoice(NO, _("同意しません"))],
        )
        for each in wanted
    }
    return type("ConsentsOfFacility", (ConsentsForm,), dict(fields))

"""The base of every form: CSRF, a key so that a write happens once, refusals as form errors."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from flask_wtf import FlaskForm
from wtforms import HiddenField

from portal.kernel.errors import Reason, Refusal


def _new_key() -> str:
    return str(uuid.uuid4())


class PortalForm(FlaskForm):
    """Checks shape only: filled in, readable, one of the choices. Whether it may be is a rule's."""

    class Meta(FlaskForm.Meta):
        """WTForms' own sentences in Japanese; every field has a better one of its own."""

        locales = ("ja",)

    #: The idempotency key: the same form sent twice does its work once.
    once = HiddenField(default=_new_key)

    def explain(self, refusal: Refusal, sentence: Callable[[Reason], str]) -> None:
        """Show every reason of ``refusal`` above the form; what was typed stays."""
        self.form_errors.extend(sentence(reason) for reason in refusal.reasons)

    @property
    def problem_count(self) -> int:
        """How many problems the error summary lists; stands in the page's title."""
        return len(self.form_errors) + sum(1 for field in self if field.errors)

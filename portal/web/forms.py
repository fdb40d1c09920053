"""The base of every form: CSRF, a key so that a write happens once, refusals as form errors."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from types import TracebackType
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field, Form, HiddenField, PasswordField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.fields.core import UnboundField
from wtforms.validators import InputRequired

from portal.documents.i18n import gettext as _
from portal.documents.i18n import is_source, resolved
from portal.kernel.errors import Reason, Refusal
from portal.kernel.signs import has_control_character
from portal.web.kept import kept_for
from portal.web.wtforms_words import Words

_WORDS = Words()


def _new_key() -> str:
    return str(uuid.uuid4())


class _InTheLanguageInUse:
    """Classes are made before anybody chose a language: their words are found when a form is."""

    def get_translations(self, form: Form) -> Words:  # noqa: ARG002 - WTForms' signature
        """Return WTForms' own sentences; every field has a better one of its own."""
        return _WORDS

    def bind_field(
        self, form: Form, unbound_field: UnboundField[Any], options: dict[str, Any]
    ) -> Field:
        """Make a field of its class's description, its label and choices translated."""
        field: Field = unbound_field.bind(form=form, **options)
        if not is_source():
            _translate(field)
        return field


def _translate(field: Field) -> None:
    field.label.text = resolved(field.label.text)
    choices = getattr(field, "choices", None)
    if isinstance(choices, list):
        field.choices = [_choice(choice) for choice in choices]


def _holds_unshown_signs(field: Field) -> bool:
    """Say whether a typed text holds what the database cannot keep or a page cannot show."""
    if not isinstance(field, StringField) or not isinstance(field.data, str):
        return False
    if isinstance(field, PasswordField):
        return False  # never kept and never shown
    return has_control_character(field.data, lines=isinstance(field, TextAreaField))


def _sentence_for_blank(field: Field) -> str | None:
    """Return what a needed text says of spaces alone: they are not an answer."""
    if not isinstance(field, StringField) or not isinstance(field.data, str) or field.data.strip():
        return None
    needed = next((one for one in field.validators if isinstance(one, InputRequired)), None)
    return (needed.message or _("入れてください")) if needed else None


def _choice(choice: object) -> object:
    if isinstance(choice, SelectChoice):
        return SelectChoice(choice.value, resolved(choice.label))
    return choice


class _Explaining:
    """The block of ``PortalForm.explaining``."""

    def __init__(self, form: PortalForm, sentence: Callable[[Reason], str]) -> None:
        self._form, self._sentence = form, sentence

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if not isinstance(error, Refusal):
            return False
        self._form.explain(error, self._sentence)
        self._form.is_refused = True
        return True


class PortalForm(FlaskForm):
    """Checks shape only: filled in, readable, one of the choices. Whether it may be is a rule's."""

    class Meta(_InTheLanguageInUse, FlaskForm.Meta):
        """Labels, choices and sentences in the language of whoever reads the form."""

        def wrap_formdata(self, form: Form, formdata: Any) -> Any:
            """Return what was sent; on a page to go on with, what was kept of it."""
            sent = super().wrap_formdata(form, formdata)
            return kept_for(form) if sent is None else sent

    #: Whether what was wished for may not be, by a rule; then the page says why.
    is_refused = False
    #: The idempotency key: the same form sent twice does its work once.
    once = HiddenField(default=_new_key)

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the shape; sentences of the class read as in the language in use."""
        is_right: bool = super().validate(extra_validators=extra_validators)
        for field in self:
            if _holds_unshown_signs(field):
                unshown = _("画面に出ない特別な文字が入っています。その文字を消してください")
                field.errors = field.errors or [unshown]
            elif said := _sentence_for_blank(field):
                field.errors = [said]
            is_right = is_right and not field.errors
        if not is_right and not is_source():
            for field in self:
                field.errors = [resolved(said) for said in field.errors]
        return is_right

    def explain(self, refusal: Refusal, sentence: Callable[[Reason], str]) -> None:
        """Show every reason of ``refusal`` above the form; what was typed stays."""
        self.form_errors.extend(sentence(reason) for reason in refusal.reasons)

    def explaining(self, sentence: Callable[[Reason], str]) -> _Explaining:
        """Return a block whose refusal is shown above this form instead of going on.

        Around ``transaction()``, so that nothing of it is written. Where the block does not return
        its answer itself, the page is shown with ``status``.
        """
        return _Explaining(self, sentence)

    @property
    def status(self) -> int:
        """The status of the page that shows this form: 200, 409 where refused, else 422.

        A page that shows what was sent, or a problem, is one on which nothing was done.
        """
        if self.is_refused:
            return 409
        return 422 if self.is_submitted() or self.form_errors else 200

    @property
    def problem_count(self) -> int:
        """How many problems the error summary lists; stands in the page's title."""
        return len(self.form_errors) + sum(1 for field in self if field.errors)

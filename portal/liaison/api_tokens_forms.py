"""What is chosen when a token is issued."""

from __future__ import annotations

from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from portal.accounts.api_tokens import TERMS, USUAL_TERM, Scope
from portal.kernel.signs import on_one_line
from portal.web.fields import Boxes
from portal.web.forms import PortalForm

SCOPE_LABELS = {
    Scope.WRITE: "紹介を送る",
    Scope.READ: "送った紹介のようすを読む",
}


class TokenForm(PortalForm):
    """For which program, what it may do, until when."""

    name = StringField(
        "つなぐシステムの名前",
        filters=[on_one_line],
        validators=[
            InputRequired("システムの名前を入れてください"),
            Length(max=60, message="名前は60文字までです"),
        ],
        render_kw={"autocomplete": "off"},
    )
    scopes = Boxes(
        "できること",
        coerce=str,
        choices=[SelectChoice(scope.value, label) for scope, label in SCOPE_LABELS.items()],
        default=[scope.value for scope in Scope],
    )
    days = SelectField(
        "使える期間",
        choices=[SelectChoice(str(days), f"{days}日") for days in TERMS],
        default=str(USUAL_TERM),
    )

    def validate(self, extra_validators: object = None) -> bool:
        """Check the shape; a token that may do nothing helps nobody."""
        right: bool = super().validate(extra_validators)
        if not self.scopes.data:
            self.scopes.errors = ["できることを1つ以上えらんでください"]
            return False
        return right

    def chosen(self) -> list[Scope]:
        """Return what it may do."""
        return [Scope(value) for value in self.scopes.data]

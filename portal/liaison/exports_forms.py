"""The form around handing out a city's list."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import DataRequired, ValidationError

from portal.facilities.lists.values import municipality_code
from portal.kernel.municipalities import is_code
from portal.web.forms import PortalForm


class CodeForm(PortalForm):
    """The six figures of a municipality, taken in full width too."""

    municipality_code = StringField(
        "自治体コード",
        validators=[DataRequired("自治体コードを入れてください")],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )

    @property
    def figures(self) -> str:
        """The code that was understood."""
        return municipality_code(str(self.municipality_code.data)).value or ""

    def validate_municipality_code(self, field: StringField) -> None:
        """Refuse what cannot be a code; five figures are no place to guess."""
        understood = municipality_code(str(field.data))
        if understood.doubt or not is_code(self.figures):
            raise ValidationError(understood.doubt or "自治体コードを6桁の数字で入れてください")

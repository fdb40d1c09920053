"""The forms around taking a city's list."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, SelectField
from wtforms.validators import DataRequired, InputRequired

from portal.web.forms import PortalForm


class UploadForm(PortalForm):
    """A list to look at; whether it is one is found out by reading it."""

    file = FileField("施設の一覧", validators=[DataRequired("一覧のファイルをえらんでください")])


class UploadForCityForm(UploadForm):
    """For the operator, who works for no city of her own."""

    municipality = SelectField("市区町村", validators=[InputRequired("市区町村をえらんでください")])


class ApplyForm(PortalForm):
    """Agreement to what a preview showed."""

    seen = HiddenField()
    #: Offered only where no address of the list lies in the city.
    is_meant = BooleanField("ほかの市区町村の住所ですが、この一覧でまちがいありません")

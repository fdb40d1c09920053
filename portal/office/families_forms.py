"""What staff type for a caller: the fewest fields with which a family can be found again."""

from __future__ import annotations

from wtforms import BooleanField, StringField
from wtforms.validators import Email, InputRequired, Optional

from portal.families.forms import GuardianForm, ReceiptFields, Sound
from portal.families.rules import ChildDetails, reasons_against_name
from portal.web.fields import DateParts


class CallerForm(ReceiptFields, GuardianForm):
    """A new family in some twenty seconds: who calls, from where, for which child."""

    mail = StringField(
        "メールアドレス",
        [Optional(), Email("メールアドレスをたしかめてください（例：hana@example.jp）")],
    )
    child_name = StringField(
        "お子さんのお名前",
        [InputRequired("お子さんのお名前を入れてください"), Sound(reasons_against_name)],
    )
    child_kana = StringField("お子さんのふりがな", [Optional(), Sound(reasons_against_name)])
    born_on = DateParts("生年月日", [InputRequired("生年月日を入れてください")])
    is_another = BooleanField("電話番号は同じですが、別のご家庭として登録します")

    def child(self) -> ChildDetails:
        """Return the child as typed."""
        return ChildDetails(
            name=self.child_name.data,
            name_kana=self.child_kana.data or None,
            born_on=self.born_on.data,
        )

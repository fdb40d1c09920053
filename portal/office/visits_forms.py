"""What is asked of a caller who wants to come and see: a name and a phone number."""

from __future__ import annotations

from wtforms.validators import Optional

from portal.documents.i18n import gettext as _
from portal.families.rules import ChildDetails
from portal.office.caller_forms import CallingForm
from portal.web.fields import DateParts


class NewcomerForm(CallingForm):
    """A caller who is not known yet; with a due date where a child is expected."""

    due_on = DateParts(_("出産の予定日"), [Optional()])

    def expected(self) -> tuple[ChildDetails, ...]:
        """Return the child that is expected, if one was told of."""
        if self.due_on.data is None:
            return ()
        return (ChildDetails(name=None, name_kana=None, born_on=None, due_on=self.due_on.data),)

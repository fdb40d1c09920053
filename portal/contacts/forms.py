"""What a family says about being contacted, filled in by itself or by staff for it."""

from __future__ import annotations

from wtforms import BooleanField, SelectMultipleField
from wtforms.fields import SelectChoice
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from portal.consents.rules import ContactTime
from portal.contacts.rules import ContactChannel, Wishes
from portal.contacts.words import channel_words, time_words
from portal.documents.i18n import gettext as _
from portal.web.fields import DateParts
from portal.web.forms import PortalForm

#: By these a family may ask to be contacted alone; the others are the portal's and the bodies' own.
WISHED = (ContactChannel.PHONE, ContactChannel.MAIL, ContactChannel.LETTER, ContactChannel.VISIT)


class _Boxes(SelectMultipleField):
    """Several choices, each a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class WishesForm(PortalForm):
    """All of it may stay empty: then anything is right."""

    stops = BooleanField(_("いまは、案内の連絡はいりません"))
    channels = _Boxes(
        _("連絡してよい方法"),
        [Optional()],
        choices=[SelectChoice(each.value, channel_words(each)) for each in WISHED],
    )
    not_before = DateParts(_("この日までは、連絡しないでほしい"), [Optional()])
    times = _Boxes(
        _("電話に出やすいとき"),
        [Optional()],
        choices=[SelectChoice(each.value, time_words(each)) for each in ContactTime],
    )

    def show(self, wishes: Wishes) -> None:
        """Fill in what is wished now."""
        self.stops.data = wishes.stops
        self.channels.data = sorted(wishes.channels)
        self.times.data = sorted(wishes.times)
        self.not_before.process_data(wishes.not_before)

    def wishes(self) -> Wishes:
        """Return what was filled in."""
        return Wishes(
            channels=frozenset(map(ContactChannel, self.channels.data or ())),
            not_before=self.not_before.data,
            stops=self.stops.data,
            times=frozenset(map(ContactTime, self.times.data or ())),
        )

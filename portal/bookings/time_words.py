"""From when stays of some hours can be booked, where rules open them otherwise than the day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from portal.documents.dates import jdatetime
from portal.documents.i18n import gettext as _
from portal.kernel.clock import today
from portal.policies.conditions import OF_THE_TIME
from portal.policies.looking import DayRules
from portal.policies.looking_times import timed_windows
from portal.policies.variants import Variant, VariantWhen
from portal.policies.window import WindowState
from portal.rulebooks.words_when import when_words


def variant_words(variant: Variant) -> str:
    """Return ``「夕方」（17:00 以降に始まる利用）``: a variant by its name and its hours."""
    times = {name: getattr(variant.when, name) for name in variant.when.given & OF_THE_TIME}
    when = when_words(VariantWhen.model_construct(**times))
    return _("「%(name)s」（%(when)s）") % {"name": variant.name, "when": when}


def window_words(rules: DayRules, now: datetime) -> Iterator[str]:
    """Yield a sentence for stays of certain hours whose booking is elsewhere than the day's."""
    for variant, span in timed_windows(rules):
        state = rules.state(now, span)
        if state is rules.state(now) and state is not WindowState.BEFORE:
            continue
        said = state_words(state, rules.opens_at(now, span), now=now)
        yield _("%(name)s：%(said)s") % {"name": variant_words(variant), "said": said}


def state_words(state: WindowState, opens_at: datetime | None, *, now: datetime) -> str:
    """Return from when something can be booked, or that it can, or could, as a sentence."""
    if state is WindowState.OPEN:
        return _("いま、予約できます。")
    if state is WindowState.AFTER:
        return _("予約は、もう終わりました。")
    if opens_at is None or opens_at <= now:
        return _("予約は、まだ始まりません。")
    return _("%(at)s から予約できます。") % {"at": jdatetime(opens_at, today(now))}

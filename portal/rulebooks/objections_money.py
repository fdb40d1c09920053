"""What the rules of prices, reductions, cancelling and payment object to, in plain Japanese."""

from __future__ import annotations

from portal.documents.i18n import gettext as _


def money_sentences() -> dict[str, str]:
    """Return what these kinds object to, by their own English words."""
    return {
        "give either an age in years or in months": _(
            "below_age（年）か below_months（月）の、どちらか1つを書いてください。"
        ),
        "rates go up by length": _("then は、短いほう（after_minutes）から順に書いてください。"),
        "the least price is more than the greatest": _(
            "最低額（min_yen）が、上限（max_yen）より高くなっています。"
        ),
        "the grace is shorter than the unit": _(
            "grace_minutes は、unit_minutes より短くしてください。"
        ),
        "say how long half a day is, or where the day is cut": _(
            "半日とするもの（half_day_minutes か border）を書いてください。"
        ),
        "every band prices the same blocks, each once": _(
            "どの年齢の行にも、同じ区分の料金を1つずつ書いてください。"
        ),
        "every block has a price, and each price a block": _(
            "区分（blocks）と料金（prices）の名前を同じにしてください。"
        ),
        "a price names a block that units does not have": _(
            "料金の区分の名前が、units.blocks にありません。名前を合わせるか、"
            "tariff.blocks に時刻を書いてください。"
        ),
        "steps go up by length": _("steps は、短いほう（up_to_minutes）から順に書いてください。"),
        "a surcharge is either yen or percent": _(
            "加える額は、yen か percent の、どちらか1つを書いてください。"
        ),
        "a percentage is not taken by the unit": _(
            "percent には、unit_minutes を書けません。どちらかを消してください。"
        ),
        "a reduction is one of percent, off_yen and pays_yen": _(
            "いくら引くかは、percent・off_yen・pays_yen のどれか1つを書いてください。"
        ),
        "a ticket is one of pays_all, yen and minutes": _(
            "1枚で払えるものは、pays_all・yen・minutes のどれか1つを書いてください。"
        ),
        "minutes pay for care alone": _("minutes の利用券の of は、base か care にしてください。"),
        "each kind of ticket stands once": _(
            "同じ code の利用券が2つあります。1つにしてください。"
        ),
        "give either a day or minutes before the start": _(
            "期限は、until か until_minutes_before の、どちらか1つを書いてください。"
        ),
        "an invoice belongs to paying by the month": _(
            "invoice_day と due_day は、when が next_month のときだけ書けます。"
        ),
        "each way to pay stands once": _("同じ払い方が2つあります。1つにしてください。"),
    }

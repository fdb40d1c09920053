"""What the rules of windows, deadlines and hours object to, in plain Japanese."""

from __future__ import annotations

from portal.documents.i18n import gettext as _


def dates_sentences() -> dict[str, str]:
    """Return what these kinds object to, by their own English words."""
    return {
        "give either day, or nth and weekday": _(
            "予約が始まる日は、day（何日）か、nth と weekday（第何の何曜日）の、"
            "どちらか一方で書いてください。"
        ),
        "give one of days, weeks or months": _(
            "days（何日前）・weeks（何週間前）・months（何か月前）の、どれか1つを書いてください。"
        ),
        "give one of days, day_of_month or weekday": _(
            "期限の日は、days（何日前）・day_of_month（月の何日）・weekday（週の何曜日）の、"
            "どれか1つで書いてください。"
        ),
        "months_before belongs to day_of_month": _(
            "months_before は、day_of_month といっしょに書きます。"
        ),
        "weeks_before belongs to weekday": _("weeks_before は、weekday といっしょに書きます。"),
        "the deadline of a week's first day has no other of its own": _(
            "first_of_week の中に、もう1つの first_of_week は書けません。"
        ),
        "booking closes after it opens": _("予約が終わる日時を、始まる日時より後にしてください。"),
        "a moment lies at the end of all time": _("何千年も先や前の日時は、使えません。"),
        "announced periods overlap": _(
            "お知らせの期間が重なっています。1つの日が1つの期間に入るようにしてください。"
        ),
        "phases stand instead of opens and closes": _(
            "phases を書くときは、すぐ下の opens と closes を消し、"
            "それぞれの回の中に書いてください。"
        ),
        "a closed day has no hours": _("休みの日に、時間は書けません。どちらかを消してください。"),
        "hours end after they begin": _("終わりの時刻を、始まりの時刻より後にしてください。"),
        "a day of each year is written 12-29": _(
            'その日は、暦にありません。毎年の日は "12-29"（月-日）の形で書きます。'
        ),
    }

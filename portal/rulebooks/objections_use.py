"""What the rules of use object to (G6, G10, G12, G21, G25), in plain Japanese."""

from __future__ import annotations

from portal.documents.i18n import gettext as _


def use_sentences() -> dict[str, str]:
    """Return what these kinds object to, by their own English words."""
    return {
        "a cap needs a period": _(
            "上限の期間（period）を書いてください。1日はday、1週間はweek、1か月はmonthです。"
        ),
        "half days need a length or units": _(
            "半日の数え方を、half_day_minutes（何分まで）か half_day_units（枠の名前）に"
            "書いてください。"
        ),
        "only half days and stays are weighed": _(
            "半日や重みは、metric が half_days か visits のときだけ書きます。"
        ),
        "an amount goes in halves, hours in whole minutes": _(
            "数は0.5きざみ、時間は1分で割りきれる数で書いてください。"
        ),
        "a weight is for a unit or for a length": _(
            "unit と up_to_minutes の、どちらか1つを書いてください。"
        ),
        "counts go in halves": _("counts は0.5きざみで書いてください。"),
        "a term has its number of months, and no other period has": _(
            "term_months は、period が term のときに書きます。termには必ず書いてください。"
        ),
        "terms fill the fiscal year": _("term_months は 1・2・3・4・6 のどれかにしてください。"),
        "running days have their number, and no other period has": _(
            "running_days は、period が running_days のときに書きます。"
        ),
        "dates have a first and a last day, and no other period has": _(
            "first_day と last_day は、period が dates のときに、両方書きます。"
        ),
        "a weekly average is over a longer period": _(
            "1週間の平均は、month・term・half_year・fiscal_year・calendar_year・running_days・"
            "dates の期間で計算します。"
        ),
        "a weekly average is of days, stays or hours": _(
            "1週間の平均は、日・回・半日・時間の上限にだけ書けます。"
        ),
        "an extension has an amount and a number": _(
            "延長は、extension（増える分）と extensions（回数）の両方を書いてください。"
        ),
        "a cap is for a purpose or not for it": _(
            "同じ利用区分や理由が、対象と対象外の両方に書かれています。どちらか1つにしてください。"
        ),
        "a consequence has one length": _(
            "months・days・until_fiscal_year_end は、どれか1つだけを書いてください。"
        ),
        "points go in halves, and a consequence needs some": _(
            "点数は0.5きざみで書いてください。at_points は0より大きくします。"
        ),
        "points kept for months have their number, and no others have": _(
            "points_months は、points_kept が months のときに書きます。"
        ),
        "a fee is so many yen or a percentage": _(
            "yen と percent の、どちらか1つを書いてください。"
        ),
        "only an offer waits for an answer": _(
            "answer_minutes は、fills が offer のときだけ書きます。"
        ),
        "each list stands once": _("waits_for に同じものが2つあります。1つにしてください。"),
        "the least number of weekdays is more than the greatest": _(
            "least_weekdays を、most_weekdays や weekdays の数と同じか、より少なくしてください。"
        ),
        "terms by dates need their dates": _(
            "term が dates のときは、applications に期間を書いてください。"
        ),
        "an application closes after it opens": _(
            "申し込みの終わり（closes_on）を、始まり（opens_on）より後にしてください。"
        ),
        "a draw comes after the application closes": _(
            "drawn_on を、申し込みの最後の日（closes_on）以後にしてください。"
        ),
    }

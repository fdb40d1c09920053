"""What the rules of children, homes and papers object to, in plain Japanese."""

from __future__ import annotations

from portal.documents.i18n import gettext as _


def people_sentences() -> dict[str, str]:
    """Return what these kinds object to, by their own English words."""
    return {
        "days before a birthday need an age in months or years": _(
            "days_before は、months か years の年齢にだけ書けます。"
        ),
        "an inclusive limit is an age": _(
            "inclusive は、日・週・月・年の年齢にだけ書けます。days_before とは、どちらか1つです。"
        ),
        "inclusive and days_before stand at the upper limit": _(
            "inclusive と days_before は、何歳まで（max）のほうにだけ書けます。"
        ),
        "the end of maternity leave is a lower limit": _(
            "産後休業の終わりは、何歳から（min）のほうにだけ書けます。"
        ),
        "dates of birth end after they begin": _(
            "born_until を、born_from と同じか、より後の日にしてください。"
        ),
        "a gate that is not a usual one has a label": _(
            "この問いには、家庭が読む言い方（label）を書いてください。"
        ),
        "name a place": _("都道府県・市区町村・区のどれかを書いてください。"),
        "a circumstance that is not a usual one has a label": _(
            "この事情には、家庭が読む言い方（label）を書いてください。"
        ),
        "name where families live": _(
            "住む所を、cities・wards・prefectures・places のどれかで書いてください。"
        ),
        "name the enrolments that are taken": _(
            "どこに通う子を受けるかを、accepts か also に書いてください。"
        ),
        "months belong to a proof that holds for months": _(
            "validity を months にしたときは、months（何か月か）も書いてください。"
            "ほかのときは、months は書きません。"
        ),
        "a type of use that is not a usual one has a label": _(
            "この利用区分には、家庭が読む言い方（label）を書いてください。"
        ),
        "each type of use and each reason stands once": _(
            "同じ利用区分か理由が2つあります。1つにしてください。"
        ),
        "a reason leads to a type of use that is there": _(
            "理由の type を、types にある code のどれかにしてください。"
        ),
        "where no reason is asked, none is listed": _(
            "理由を問わない（ask が false）ときは、types や reasons を書きません。"
        ),
        "where a reason is needed, reasons are listed": _(
            "reason_needed のときは、reasons に理由を並べてください。"
        ),
        "give days before, or from pregnancy": _(
            "days_before か from_pregnancy の、どちらか1つを書いてください。"
        ),
        "steps name a step": _("steps に、することを1つは書いてください。"),
        "the least number of families is more than the greatest": _(
            "families を、families_from と同じか、より大きくしてください。"
        ),
        "nobody can set aside what places and bookings say": _(
            "満員や、ほかの予約との重なりなどは、だれも認められません。消してください。"
        ),
        "desk hours end after they begin": _("受付の終わりの時刻を、始まりより後にしてください。"),
        "a draw belongs to a lottery": _("draw は、抽選で決めるときにだけ書きます。"),
        "papers belong to a provisional booking": _(
            "papers は、method が provisional のときにだけ書きます。"
        ),
        "give either days or hours": _("日数か時間の、どちらか1つを書いてください。"),
        "name who comes first": _("priorities か equalise に、だれが先かを書いてください。"),
        "what to bring is for a range that goes up": _(
            "below の数を、from より大きくしてください。"
        ),
        "a day belongs to what comes each month": _(
            "day は、when が monthly のときにだけ書きます。"
        ),
        "each paper stands once": _("同じ書類が2つあります。1つにしてください。"),
        "few is a number of places or a percentage": _(
            "few_when が places_left か percent_left のときは、"
            "few（いくつからか）も書いてください。"
            "ほかのときは、few は書きません。"
        ),
        "each state has one sign": _("同じ状態のしるしが2つあります。1つにしてください。"),
    }

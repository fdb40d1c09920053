"""What a document objects to, in the words of the fields: which of a row to mend, and how.

The sentences of the document name its own parts, as whoever writes a file needs them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from portal.documents.i18n import gettext as _
from portal.rulebooks.objections import sentences

_ROW = re.compile(r"[a-z]+_\d+_")


class _Remedy(NamedTuple):
    """What to do, and where: in which column of the row, in which field, or where it was found."""

    words: str
    column: str = ""
    field: str = ""


#: By what the rules say of themselves.
_REMEDIES: Mapping[str, _Remedy] = {
    "a cap needs a period": _Remedy("期間をえらんでください", column="period"),
    "half days need a length or units": _Remedy(
        "何分までを半日とするかを入れるか、「半日とする時間の名前」を入れてください", column="half"
    ),
    "only half days and stays are weighed": _Remedy(
        "半日の長さと名前は、「日（半日は0.5日）」か「回」を数えるときだけ使います。"
        "消すか、数えるものをえらび直してください",
        column="half",
    ),
    "an amount goes in halves, hours in whole minutes": _Remedy(
        "日や回は、0.5きざみで入れてください。例：7、7.5"
    ),
    "a weekly average is over a longer period": _Remedy(
        "1か月、半年、1年度、1年の上限のときに使います。しるしを消すか、期間を直してください",
        column="average",
    ),
    "a weekly average is of days, stays or hours": _Remedy(
        "日、回、時間を数えるときに使います。しるしを消してください", column="average"
    ),
    "a reduction is one of percent, off_yen and pays_yen": _Remedy(
        "何％か、何円かを、数字で入れてください"
    ),
    "a percentage is not taken by the unit": _Remedy(
        "円のときだけ使います。空けてください", column="minutes"
    ),
    "give either a day or minutes before the start": _Remedy(
        "「何日前まで」か「始まりの何分前まで」の、どちらか1つを入れてください", column="days"
    ),
    "give one of days, day_of_month or weekday": _Remedy("何日前かを、数字で入れてください"),
    "a fee is so many yen or a percentage": _Remedy("数字で入れてください"),
    "say how long half a day is, or where the day is cut": _Remedy(
        "半日とする長さか、午前と午後のさかいの時刻を入れてください", field="half_day_minutes"
    ),
    "the last band has no upper age": _Remedy(
        "最後の行は、「何歳より下」を空けてください。それより上の全員の料金です"
    ),
    "every band prices the same blocks, each once": _Remedy(
        "どの年齢にも、同じ時間の料金を1つずつ入れてください"
    ),
    "a price names a block that units does not have": _Remedy(
        "「預かりの時間」にある、きまった時間の名前を入れてください"
    ),
}


def remedy(name: str, words: str) -> tuple[str, str]:
    """Return the field to mend and what to do there, for a field and what the document says."""
    if name == "start_times":
        return name, _("30分きざみの時刻を、空けて並べてください。例：9:00 9:30")
    said = next((said for said, sentence in sentences().items() if sentence == words), "")
    found = _REMEDIES.get(said)
    if found is None:
        return name, words
    row = _ROW.match(name)
    field = f"{row.group()}{found.column}" if row and found.column else found.field
    return field or name, _(found.words)

"""Which sessions the city's facilities hold, week after week."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portal.visits.rules import ChildrenCome, Place, VisitKind


@dataclass(frozen=True, slots=True)
class Plan:
    """Sessions of one kind at one facility, every so many weeks on a weekday."""

    site: str
    kind: VisitKind
    weekday: int
    cell: int
    minutes: int
    seats: int
    weeks: int = 1
    place: Place = Place.FACILITY
    children_come: ChildrenCome = ChildrenCome.EITHER
    is_single: bool = False
    bring: str = ""
    words: str = ""


_TOUR, _TALK = VisitKind.TOUR, VisitKind.INTERVIEW
PLANS: Final = (
    Plan("every_day", _TOUR, 2, 20, 30, 3, bring="お子さんとご自分の室内ばき"),
    Plan("every_day", _TOUR, 5, 21, 30, 3),
    Plan(
        *("every_day", _TALK, 1, 30, 30, 1),
        is_single=True,
        bring="母子健康手帳",
        words="ふだんの一日を、聞かせてください。",
    ),
    Plan("every_day", _TALK, 3, 20, 30, 1, is_single=True, bring="母子健康手帳"),
    Plan(
        *("every_day", VisitKind.SUPPORT_CENTRE, 3, 27, 120, 10),
        weeks=2,
        children_come=ChildrenCome.TOGETHER,
        words="2階の広場で、親子であそびます。保育士に相談もできます。",
    ),
    Plan(
        *("every_day", VisitKind.PRENATAL, 5, 26, 60, 4),
        weeks=4,
        words="もうすぐ生まれる方が、赤ちゃんの部屋を見て、だっこを体験します。",
    ),
    Plan(
        *("every_day", VisitKind.CONSULTATION, 0, 34, 30, 1),
        weeks=2,
        place=Place.ONLINE,
        is_single=True,
        words="パソコンかスマートフォンで話します。お子さんがいっしょでも大丈夫です。",
    ),
    Plan("half_days", _TOUR, 1, 19, 30, 2, weeks=2),
    Plan("half_days", _TALK, 3, 29, 30, 1, is_single=True, bring="母子健康手帳"),
    Plan("municipal", _TOUR, 2, 28, 20, 4, weeks=2),
    Plan("municipal", _TALK, 4, 29, 30, 1, is_single=True),
    Plan("small", _TOUR, 0, 20, 30, 1, weeks=2),
    Plan("long_hours", _TOUR, 3, 20, 30, 4),
)

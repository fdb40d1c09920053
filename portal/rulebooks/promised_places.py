"""Where the number of children in the rules and the places laid out are not the same. Pure.

The database holds the places (``slots``), and nothing else does; families read the rules.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.policies.capacity import CapacityRule, KeptFor, PartCap, PlacesFrom


@dataclass(frozen=True, slots=True)
class LaidOut:
    """The places of a pool: its class ages, both included, the most of a week, and the most kept.

    ``is_total``: of a whole room, not of an age band within it.
    """

    is_total: bool
    youngest_class: int
    oldest_class: int
    most: int
    kept: int = 0

    @property
    def classes(self) -> frozenset[int]:
        """The class ages it holds."""
        return frozenset(range(self.youngest_class, self.oldest_class + 1))


def promised_places(capacity: CapacityRule | None, pools: Sequence[LaidOut]) -> list[str]:
    """Return a sentence for each number that the places do not keep; empty for none.

    Where nothing is laid out yet there is nothing to compare.
    """
    if capacity is None or not any(pool.most for pool in pools):
        return []
    return [*_of_total(capacity, pools), *_of_parts(capacity, pools), *_of_kept(capacity, pools)]


def _of_total(capacity: CapacityRule, pools: Sequence[LaidOut]) -> Iterator[str]:
    # Places that are left over from others' change from day to day.
    if capacity.total is None or capacity.about or capacity.places_from is PlacesFrom.UNUSED:
        return
    laid_out = sum(pool.most for pool in pools if pool.is_total)
    if laid_out != capacity.total:
        yield _("きまりの人数は %(total)s人、予約枠は %(laid)s人です") % {
            "total": capacity.total,
            "laid": laid_out,
        }


def _of_parts(capacity: CapacityRule, pools: Sequence[LaidOut]) -> Iterator[str]:
    for part in capacity.parts:
        limit = part.limit(capacity.total)
        # "In principle" is for staff to judge.
        if limit is None or not part.strict:
            continue
        wanted = [frozenset(part.classes)] if part.classes else [frozenset({c}) for c in range(6)]
        for classes in wanted:
            if not _is_held(classes, limit, pools):
                yield _("「%(part)s」を守る予約枠がありません") % {
                    "part": _said(classes, part, limit)
                }


def _is_held(classes: frozenset[int], limit: int, pools: Sequence[LaidOut]) -> bool:
    """Say whether the pools let no more children of these classes in at once.

    A class is held by a pool of just these classes, or of more; nobody comes whose class has none.
    """
    holding = [pool for pool in pools if pool.classes & classes]
    if any(pool.classes >= classes and pool.most <= limit for pool in holding):
        return True
    totals = [pool for pool in holding if pool.is_total]
    return sum(pool.most for pool in totals) <= limit


def _said(classes: frozenset[int], part: PartCap, limit: int) -> str:
    names = listed([str(age) for age in sorted(classes)], "・")
    if part.most is None:
        return _("%(classes)s歳児クラス 全体の %(percent)s%%（%(count)s人）まで") % {
            "classes": names,
            "percent": part.share_percent,
            "count": limit,
        }
    return _("%(classes)s歳児クラス %(count)s人まで") % {"classes": names, "count": limit}


def _of_kept(capacity: CapacityRule, pools: Sequence[LaidOut]) -> Iterator[str]:
    promised = sum(one.places for one in capacity.kept if one.kept_for is KeptFor.REFERRAL)
    laid_out = sum(pool.kept for pool in pools if pool.is_total)
    if promised and promised != laid_out:
        yield _(
            "紹介された家庭のための人数は、きまりでは %(promised)s人、予約枠では %(laid)s人です"
        ) % {"promised": promised, "laid": laid_out}
    others = [one for one in capacity.kept if one.kept_for is not KeptFor.REFERRAL]
    if others:
        yield _("そのほかのためにとっておく人数（%(count)s人）は、職員が見てください") % {
            "count": sum(one.places for one in others)
        }

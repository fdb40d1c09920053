"""Kinds G14 and G15 in words: which stays can be asked for, and how many children there are."""

from __future__ import annotations

from collections.abc import Iterator

from portal.documents.dates import jduration, written_span
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed, sentences
from portal.policies.capacity import (
    COUNTED_PER_WORDS,
    KEPT_FOR_WORDS,
    PLACES_FROM_WORDS,
    SET_ANEW_WORDS,
    CapacityRule,
    CountedPer,
    KeptFor,
    KeptPlaces,
    PartCap,
    PlacesFrom,
)
from portal.policies.rule import ClockTime
from portal.policies.units import FirstVisit, UnitsRule
from portal.rulebooks.fact import Fact

_WHOLE_DAY = 1440
_ALL_JOINED = 2


def units_facts(rule: UnitsRule) -> list[Fact]:
    """Return everything the rule says, the first line being ``units_words``."""
    found = [Fact(_("預かりの時間"), units_words(rule))]
    if rule.join_up_to > 1:
        found.append(Fact(_("続けて使う"), _joining(rule)))
    if not rule.afternoon_only:
        found.append(
            Fact(
                _("午後だけの利用"),
                _("受けていません。%(noon)s より前に始まる時間をえらびます。")
                % {"noon": _clock(rule.afternoon_from)},
            )
        )
    if rule.first_visit:
        found.append(Fact(_("はじめての預かり"), _first_visit(rule.first_visit)))
    return found


def units_words(rule: UnitsRule) -> str:
    """Return which stays can be asked for, as one line."""
    if not rule.blocks:
        return listed(list(_free(rule)))
    blocks = [
        f"{_(block.label)} {written_span(_clock(block.starts), _clock(block.ends))}"
        for block in rule.blocks
    ]
    if rule.also_by_the_hour:
        free = _("ほかの時間も、%(how)s") % {"how": listed(list(_free(rule)))}
        return _("%(said)s。%(more)s") % {"said": listed(blocks), "more": free}
    return listed([*blocks, *_bounds(rule)])


def _free(rule: UnitsRule) -> Iterator[str]:
    """Yield how stays are chosen where no block is asked for."""
    starts = rule.listed_starts
    if rule.lengths:
        lengths = listed([jduration(each) for each in sorted(rule.lengths)], "・")
        yield _("長さは %(lengths)s のどれか") % {"lengths": lengths}
    if not (starts and (rule.ends or rule.lengths)):
        yield _grid(rule)
    if rule.start_every_minutes:
        step = jduration(rule.start_every_minutes)
        yield _("はじまりは%(step)sきざみ") % {"step": step}
    if starts is not None:
        each = listed([f"{start // 60}:{start % 60:02d}" for start in starts], "・")
        yield _("はじまりは %(starts)s のどれか") % {"starts": each}
    if rule.ends:
        each = listed([_clock(end) for end in sorted(rule.ends)], "・")
        yield _("終わりは %(ends)s のどれか") % {"ends": each}
    yield from _bounds(rule)
    if rule.length_step_minutes and not _is_step_of_grid(rule):
        yield _("長さは%(step)sきざみ") % {"step": jduration(rule.length_step_minutes)}


def _is_step_of_grid(rule: UnitsRule) -> bool:
    """Say whether lengths go by the same step as the clock, which is said already."""
    return (
        rule.length_step_minutes == rule.grid_minutes and not rule.min_minutes % rule.grid_minutes
    )


def _grid(rule: UnitsRule) -> str:
    grid = jduration(rule.grid_minutes)
    if rule.grid_from == "00:00":
        return _("%(grid)sきざみ") % {"grid": grid}
    return _("%(from)s から%(grid)sきざみ") % {"from": _clock(rule.grid_from), "grid": grid}


def _bounds(rule: UnitsRule) -> Iterator[str]:
    if rule.min_minutes:
        yield _("%(least)sから") % {"least": jduration(rule.min_minutes)}
    if rule.max_minutes < _WHOLE_DAY:
        yield _("%(most)sまで") % {"most": jduration(rule.max_minutes)}


def _joining(rule: UnitsRule) -> str:
    said = _("となりあう区分を、%(count)sつまで続けて使えます。") % {"count": rule.join_up_to}
    if rule.join_over_gaps:
        return sentences(said, _("区分と区分のあいだも預かります。"))
    return sentences(said, _("時刻がつながる区分だけです。"))


def _first_visit(rule: FirstVisit) -> str:
    parts = []
    if rule.max_minutes is not None:
        parts.append(_("%(most)sまで") % {"most": jduration(rule.max_minutes)})
    if rule.ends_by is not None:
        parts.append(_("%(at)s までに終わります") % {"at": _clock(rule.ends_by)})
    return listed(parts)


def capacity_words(rule: CapacityRule) -> list[Fact]:
    """Return how many children there are at once, what limits parts of them, and what is kept."""
    found = [Fact(_("人数"), sentences(*_number(rule)))]
    if rule.parts:
        found.append(Fact(_("クラスごとの人数"), listed([_part(part) for part in rule.parts])))
    if rule.bands:
        bands = [
            _("%(hours)s は %(count)s人まで")
            % {"hours": written_span(_clock(band.from_), _clock(band.until)), "count": band.total}
            for band in rule.bands
        ]
        found.append(Fact(_("時間ごとの人数"), listed(bands)))
    if rule.kept:
        found.append(Fact(_("とっておく人数"), sentences(*map(_kept, rule.kept))))
    if rule.staffing:
        found.append(Fact(_("職員の人数"), sentences(*_staff(rule))))
    return found


def _number(rule: CapacityRule) -> Iterator[str]:
    if rule.total is not None:
        count = _("約%(count)s人") if rule.about else _("%(count)s人")
        words = {"per": _(COUNTED_PER_WORDS[rule.per]), "count": count % {"count": rule.total}}
        yield _("%(per)s%(count)sまでです。") % words
    else:
        yield _("日や時間によって違います。")
        if rule.per is not CountedPer.MOMENT:
            yield _("%(per)s数えます。") % {"per": _(COUNTED_PER_WORDS[rule.per])}
    if rule.places_from is not PlacesFrom.OWN:
        yield _("%(from)sです。") % {"from": _(PLACES_FROM_WORDS[rule.places_from])}
    if rule.set_anew:
        yield _("%(anew)s。") % {"anew": _(SET_ANEW_WORDS[rule.set_anew])}
    if rule.shared_with:
        yield _("%(names)sと、同じ人数をいっしょに使います。") % {
            "names": listed(list(rule.shared_with))
        }
    if rule.may_refuse_below:
        yield _("お子さんのようすや人数によって、満員でなくても受けられないことがあります。")


def _part(part: PartCap) -> str:
    if part.classes:
        names = listed([str(age) for age in sorted(part.classes)], "・")
        who = _("%(classes)s歳児クラス") % {"classes": names}
    else:
        who = _("どのクラスも")
    if part.most is not None:
        most = _("%(count)s人まで") % {"count": part.most}
    elif part.share_percent == 100 // _ALL_JOINED:
        most = _("全体の半分まで")
    else:
        most = _("全体の %(percent)s%% まで") % {"percent": part.share_percent}
    said = _("%(who)s %(most)s") % {"who": who, "most": most}
    return said if part.strict else _("%(said)s（原則）") % {"said": said}


def _kept(kept: KeptPlaces) -> str:
    named = kept.kept_for is KeptFor.OTHER and kept.label
    who = kept.label if named else _(KEPT_FOR_WORDS[kept.kept_for])
    said = _("%(who)sのために、%(count)s人分をとっておきます。") % {
        "who": who,
        "count": kept.places,
    }
    if kept.until_days_before is None:
        return said
    day = {0: _("利用の日"), 1: _("利用の前の日")}.get(
        kept.until_days_before, _("利用の%(days)s日前") % {"days": kept.until_days_before}
    )
    freed = _("空いていれば、%(day)s %(at)s から、だれでも使えます。") % {
        "day": day,
        "at": _clock(kept.until_time),
    }
    return sentences(said, freed)


def _staff(rule: CapacityRule) -> Iterator[str]:
    if rule.staffing is None:
        return
    for ratio in rule.staffing.ratios:
        names = listed([str(age) for age in sorted(ratio.classes)], "・")
        yield _("%(classes)s歳児クラスは、職員1人で %(count)s人までです。") % {
            "classes": names,
            "count": ratio.children,
        }
    yield _("職員は、いつも %(count)s人より少なくなりません。") % {
        "count": rule.staffing.least_staff
    }


def _clock(clock_time: ClockTime) -> str:
    return clock_time.removeprefix("0")

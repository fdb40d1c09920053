"""Kind G11 in words: until when cancelling is free, what it costs then, and how it is done."""

from __future__ import annotations

from collections.abc import Iterator

from portal.documents.dates import jduration, jeach
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.documents.money import yen
from portal.policies.cancel import SHORTENING_WORDS, WAIVED_WORDS, CancelRule, Shortening
from portal.policies.deadlines import Deadline
from portal.policies.late_fees import LateFee, LateFlat, LateFree, LateHours, LatePercent
from portal.rulebooks.fact import Fact
from portal.rulebooks.words_dates import deadline_words, first_day_words


def cancel_facts(rule: CancelRule) -> list[Fact]:
    """Return everything the rule says, the first line being ``cancel_words``."""
    found = [Fact(_("取り消し"), cancel_words(rule))]
    found += [Fact(term, text) for term, text in _more(rule) if text]
    return found


def cancel_words(rule: CancelRule) -> str:
    """Return until when cancelling is free, and what it costs after that, as one line."""
    free = _limit(rule.free_until, rule.free_until_minutes_before)
    if not free:
        return _("いつでも無料")
    said = []
    for tier in rule.tiers:
        until = _limit(tier.until, tier.until_minutes_before)
        values = {"limit": until, "late": late_words(tier.fee)}
        said.append(_("そのあと%(limit)sまでは%(late)s") % values)
    if rule.late_fee is not None:
        said.append(_("そのあとは%(late)s") % {"late": late_words(rule.late_fee)})
    elif rule.tiers:
        said.append(_("そのあとは、取り消しの料金はかかりません"))
    said += _first_days(rule)
    if not said:
        return _("%(limit)sまで無料") % {"limit": free}
    return listed([_("%(limit)sまで無料です") % {"limit": free}, *said], "。")


def _first_days(rule: CancelRule) -> Iterator[str]:
    """What holds instead for the first day of a week, with what it costs until then."""
    if rule.free_until and (limit := first_day_words(rule.free_until)):
        said = _("%(limit)s無料") % {"limit": limit}
        if rule.free_until_minutes_before is not None:
            before = jduration(rule.free_until_minutes_before)
            earlier = _("%(said)s（予約の始まりの%(length)s前のほうが早いときは、そのときまで）")
            said = earlier % {"said": said, "length": before}
        yield said
    for tier in rule.tiers:
        if tier.until and (limit := first_day_words(tier.until)):
            yield _("%(limit)sは%(late)s") % {"limit": limit, "late": late_words(tier.fee)}


def late_words(late: LateFee) -> str:
    """Return ``利用料の 50%がかかります``."""
    if isinstance(late, LateFree):
        return _("かかりません")
    return _("%(late)sがかかります") % {"late": _late(late)}


def _late(late: LateFee) -> str:
    if isinstance(late, LatePercent):
        of = _("利用料") if late.of == "care" else _("料金")
        return _("%(of)sの %(percent)s%%") % {"of": of, "percent": late.percent}
    if isinstance(late, LateFlat):
        return _("1人 %(yen)s") % {"yen": yen(late.yen)}
    if isinstance(late, LateHours):
        said = _("予約した時間の%(unit)sごとに %(yen)s") % {
            "unit": jeach(late.unit_minutes),
            "yen": yen(late.yen),
        }
        if late.max_yen is None:
            return said
        return _("%(said)s（%(most)s まで）") % {"said": said, "most": yen(late.max_yen)}
    return _("食事などの実費だけ")


def _more(rule: CancelRule) -> Iterator[tuple[str, str]]:
    yield _("画面からの取り消し"), _online(rule)
    waived = [_(words) for reason, words in WAIVED_WORDS.items() if reason in rule.waived]
    if waived and rule.first_late_fee is not None:
        said = _("おそい取り消しでも、%(reasons)sのときは、かかりません")
        if rule.waived_with_proof:
            said = _("おそい取り消しでも、%(reasons)sのときは、書類で示せばかかりません")
        yield _("料金がかからない取り消し"), said % {"reasons": listed(waived, "・")}
    if rule.shortening is not Shortening.FREE:
        yield _("時間を短くするとき"), _(SHORTENING_WORDS[rule.shortening])
    if rule.ends_run:
        yield (
            _("続けて予約した日"),
            _("1日を取り消すと、そのあとに続く日も取り消しになります"),
        )
    if rule.written_form:
        yield _("取り消しの届け"), _("取り消しの届け（書面）を、あとで出してください")


def _online(rule: CancelRule) -> str:
    limit = _limit(rule.online_until, rule.online_until_minutes_before)
    if limit:
        said = _("%(limit)sまでできます。そのあとは、電話などで知らせてください") % {"limit": limit}
        more = first_day_words(rule.online_until) if rule.online_until else ""
        return listed([said, more], "。") if more else said
    if rule.late_online:
        return ""
    return _("無料の期限のあとは、電話などで知らせてください")


def _deadline(deadline: Deadline) -> str:
    """The end of the day of use is past the stay, whose beginning is the last moment."""
    is_past = deadline.days == 0 and deadline.at in {"24:00", "23:59"}
    return _("予約の始まり") if is_past else deadline_words(deadline)


def _limit(deadline: Deadline | None, minutes: int | None) -> str:
    parts = []
    if deadline is not None:
        parts.append(_deadline(deadline))
    if minutes is not None:
        parts.append(_("予約の始まりの%(length)s前") % {"length": jduration(minutes)})
    if len(parts) > 1:
        return _("%(limits)sの早いほう") % {"limits": _("と").join(parts)}
    # Not joined: the readings of a text are lost in a plain one.
    return parts[0] if parts else ""

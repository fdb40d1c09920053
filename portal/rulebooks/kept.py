"""Rules that a document can say and booking does not keep by itself yet: staff keep them. Pure.

Everything else is kept wherever a stay is asked for. Whoever publishes is told of these, so that
nobody trusts a rule that nothing watches over.
"""

from __future__ import annotations

from collections.abc import Iterator

from portal.documents.i18n import gettext as _
from portal.policies.allocation import ALLOCATION_WORDS, AllocationMethod
from portal.policies.blocks import minutes_of
from portal.policies.cancel import Shortening
from portal.policies.capacity import CountedPer
from portal.policies.channels import Action, ChannelName
from portal.policies.document import RulesDocument
from portal.policies.fee_items import ItemPer
from portal.policies.payment import EarlyPickup
from portal.rulebooks.caution import Caution
from portal.rulebooks.reading.mistakes import Path

#: Minutes; pages offer half hours to choose from.
_CELL = 30


def not_kept(document: RulesDocument) -> list[Caution]:
    """Return each rule of a document that people must keep themselves."""
    found: list[Caution] = []
    method = document.allocation.method
    if method is not AllocationMethod.FIRST_COME:
        said = _(
            "決め方：「%(method)s」は、職員がします。ご家庭はウェブで予約できず、"
            "電話や窓口で申し込みます。決まったら、職員が予約を入れてください。"
        )
        found.append(Caution(("allocation", "method"), said % {"method": ALLOCATION_WORDS[method]}))
    window = document.booking_window
    if window is not None and any(
        phase.allocation not in {None, AllocationMethod.FIRST_COME} for phase in window.phases
    ):
        found.append(
            Caution(
                ("booking_window", "phases"),
                _(
                    "受付の回ごとの決め方：職員がします。その回のあいだ、ご家庭はウェブで予約できません。"
                ),
            )
        )
    if takes_the_web_alone(document):
        found.append(
            Caution(
                ("channels",) if document.channels else ("booking_window", "phases"),
                _(
                    "申し込みの方法：職員が決める回に受けるのが、インターネットだけです。"
                    "ご家庭はウェブで予約できないので、だれも申し込めません。"
                    "電話（phone）か窓口（counter）を足してください。"
                ),
                nobody=True,
            )
        )
    if window is not None and window.late_release:
        found.append(
            Caution(
                ("booking_window", "late_release"),
                _(
                    "あとから受ける予約：まだ自動では分けません。職員が、あとから人数を増やしてください。"
                ),
            )
        )
    if document.waitlist is not None:
        said = _("キャンセル待ち：まだ自動では知らせません。職員が順に知らせてください。")
        found.append(Caution(("waitlist",), said))
    if document.regular is not None:
        said = _("定期の利用：まだ自動では予約されません。職員が1日ずつ入れてください。")
        found.append(Caution(("regular",), said))
    return [*found, *_of_money(document), *_of_shape(document)]


def takes_the_web_alone(document: RulesDocument) -> bool:
    """Whether people decide in a round that is applied for by no other way than the web."""
    rule, usual = document.channels, document.allocation.method
    offered = frozenset(rule.offered(Action.BOOK)) if rule else frozenset()
    window = document.booking_window
    rounds = [
        (phase.allocation or usual, frozenset(phase.channels) or offered)
        for phase in (window.phases if window else ())
    ]
    return any(
        method is not AllocationMethod.FIRST_COME and ways == {ChannelName.WEB}
        for method, ways in rounds or [(usual, offered)]
    )


def _of_money(document: RulesDocument) -> Iterator[Caution]:
    """Yield what is known only once a stay is over, or lies beside it: nobody bills it yet."""
    fee, cancel, payment = document.fee, document.cancel, document.payment
    pers = {item.per for item in fee.items} if fee else set()
    if fee is not None and fee.overrun is not None:
        yield Caution(
            ("fee", "overrun"),
            _("お迎えがおくれた分の料金：まだ自動では加えません。職員が計算してください。"),
        )
    if ItemPer.COUNT in pers:
        yield Caution(
            _item(document, ItemPer.COUNT),
            _(
                "使った数で決まる実費：予約のときに入れた数で計算します。"
                "使った数がちがうときは、職員が計算してください。"
            ),
        )
    if ItemPer.REGISTRATION in pers:
        yield Caution(
            _item(document, ItemPer.REGISTRATION),
            _("登録のときの実費：まだ自動では請求しません。職員が受け取ってください。"),
        )
    if payment is not None and payment.on_early_pickup is EarlyPickup.RECALCULATED:
        yield Caution(
            ("payment", "on_early_pickup"),
            _("早いお迎えの料金：まだ自動では計算し直しません。職員が計算してください。"),
        )
    if cancel is not None and cancel.shortening is not Shortening.FREE:
        yield Caution(
            ("cancel", "shortening"),
            _("時間を短くするときの料金：まだ自動ではかかりません。職員が計算してください。"),
        )
    if cancel is not None and cancel.ends_run:
        yield Caution(
            ("cancel", "ends_run"),
            _("続けて予約した日：まだ自動では取り消しません。職員が取り消してください。"),
        )


def _item(document: RulesDocument, per: ItemPer) -> Path:
    """The place of the first item that is paid so."""
    items = document.fee.items if document.fee else ()
    return ("fee", "items", next(n for n, item in enumerate(items) if item.per is per))


def _of_shape(document: RulesDocument) -> Iterator[Caution]:
    """Yield what places and pages do not know: children of a day, times off the half hour."""
    if document.capacity is not None and document.capacity.per is CountedPer.DAY:
        yield Caution(
            ("capacity", "per"),
            _(
                "1日の人数：予約枠は、同じ時間にいる人数で数えます。1日の人数は、職員が見てください。"
            ),
        )
    units = document.units
    if units is None:
        return
    times = (*units.starts, *units.ends, *(t for b in units.blocks for t in (b.starts, b.ends)))
    if any(minutes_of(at) % _CELL for at in times):
        yield Caution(
            ("units",),
            _(
                "30分きざみでない時刻：画面ではえらべません。電話などで受けて、職員が入れてください。"
            ),
        )

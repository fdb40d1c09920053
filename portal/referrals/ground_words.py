"""Words for the grounds of law on which something goes out without consent; staff read them."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.referrals.rules import LegalGround


def ground_label(ground: LegalGround) -> str:
    """Return the ground of law on which something was passed on without consent."""
    return {
        LegalGround.LIFE_OR_BODY: _(
            "命や体を守るために必要で、同意を得ることがむずかしい（個人情報保護法27条1項2号）"
        ),
        LegalGround.HEALTHY_UPBRINGING: _(
            "子どもがすこやかに育つために特に必要で、"
            "同意を得ることがむずかしい（個人情報保護法27条1項3号）"
        ),
        LegalGround.CHILD_PROTECTION: _(
            "子どもを守るための通告・情報の提供（児童虐待防止法6条・13条の4、児童福祉法25条）"
        ),
        LegalGround.PUBLIC_BODY: _(
            "市区町村などの仕事に必要で、伝えることに相当の理由がある（個人情報保護法69条2項）"
        ),
    }[ground]

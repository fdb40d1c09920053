"""Words for what was passed on, for families and for those who pass it on."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.referrals.rules import Item, ProvisionKind


def item_label(item: str) -> str:
    """Return what is passed on, as it is said to the family."""
    words: dict[str, str] = {
        Item.NAME_AND_PHONE: _("お名前と電話番号"),
        Item.ADDRESS: _("住所"),
        Item.CHILDREN: _("お子さんの名前と年齢、出産予定日"),
        Item.FATIGUE: _("疲れていること"),
        Item.LONELINESS: _("頼れる人が近くにいないこと"),
        Item.WISHES: _("希望していること"),
        Item.HEALTH: _("保護者の体のこと"),
        Item.SUPPORT_NEEDS: _("手伝いが必要なこと"),
        Item.NO_SHOW: _("予約の日に来られなかったこと"),
        Item.NURSERY_NOTES: _("園で気がついたこと"),
    }
    return words.get(item, _("そのほか"))


def provision_label(kind: str) -> str:
    """Return by what something was passed on."""
    words: dict[str, str] = {
        ProvisionKind.REFERRAL: _("園や相談先への紹介"),
        ProvisionKind.REFERRAL_ON_PAPER: _("園や相談先への紹介（紙・FAX）"),
        ProvisionKind.NO_SHOW_REPORT: _("予約の日に来られなかったことの連絡"),
        ProvisionKind.WORRY_REPORT: _("心配なことがあるときの連絡"),
    }
    return words[kind]

"""What families and staff read for codes of contacts."""

from __future__ import annotations

from portal.consents.rules import ContactTime
from portal.consents.sharing import time_label
from portal.contacts.rules import ContactChannel
from portal.documents.i18n import gettext as _


def channel_words(channel: ContactChannel) -> str:
    """Return by which way."""
    return {
        ContactChannel.PHONE: _("電話"),
        ContactChannel.MAIL: _("メール"),
        ContactChannel.LETTER: _("手紙"),
        ContactChannel.FAX: _("FAX"),
        ContactChannel.VISIT: _("家への訪問"),
        ContactChannel.PORTAL: _("このポータル"),
    }[channel]


def time_words(time: ContactTime) -> str:
    """Return when a call suits."""
    return time_label(time)


def about_words(about: str) -> str:
    """Return what a contact was about, as the family reads it; by code or by kind of mail."""
    words = {
        "tour": _("見学のご案内"),
        "procedure": _("手続きのご案内"),
        "reminder": _("お知らせ"),
        "first_stay": _("はじめてのあずかりのご案内"),
        "visits/missed": _("見学のほかの日のご案内"),
        "preregistration/renew": _("事前登録を続けるかどうか"),
        "drafts/ending": _("書きかけの申し込み"),
        "no_show": _("来られなかった日のこと"),
    }
    return words.get(about.removeprefix("outreach/"), words.get(about, _("連絡")))

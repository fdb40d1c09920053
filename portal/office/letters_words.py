"""What a letter is called before it is written: by the kind of its mail."""

from __future__ import annotations

from portal.documents.i18n import gettext as _

_KINDS: dict[str, str] = {
    "bookings/placed": _("予約の確認"),
    "bookings/changed": _("予約の変更"),
    "bookings/cancelled": _("予約の取り消し"),
    "preregistration/received": _("事前登録の受付"),
    "preregistration/asked_back": _("事前登録についての質問"),
    "preregistration/accepted": _("事前登録の承諾"),
    "preregistration/declined": _("事前登録のお断り"),
    "trials/outcome": _("ならし預かりのあとのお知らせ"),
    "preregistration/waiting": _("事前登録の空き待ち"),
    "preregistration/withdrawn": _("事前登録の取り下げ"),
    "preregistration/word": _("事前登録についてのことば"),
    "preregistration/renew": _("事前登録の更新の案内"),
    "preregistration/extended": _("事前登録の更新"),
    "visits/booked": _("見学・面談の予約の確認"),
    "visits/moved": _("見学・面談の日の変更"),
    "visits/cancelled": _("見学・面談の取り消し"),
    "visits/changed_by_facility": _("見学・面談の日時の変更（園から）"),
    "visits/cancelled_by_facility": _("見学・面談の中止（園から）"),
    "visits/missed": _("見学・面談のほかの日の案内"),
    "attendance/word_taken": _("お休み・おくれる連絡の受付"),
    "notices/sent": _("園からのお知らせ"),
    "datarequests/asked": _("データについての求めの受付"),
    "datarequests/answered": _("データについての返事"),
}


def kind_words(kind: str) -> str:
    """Return what the mail of this kind is about; a kind of a new feature is a notice."""
    return _KINDS.get(kind, _("お知らせ"))

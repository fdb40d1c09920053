"""Why a pre-registration does not go on, as a parent reads it."""

from __future__ import annotations

from portal.documents.wording.entries import HelpLink, Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "PreregistrationRefusal.not_possible_now": (
        "この申し込みは、もう先に進んでいます。ページを開きなおして、今のようすを見てください"
    ),
    "PreregistrationRefusal.renewal_not_open": (
        "続ける手続きは、{from_on:jdate}から受け付けます",
        "続ける手続きは、まだ受け付けていません",
    ),
    "PreregistrationRefusal.record_to_confirm_again": (
        "{child}の体のことを、{since_on:jdate}より後にまだ確かめていません",
        "{child}の体のことを、まだ確かめていません",
    ),
    "PreregistrationRefusal.no_child_chosen": "申し込むお子さんをえらんでください",
    "PreregistrationRefusal.not_born_yet": (
        "{child}は、まだ生まれていません。受け入れるかどうかは、生まれてから決められます"
    ),
    "PreregistrationRefusal.record_not_confirmed": "{child}の体のことを、まだ確かめていません",
    "PreregistrationRefusal.already_applied": "{child}は、この園にもう申し込んでいます",
    "PreregistrationRefusal.facility_takes_none": (
        "この園は、インターネットで申し込みを受けていません"
    ),
    "PreregistrationRefusal.text_missing": "相手に伝えることを書いてください",
    "PreregistrationRefusal.received_in_future": "受け付けた日時が、いまより後です",
}

HELPS: Helps = {
    "PreregistrationRefusal.not_born_yet": HelpTemplate(
        "生まれたら、お子さんのページで生年月日を入れてください。", HelpLink.CHILDREN
    ),
    "PreregistrationRefusal.record_not_confirmed": HelpTemplate(
        "お子さんのページで、体のことを書くか、書いてあることを確かめてください。3分ほどで終わります。",
        HelpLink.CHILD_RECORD,
    ),
    "PreregistrationRefusal.record_to_confirm_again": HelpTemplate(
        "お子さんのページで、書いてあることを確かめて保存してください。1分ほどで終わります。",
        HelpLink.CHILD_RECORD,
    ),
    "PreregistrationRefusal.already_applied": HelpTemplate(
        "事前登録のページで、今のようすを見られます。", HelpLink.PREREGISTRATION
    ),
    "PreregistrationRefusal.facility_takes_none": HelpTemplate(
        "園に電話してください。", HelpLink.PHONE
    ),
}

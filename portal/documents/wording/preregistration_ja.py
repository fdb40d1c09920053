"""Why a pre-registration does not go on, as a parent reads it."""

from __future__ import annotations

from portal.documents.wording.entries import HelpLink, Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "PreregistrationRefusal.not_possible_now": (
        "この申し込みは、もう先に進んでいます。ページを開きなおして、今のようすを見てください"
    ),
    "PreregistrationRefusal.decided_meanwhile": (
        "{name}さんが {at:jdatetime} に、先に返事をしました（{done}）。いまのようすを見てください",
        "先に進んでいます（{done}）。いまのようすを見てください",
        "先に進んでいます。いまのようすを見てください",
    ),
    "PreregistrationRefusal.registrations_taken": (
        "登録できる人数（{limit}人）まで、いっぱいです。いま空いているのは{free}人分です",
        "登録できる人数まで、いっぱいです",
    ),
    "PreregistrationRefusal.others_wait_longer": (
        "先に受け付けて、空きを待っているお子さんが{count}人います",
        "先に受け付けて、空きを待っているお子さんがいます",
    ),
    "PreregistrationRefusal.no_limit_to_wait_for": "登録できる人数に、上限がありません",
    "PreregistrationRefusal.renewal_not_open": (
        "続ける手続きは、{from_on:jdate}から受け付けます",
        "続ける手続きは、まだ受け付けていません",
    ),
    "PreregistrationRefusal.record_to_confirm_again": (
        "{child}の体のことを、{since_on:jdate}より後にまだ確かめていません",
        "{child}の体のことを、まだ確かめていません",
    ),
    "PreregistrationRefusal.no_child_chosen": "申し込むお子さんをえらんでください",
    "PreregistrationRefusal.not_born_yet": "{child}は、生まれてから申し込めます",
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
    "PreregistrationRefusal.decided_meanwhile": HelpTemplate(
        "下に、いまのようすが出ています。書いたことは、らんに残っています。"
    ),
    "PreregistrationRefusal.registrations_taken": HelpTemplate(
        "「空きを待つ人にする」を押すと、受け付けた順に並びます。空きが出たら、順に承諾します。"
    ),
    "PreregistrationRefusal.others_wait_longer": HelpTemplate(
        "「空きを待つ人にする」を押すと、受け付けた順に並びます。"
    ),
    "PreregistrationRefusal.no_limit_to_wait_for": HelpTemplate("そのまま承諾できます。"),
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

"""Why an application is not decided so, as staff read it."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
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
    "PreregistrationRefusal.step_first": (
        "{child}は、承諾の前の「{step:step_name}」が、まだです",
        "{child}は、承諾の前にすることが、まだあります",
    ),
    "PreregistrationRefusal.no_limit_to_wait_for": "登録できる人数に、上限がありません",
}

HELPS: Helps = {
    "PreregistrationRefusal.decided_meanwhile": HelpTemplate(
        "下に、いまのようすが出ています。書いたことは、らんに残っています。"
    ),
    "PreregistrationRefusal.registrations_taken": HelpTemplate(
        "「空きを待つ人にする」を押すと、受け付けた順に並びます。空きが出たら、順に承諾します。"
    ),
    "PreregistrationRefusal.others_wait_longer": HelpTemplate(
        "「空きを待つ人にする」を押すと、受け付けた順に並びます。"
    ),
    "PreregistrationRefusal.step_first": HelpTemplate(
        "「すんだこと・お願いを入れる」で、すんだことにするか、省くことができます。"
    ),
    "PreregistrationRefusal.no_limit_to_wait_for": HelpTemplate("そのまま承諾できます。"),
}

"""Why something about an expected child is not taken, as a parent reads it."""

from __future__ import annotations

from portal.documents.wording.entries import HelpLink, Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "ExpectedRefusal.told_already": "お子さんが生まれたことは、もう登録されています",
    "ExpectedRefusal.far_from_due": (
        "生年月日が、出産の予定日（{due_on:jdate}）とかけはなれています。年と月をたしかめてください"
    ),
    "ExpectedRefusal.days_apart": (
        "いっしょに生まれたお子さんの生年月日が、はなれています。日をたしかめてください"
    ),
    "ExpectedRefusal.too_many": (
        "一度に入れられるのは、{most}人までです。多いときは、園か窓口に電話してください"
    ),
    "ExpectedRefusal.same_name": (
        "同じお名前が2人います。ひとりずつ、べつのお名前を入れてください"
    ),
    "ExpectedRefusal.expected_already": (
        "これから生まれるお子さん（予定日 {due_on:jdate}）の登録が、もうあります。"
        "ふたごのときは、生まれたときに2人めを入れます。"
        "べつのお子さんのときは「べつのお子さんです」をえらんでください"
    ),
    "ExpectedRefusal.not_expected": "このお子さんは、もう生まれた登録になっています",
    "ExpectedRefusal.too_late_to_undo": (
        "もどせるのは、{days}日のあいだです。直したいことがあるときは、園か窓口に電話してください"
    ),
    "ExpectedRefusal.stays_booked": (
        "このお子さんの予約か利用の記録があるので、生まれる前にはもどせません"
    ),
}

HELPS: Helps = {
    "ExpectedRefusal.told_already": HelpTemplate(
        "お名前や生年月日は、お子さんのページで直せます。", HelpLink.CHILDREN
    ),
    "ExpectedRefusal.stays_booked": HelpTemplate(
        "生年月日のまちがいは、お子さんのページで直せます。これからの予約は、取り消せます。",
        HelpLink.CHILDREN,
    ),
}

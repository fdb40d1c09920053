"""Why a contact waits, a plan is not made or a call not recorded; staff read it."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "ContactRefusal.too_soon": (
        "いまは連絡しません。{from:jdatetime}から連絡できます",
        "いまは連絡しません。連絡の間をあけます",
    ),
    "ContactRefusal.stopped": "ご家庭が、こちらからの連絡を止めています",
    "ContactRefusal.channel_not_wished": "ご家庭は、この方法の連絡を希望していません",
    "ContactRefusal.no_consent": "連絡することへの同意が、いまはありません",
    "ContactRefusal.in_future": "まだ来ていない日時です",
    "ContactRefusal.recorded_meanwhile": "ほかの職員が、先に結果を書きました",
    "ContactRefusal.unusable_setting": (
        "夜の連絡しない時間は、始まりを夕方、終わりを朝にしてください"
    ),
    "OutreachRefusal.plan_exists": "この紹介には、もう連絡の予定があります",
    "OutreachRefusal.plan_over": "この連絡の予定は、もう終わっています",
    "OutreachRefusal.referral_over": "この紹介は、もう連絡するところではありません",
    "OutreachRefusal.recorded_meanwhile": (
        "{name}さんが、先に {at:jdatetime} に電話をかけています",
        "ほかの職員が、先に {at:jdatetime} に電話をかけています",
        "ほかの職員が、先に電話をかけています",
    ),
    "OutreachRefusal.result_written": (
        "{name}さんがかけた電話（{at:jdatetime}）の結果は、先に書かれています",
        "この電話（{at:jdatetime}）の結果は、先に書かれています",
        "この電話の結果は、先に書かれています",
    ),
    "OutreachRefusal.next_day_past": "次に連絡する日は、今日かあとの日にしてください",
    "OutreachRefusal.next_day_far": "次に連絡する日は、半年より先にはできません",
    "OutreachRefusal.no_mail": "このご家庭には、メールがとどきません",
}

HELPS: Helps = {
    "ContactRefusal.too_soon": HelpTemplate(
        "ほかの園や自動のメールも合わせて、ご家庭への連絡の回数を数えています。"
        "ご家庭からの問い合わせに答えることと、安全のための電話は、いつでもできます。"
    ),
    "ContactRefusal.stopped": HelpTemplate(
        "ご家庭からの問い合わせに答えることと、安全のための電話は、いつでもできます。"
    ),
    "ContactRefusal.channel_not_wished": HelpTemplate("ほかの方法をえらんでください。"),
    "ContactRefusal.no_consent": HelpTemplate("紹介元に聞いてください。"),
    "OutreachRefusal.no_mail": HelpTemplate("電話か手紙で連絡してください。"),
    "OutreachRefusal.result_written": HelpTemplate(
        "下の結果とちがうときは、電話した職員と話してください。"
    ),
    "OutreachRefusal.recorded_meanwhile": HelpTemplate(
        "同じご家庭に、続けて電話しないでください。結果は、下の記録にあります。"
    ),
}

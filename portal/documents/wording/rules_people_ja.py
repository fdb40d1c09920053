"""Why a child or a family cannot come with a wish, and what is said beside a yes.

A sentence stands as an item of a list, so without 「。」; what would help is a sentence of its own.
"""

from __future__ import annotations

from portal.documents.wording.entries import HelpLink, Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "BookingRefusal.gate_not_met": (
        "{child}は、「{gate_so}」が「はい」とのことでした",
        "{child}は、「{gate}」に当てはまらないとのことでした",
        "{child}のようすでは、まだお預かりできません",
    ),
    "BookingRefusal.gate_unanswered": (
        "{child}の「{gate}」について、返事がまだです",
        "{child}のようすについて、返事がまだです",
    ),
    "BookingRefusal.gate_outdated": (
        "{child}の「{gate}」の返事が、古くなりました",
        "{child}のようすの返事が、古くなりました",
    ),
    "BookingRefusal.gate_unconfirmed": (
        "{child}の「{gate}」を、園がまだ確かめていません",
        "{child}のようすを、園がまだ確かめていません",
    ),
    "BookingRefusal.not_resident": (
        "利用できるのは、{places:choices}に住んでいる方です",
        "お住まいの地域からは、利用できません",
    ),
    "BookingRefusal.statement_missing": (
        "「{paper}」が、まだ出ていません",
        "必要な書類が、まだ出ていません",
    ),
    "BookingRefusal.enrolled_elsewhere": "{child}がいま通っている園との両方は、利用できません",
    "BookingRefusal.own_place_open": "{child}が通っている園が休みの日に、利用できます",
    "BookingRefusal.purpose_missing": "利用の理由をえらんでください",
    "BookingRefusal.purpose_not_offered": (
        "利用できる理由は、{purposes:choices}です",
        "この理由では、利用できません",
    ),
    "BookingRefusal.reason_missing": "利用の理由を、くわしくえらんでください",
    "BookingRefusal.reason_not_offered": "この理由は、ここでは受けていません",
    "BookingRefusal.reason_of_other_purpose": (
        "この理由は「{purpose}」の利用に当たります",
        "この理由は、ほかの利用区分に当たります",
    ),
    "BookingRefusal.proof_missing": (
        "「{paper}」が、まだ出ていません",
        "理由がわかる書類が、まだ出ていません",
    ),
    "BookingRefusal.proof_ended": (
        "「{paper}」が使えるのは、{last_on:jdate}までです",
        "理由がわかる書類の期限が、切れています",
    ),
    "BookingRefusal.first_use_other_purpose": (
        "{child}のはじめての利用は、「{purpose}」からです",
        "{child}のはじめての利用は、ほかの利用区分からです",
    ),
    "BookingRefusal.channel_not_offered": (
        "予約を受けているのは、{channels:choices}です",
        "この方法では、予約を受けていません",
    ),
    "BookingRefusal.desk_closed": (
        "受付の時間は、{hours:choices}です",
        "受付の時間ではありません",
    ),
    "BookingRefusal.stopped_by_facility": (
        "{until_on:jdate}まで、預かりを止めています",
        "いま、預かりを止めています",
    ),
    "BookingNote.ask_about_gate": (
        "「{gate}」について、園がお話を聞いてからお返事します",
        "お子さんのようすについて、園がお話を聞いてからお返事します",
    ),
    "BookingNote.gate_at_arrival": (
        "当日の朝に「{gate}」を確かめます",
        "当日の朝に、お子さんのようすを確かめます",
    ),
    "BookingNote.residence_unknown": "住んでいる市区町村を、園が確かめます",
    "BookingNote.enrolment_unknown": "ほかの園に通っているかどうかを、園が確かめます",
    "BookingNote.proof_may_be_asked": (
        "「{paper}」を見せていただくことがあります",
        "理由がわかる書類を、見せていただくことがあります",
    ),
    "BookingNote.proof_to_bring": (
        "当日に「{paper}」を持ってきてください",
        "当日に、理由がわかる書類を持ってきてください",
    ),
    "BookingNote.awaits_facility": (
        "園が{answer_days}日以内（休みの日を除く）に返事をします",
        "園の返事を待って、予約が決まります",
    ),
    "BookingNote.awaits_city": "市区町村の返事を待って、予約が決まります",
    "BookingNote.awaits_papers": (
        "仮の予約です。「{paper}」が{days}日以内に届くと決まります",
        "仮の予約です。「{paper}」が{hours}時間以内に届くと決まります",
        "仮の予約です。書類が届くと決まります",
    ),
    "BookingNote.awaits_draw": "まだ予約ではなく、申し込みです。締め切りのあとに決まります",
}

_BY_PHONE = HelpTemplate("園に電話で相談できます。", HelpLink.PHONE)
_OTHER_PURPOSE = HelpTemplate("ほかの理由をえらぶと予約できます。", HelpLink.CHANGE_PURPOSE)
_PAPER_LATER = HelpTemplate(
    "書類を出すと予約できます。出し方は、園に電話で聞けます。", HelpLink.PHONE
)

HELPS: Helps = {
    "BookingRefusal.gate_not_met": HelpTemplate(
        "ようすが変わったときは、園に電話で知らせてください。", HelpLink.PHONE
    ),
    "BookingRefusal.gate_unanswered": HelpTemplate(
        "「住まいとお子さんのこと」で答えると、予約できます。", HelpLink.HOME_FACTS
    ),
    "BookingRefusal.gate_outdated": HelpTemplate(
        "「住まいとお子さんのこと」でもう一度答えると、予約できます。", HelpLink.HOME_FACTS
    ),
    "BookingRefusal.gate_unconfirmed": HelpTemplate(
        "園の確認がすむと予約できます。急ぎのときは、園に電話してください。", HelpLink.PHONE
    ),
    "BookingRefusal.not_resident": HelpTemplate(
        "お住まいの地域で利用できる園を、さがせます。", HelpLink.OTHER_FACILITIES
    ),
    "BookingRefusal.statement_missing": _PAPER_LATER,
    "BookingRefusal.enrolled_elsewhere": _BY_PHONE,
    "BookingRefusal.own_place_open": HelpTemplate(
        "通っている園が休みの日をえらぶと予約できます。", HelpLink.OTHER_DAYS
    ),
    "BookingRefusal.purpose_missing": HelpTemplate(
        "理由をえらぶと予約できます。", HelpLink.CHANGE_PURPOSE
    ),
    "BookingRefusal.purpose_not_offered": _OTHER_PURPOSE,
    "BookingRefusal.reason_missing": HelpTemplate(
        "理由をえらぶと予約できます。", HelpLink.CHANGE_PURPOSE
    ),
    "BookingRefusal.reason_not_offered": _OTHER_PURPOSE,
    "BookingRefusal.reason_of_other_purpose": HelpTemplate(
        ("「{purpose}」をえらぶと予約できます。", "利用区分をえらびなおすと予約できます。"),
        HelpLink.CHANGE_PURPOSE,
    ),
    "BookingRefusal.proof_missing": _PAPER_LATER,
    "BookingRefusal.proof_ended": HelpTemplate(
        "新しい書類を出すと予約できます。出し方は、園に電話で聞けます。", HelpLink.PHONE
    ),
    "BookingRefusal.first_use_other_purpose": HelpTemplate(
        ("「{purpose}」をえらぶと予約できます。", "利用区分をえらびなおすと予約できます。"),
        HelpLink.CHANGE_PURPOSE,
    ),
    "BookingRefusal.channel_not_offered": HelpTemplate(
        ("{channels:choices}で申し込めます。", "ほかの方法で申し込めます。"), HelpLink.PHONE
    ),
    "BookingRefusal.desk_closed": HelpTemplate(
        "受付の時間に、申し込めます。園が休みの日は、受け付けないことがあります。",
        HelpLink.PHONE,
    ),
    "BookingRefusal.stopped_by_facility": HelpTemplate(
        ("{until_on:jdate}より後の日は、予約できます。", "園に電話で相談できます。"),
        HelpLink.OTHER_DAYS,
    ),
}

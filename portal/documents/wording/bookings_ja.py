"""Why a stay cannot be booked, changed or cancelled, as a parent reads it.

A sentence stands as an item of a list, so without 「。」; what would help is a sentence of its own.
"""

from __future__ import annotations

from portal.documents.wording.entries import HelpLink, Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "BookingRefusal.not_open_day": (
        "{on:jdate}は、預かりをしていない日です",
        "この日は、預かりをしていません",
    ),
    "BookingRefusal.not_yet_open": (
        "{on:jdate}の予約は、{opens_at:jdatetime} に始まります",
        "この日の予約は、まだ始まっていません",
    ),
    "BookingRefusal.closed_for_booking": (
        "{on:jdate}の予約は、{closed_at:jlimit} に終わりました",
        "この日の予約は、もう終わりました",
    ),
    "BookingRefusal.notice_too_short": (
        "この時間の予約は、{latest_at:jlimit} まででした",
        "予約は、預かりの{minutes:jduration}前までです",
        "この時間の予約は、もう終わりました",
    ),
    "BookingRefusal.already_started": (
        "{starts_at:jdatetime} は、もう過ぎています",
        "えらんだ時間は、もう過ぎています",
    ),
    "BookingRefusal.off_grid": (
        "始まりと終わりは、{grid_minutes:jduration}きざみでえらびます",
        "始まりと終わりは、一覧の時刻からえらびます",
    ),
    "BookingRefusal.too_short": (
        "1回の預かりは、{min_minutes:jduration}からです",
        "えらんだ時間は、短すぎます",
    ),
    "BookingRefusal.too_long": (
        "1回の預かりは、{max_minutes:jduration}までです",
        "えらんだ時間は、長すぎます",
    ),
    "BookingRefusal.start_not_offered": (
        "預かりの始まりは、{starts:choices} からえらびます",
        "この時刻に始まる預かりは、ありません",
    ),
    "BookingRefusal.not_a_block": (
        "時間は、{blocks:choices} からえらびます",
        "時間は、決まった組からえらびます",
    ),
    "BookingRefusal.too_young": (
        "{child}が利用できるのは、{from_on:jdate}からです",
        "{child}は、まだ利用できる年齢ではありません",
    ),
    "BookingRefusal.too_old": (
        "{child}が利用できる最後の日は、{last_on:jdate}です",
        "{child}は、利用できる年齢をこえています",
    ),
    "BookingRefusal.not_registered": "{child}の事前登録が、まだです",
    "BookingRefusal.registration_not_yet_valid": (
        "{child}の事前登録は、{from_on:jdate}から使えます",
        "{child}の事前登録は、この日にはまだ使えません",
    ),
    "BookingRefusal.registration_ended": (
        "{child}の事前登録は、{last_on:jdate}までです",
        "{child}の事前登録は、期間が終わっています",
    ),
    "BookingRefusal.registration_too_recent": (
        "{child}は、登録してまもないため、利用できるのは{from_on:jdate}からです",
        "{child}は、登録してまもないため、この日はまだ利用できません",
    ),
    "BookingRefusal.family_has_not_agreed": (
        "{child}の登録について、園の説明を読んだという返事が、まだです"
    ),
    "BookingRefusal.facility_has_not_agreed": (
        "{child}の登録について、園がお子さんのことを確かめているところです"
    ),
    "BookingRefusal.record_to_confirm": (
        "この園は、{child}の体のことに変わりがないかをたしかめてから、予約を受けます"
    ),
    "BookingRefusal.no_application": "{child}の申し込みが、まだです",
    "BookingRefusal.step_missing": (
        "{child}は、利用の前の「{step:step_name}」が、まだです",
        "{child}は、利用の前にすることが、まだあります",
    ),
    "BookingRefusal.trial_not_offered": "{child}がいま予約できる、ならし預かりはありません",
    "BookingRefusal.trial_over": "{child}のならし預かりは、もうすんでいます",
    "BookingRefusal.trial_ahead": "{child}の前のならし預かりが、まだ終わっていません",
    "BookingRefusal.trial_paused": "{child}のならし預かりは、いま間をおいています",
    "BookingRefusal.trial_other_part": (
        "{child}のならし預かりは、次が{next_part}回目です",
        "{child}のならし預かりは、ほかの回が先です",
    ),
    "BookingRefusal.trial_too_long": (
        "ならし預かりの{part}回目は、{max_minutes:jduration}までです",
        "ならし預かりには、長すぎる時間です",
    ),
    "BookingRefusal.trial_ends_too_late": (
        "ならし預かりの{part}回目は、{ends_at:jtime}までに終わります",
        "ならし預かりには、終わりがおそすぎます",
    ),
    "BookingRefusal.full": (
        "{pool}に、{from_at:jtime} から{count}人分の空きがありません",
        "{pool}が {from_at:jtime} から満員です",
        "{from_at:jtime} からの時間が満員です",
        "えらんだ時間は満員です",
    ),
    "BookingRefusal.outside_hours": (
        "{on:jdate}の預かりは、{hours:spans} です",
        "{on:jdate}は、この時間に預かりをしていません",
        "この時間には、預かりをしていません",
    ),
    "BookingRefusal.closed_to_new": (
        "{from_at:jdatetime} からの時間は、新しい予約を止めています",
        "この時間は、新しい予約を止めています",
    ),
    "BookingRefusal.child_booked_elsewhere": "{child}には、同じ時間にほかの予約があります",
    "BookingRefusal.decided_by_people": (
        "予約は、{how:choices}",
        "この予約は、園が確かめてから決まります",
    ),
    "BookingRefusal.already_cancelled": "この予約は、もう取り消してあります",
    "BookingRefusal.cancel_by_phone_only": (
        "画面からの取り消しは、{until_at:jlimit} まででした",
        "画面からの取り消しは、もう終わりました",
    ),
    "BookingRefusal.stay_has_started": (
        "この預かりは、{starts_at:jdatetime} に始まっています",
        "この預かりは、もう始まっています",
    ),
}

_OTHER_TIME = HelpTemplate("ほかの時間をえらぶと予約できます。", HelpLink.OTHER_TIMES)

HELPS: Helps = {
    "BookingRefusal.not_open_day": HelpTemplate(
        (
            "いちばん近い預かりの日は {next_open_on:jdate}です。",
            "カレンダーで、ほかの日をえらべます。",
        ),
        HelpLink.OTHER_DAYS,
    ),
    "BookingRefusal.not_yet_open": HelpTemplate(
        (
            "この日の受付は、{opens_at:jdatetime} からです。いま予約できる日もあります。",
            "カレンダーで、いま予約できる日をえらべます。",
        ),
        HelpLink.OTHER_DAYS,
    ),
    "BookingRefusal.closed_for_booking": HelpTemplate(
        "急ぎのときは、園に電話で相談できます。", HelpLink.PHONE
    ),
    "BookingRefusal.notice_too_short": HelpTemplate(
        "もっと先の日をえらぶと予約できます。急ぎのときは、園に電話で相談できます。",
        HelpLink.OTHER_DAYS,
    ),
    "BookingRefusal.already_started": HelpTemplate(
        "これからの時間をえらぶと予約できます。", HelpLink.OTHER_TIMES
    ),
    "BookingRefusal.off_grid": _OTHER_TIME,
    "BookingRefusal.too_short": HelpTemplate(
        "終わりをおそくすると予約できます。", HelpLink.OTHER_TIMES
    ),
    "BookingRefusal.too_long": HelpTemplate(
        "終わりを早くすると予約できます。", HelpLink.OTHER_TIMES
    ),
    "BookingRefusal.start_not_offered": _OTHER_TIME,
    "BookingRefusal.not_a_block": _OTHER_TIME,
    "BookingRefusal.too_young": HelpTemplate(
        (
            "お子さんの年齢で使えるのは、{from_on:jdate}からです。見学や相談は、いまもできます。",
            "見学や相談は、いまもできます。園に電話してください。",
        ),
        HelpLink.OTHER_DAYS,
    ),
    "BookingRefusal.too_old": HelpTemplate(
        "お子さんの年齢で利用できる園を、さがせます。", HelpLink.OTHER_FACILITIES
    ),
    "BookingRefusal.not_registered": HelpTemplate(
        "事前登録をすると予約できます。園が確認して、メールでお知らせします。",
        HelpLink.PREREGISTRATION,
    ),
    "BookingRefusal.registration_not_yet_valid": HelpTemplate(
        (
            "この登録で使えるのは、{from_on:jdate}からです。",
            "もっと先の日をえらぶと予約できます。",
        ),
        HelpLink.OTHER_DAYS,
    ),
    "BookingRefusal.registration_ended": HelpTemplate(
        "登録を更新すると、つづけて予約できます。", HelpLink.PREREGISTRATION
    ),
    "BookingRefusal.registration_too_recent": HelpTemplate(
        (
            "この登録で使えるのは、{from_on:jdate}からです。",
            "もっと先の日をえらぶと予約できます。",
        ),
        HelpLink.OTHER_DAYS,
    ),
    "BookingRefusal.family_has_not_agreed": HelpTemplate(
        "事前登録のページで園の説明を読んで「読みました」を押すと、予約できます。",
        HelpLink.OWN_APPLICATION,
    ),
    "BookingRefusal.facility_has_not_agreed": HelpTemplate(
        "園の確認がすむと予約できます。急ぎのときは、園に電話してください。", HelpLink.PHONE
    ),
    "BookingRefusal.no_application": HelpTemplate(
        "事前登録に申し込むと、ならし預かりを予約できます。", HelpLink.PREREGISTRATION
    ),
    "BookingRefusal.record_to_confirm": HelpTemplate(
        "「体のこと」で「変わりありません」を押すと、予約できます。", HelpLink.CHILD_RECORD
    ),
    "BookingRefusal.step_missing": HelpTemplate(
        (
            "「{step:step_name}」がすむと予約できます。申し込みのページから進めます。",
            "申し込みのページで、次にすることを見られます。",
        ),
        HelpLink.OWN_APPLICATION,
    ),
    "BookingRefusal.trial_not_offered": HelpTemplate(
        "申し込みのページで、次にすることを見られます。", HelpLink.OWN_APPLICATION
    ),
    "BookingRefusal.trial_over": HelpTemplate(
        "ふだんの預かりを予約できます。", HelpLink.OTHER_DAYS
    ),
    "BookingRefusal.trial_ahead": HelpTemplate(
        "その回がすみ、園が結果を入れると、次を予約できます。", HelpLink.OWN_BOOKINGS
    ),
    "BookingRefusal.trial_paused": HelpTemplate(
        "いつから続けるかは、園に電話で相談できます。", HelpLink.PHONE
    ),
    "BookingRefusal.trial_other_part": HelpTemplate(
        "申し込みのページから、その回を予約できます。", HelpLink.OWN_APPLICATION
    ),
    "BookingRefusal.trial_too_long": HelpTemplate(
        "終わりを早くすると予約できます。", HelpLink.OTHER_TIMES
    ),
    "BookingRefusal.trial_ends_too_late": _OTHER_TIME,
    "BookingRefusal.full": HelpTemplate(
        "空いている時間や、ほかの日をえらべます。", HelpLink.OTHER_TIMES
    ),
    "BookingRefusal.outside_hours": _OTHER_TIME,
    "BookingRefusal.closed_to_new": HelpTemplate(
        "ほかの時間をえらぶか、園に電話で相談できます。", HelpLink.OTHER_TIMES
    ),
    "BookingRefusal.child_booked_elsewhere": HelpTemplate(
        "その予約の時間を変えるか取り消すと、予約できます。", HelpLink.OWN_BOOKINGS
    ),
    "BookingRefusal.decided_by_people": HelpTemplate(
        "電話か窓口で園に申し込んでください。決まると、園が予約を入れます。", HelpLink.PHONE
    ),
    "BookingRefusal.cancel_by_phone_only": HelpTemplate(
        "園に電話すると、いまからでも取り消せます。", HelpLink.PHONE
    ),
    "BookingRefusal.stay_has_started": HelpTemplate(
        "変わったことがあれば、園に電話で知らせてください。", HelpLink.PHONE
    ),
}

"""Why nothing is booked for a referral in the interview, and what to do."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "OnTheSpotRefusal.not_agreed": (
        "この園を面談の場で予約することの同意（同意3）の記録が、ありません"
    ),
    "OnTheSpotRefusal.not_under_way": (
        "この紹介は、まだ送っていないか、もう終わっているため、ここからは予約できません"
    ),
    "OnTheSpotRefusal.not_born_yet": (
        "生まれているお子さんが、この紹介にいません。生まれてから予約できます"
    ),
    "OnTheSpotRefusal.known_by_other_record": (
        "園が持つこのご家庭の記録に、同じお子さんが見つかりません。名前や生年月日が、ちがうかもしれません"
    ),
    "OnTheSpotRefusal.moved_by_nursery": (
        "園が持つこのご家庭の記録に入れた予約なので、ここでは日時を変えられません"
    ),
}

HELPS: Helps = {
    "OnTheSpotRefusal.known_by_other_record": HelpTemplate(
        "お子さんの名前と生年月日を、保護者に聞いて直してください。"
        "それでも出ないときは、園に電話で、このご家庭の予約とお伝えください。"
        "園は、紹介のご家庭の枠で予約を入れられます。",
        None,
    ),
    "OnTheSpotRefusal.moved_by_nursery": HelpTemplate(
        "取り消してから、新しい時間をえらんでください。園に電話で変えてもらうこともできます。",
        None,
    ),
    "OnTheSpotRefusal.not_agreed": HelpTemplate("面談のページで、同意3を記録してください。", None),
}

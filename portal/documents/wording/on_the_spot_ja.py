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
        "園がこのご家庭を先に知っていて、園の記録につないでいます。予約は、園に電話でお願いします"
    ),
}

HELPS: Helps = {
    "OnTheSpotRefusal.known_by_other_record": HelpTemplate(
        "園の電話で、このご家庭の予約とお伝えください。"
        "園は「優先するご家庭」にすると、残してある枠で予約を入れられます。",
        None,
    ),
    "OnTheSpotRefusal.not_agreed": HelpTemplate("面談のページで、同意3を記録してください。", None),
}

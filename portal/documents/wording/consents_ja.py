"""Why a consent is not kept or not ended, and what to do."""

from __future__ import annotations

from portal.documents.wording.entries import HelpLink, Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "ConsentRefusal.not_answered": "同意するか、しないかをえらんでください",
    "ConsentRefusal.both_answers": "同じことに「同意する」と「同意しない」が両方ついています",
    "ConsentRefusal.needed_to_apply": (
        "お子さんとご家庭のことを園が見ることに同意しないと、インターネットでは申し込めません"
    ),
    "ConsentRefusal.already_withdrawn": "この同意は、もう取りやめています",
    "ConsentRefusal.paper_date_missing": "書類に書かれた日付を入れてください",
    "ConsentRefusal.paper_in_future": "書類の日付が、今日より後です",
    "ConsentRefusal.bookings_stand": "予約が残っています。先に、予約を取り消してください",
    "ConsentRefusal.reference_missing": "書類の番号か、しまった場所を入れてください",
    "ConsentRefusal.signature_missing": "お名前を入れてください",
    "ConsentRefusal.items_missing": "伝えることを1つ以上えらんでください",
    "ConsentRefusal.last_day_missing": "いつまでかを入れてください",
    "ConsentRefusal.last_day_over": "いつまでかは、今日か、今日より後の日にしてください",
    "ConsentRefusal.held_by_another": (
        "同じ同意を、ほかの機関がもう記録しています。その機関に確かめてください"
    ),
}

HELPS: Helps = {
    "ConsentRefusal.needed_to_apply": HelpTemplate("園に電話で相談してください。", HelpLink.PHONE),
}

"""Why something cannot be done with a case, as staff read it."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "CaseRefusal.not_possible_now": "この件は、いまの段階ではこの操作ができません",
    "CaseRefusal.no_consent_to_share": "伝えてよいという同意か、法律の根拠が、いまはありません",
    "CaseRefusal.not_agreed_with": (
        "{name}に伝えてよいという同意か、法律の根拠が、いまはありません"
    ),
    "CaseRefusal.somebody_must_take_over": "この件は、園だけでは閉じられません",
    "CaseRefusal.not_acknowledged": "まだ「受け取りました」を押していません",
    "CaseRefusal.phone_first": "急ぐときは、先に電話をします。電話をした時刻がありません",
    "CaseRefusal.phone_in_future": "電話の時刻が、これからの時刻です",
    "CaseRefusal.step_missing": "次の支援、だれが、いつまでに、のどれかがありません",
    "CaseRefusal.step_in_past": "「いつまでに」が、きょうより前の日です",
    "CaseRefusal.receiver_missing": "知らせるところが、えらばれていません",
    "CaseRefusal.changed_meanwhile": "見ている間に、伝える内容が変わりました",
    "CaseRefusal.words_missing": "見たこと・聞いたことが、書かれていません",
}

_ASK = HelpTemplate("保護者に同意を聞くか、法律の根拠を2人で決めてください。")

HELPS: Helps = {
    "CaseRefusal.not_possible_now": HelpTemplate(
        "ほかの職員が先に進めたのかもしれません。「これまでのこと」を見てください。"
    ),
    "CaseRefusal.no_consent_to_share": _ASK,
    "CaseRefusal.not_agreed_with": _ASK,
    "CaseRefusal.somebody_must_take_over": HelpTemplate(
        "先に知らせてください。受け取ったところが次の支援を決めると、閉じられます。"
    ),
    "CaseRefusal.not_acknowledged": HelpTemplate("先に「受け取りました」を押してください。"),
    "CaseRefusal.phone_first": HelpTemplate("電話をしてから、その時刻を入れてください。"),
    "CaseRefusal.phone_in_future": HelpTemplate("時刻をたしかめてください。"),
    "CaseRefusal.step_missing": HelpTemplate("3つとも入れてください。"),
    "CaseRefusal.step_in_past": HelpTemplate("きょうか、これからの日を入れてください。"),
    "CaseRefusal.receiver_missing": HelpTemplate("知らせるところを1つはえらんでください。"),
    "CaseRefusal.changed_meanwhile": HelpTemplate("下の内容をもう一度たしかめてください。"),
    "CaseRefusal.words_missing": HelpTemplate("見たこと・聞いたことを書いてください。"),
}

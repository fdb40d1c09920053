"""Why a body is not added, in Japanese."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "OrganisationRefusal.provider_exists": "「{name}」という事業者は、もう登録されています。",
    "OrganisationRefusal.body_exists": "「{name}」という窓口は、この市区町村にもうあります。",
    "OrganisationRefusal.code_taken": "自治体コード {code} は、ほかの市区町村に使われています。",
}

HELPS: Helps = {
    "OrganisationRefusal.provider_exists": HelpTemplate(
        "同じ事業者なら、その園長に招待を頼んでください。別の事業者なら、名前に地名などを加えてください。"
    ),
    "OrganisationRefusal.body_exists": HelpTemplate(
        "同じ窓口なら、一覧から連絡先を変えてください。別の窓口なら、名前に地名などを加えてください。"
    ),
    "OrganisationRefusal.code_taken": HelpTemplate(
        "コードを確かめてください。正しいときは、運用の担当に伝えてください。"
    ),
}

"""Why a step or the outcome of a trial is not recorded, as staff read it."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, HelpTemplate, Sentences

SENTENCES: Sentences = {
    "StepRefusal.ended": "この申し込みは、もう終わっています",
    "StepRefusal.not_a_step": "いまのきまりに、この段階はありません",
    "StepRefusal.done_already": "この段階は、もうすんでいます",
    "StepRefusal.not_done": "この段階は、まだすんでいません",
    "StepRefusal.ordered_already": "この段階は、もうお願いしてあります",
    "StepRefusal.not_ordered": "この段階は、いまはお願いしていません",
    "StepRefusal.reason_missing": "省く理由を書いてください",
    "TrialRefusal.not_attended": "来たことを記録してから、結果を入れます",
    "TrialRefusal.not_prolonged": "いまのきまりでは、同じ回をもう一度することはできません",
    "TrialRefusal.decided_meanwhile": "ほかの職員が、先に結果を入れました",
    "TrialRefusal.not_the_last": "この回のあとに、もう次の回があります",
    "TrialRefusal.no_outcome_chosen": "結果をえらんでください",
    "TrialRefusal.application_ended": "この申し込みは、もう終わっています",
}

HELPS: Helps = {
    "StepRefusal.not_a_step": HelpTemplate("「予約のきまり」で、段階を足せます。"),
    "TrialRefusal.decided_meanwhile": HelpTemplate(
        "下に、いまの結果が出ています。書いたことは、らんに残っています。"
    ),
    "TrialRefusal.not_prolonged": HelpTemplate("「少し間をおく」をえらぶか、きまりを直せます。"),
    "TrialRefusal.not_the_last": HelpTemplate("次の回のほうで、結果を入れてください。"),
}

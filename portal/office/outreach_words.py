"""What staff read for codes of outreach; no family is shown these."""

from __future__ import annotations

from portal.contacts.rules import Nature
from portal.documents.i18n import gettext as _
from portal.outreach.rules import SENT, About, CallResult, EndReason, Until


def about_label(about: About) -> str:
    """Return what the next contact is about."""
    return {
        About.TOUR: _("見学のさそい"),
        About.PROCEDURE: _("手続きの案内"),
        About.REMINDER: _("その後どうですか"),
        About.FIRST_STAY: _("はじめてのあずかり"),
    }[about]


def until_label(until: Until) -> str:
    """Return when a plan ends by itself."""
    return {
        Until.VISITED: _("見学に来るまで"),
        Until.REGISTERED: _("事前登録がすむまで"),
        Until.USED: _("はじめて利用するまで"),
    }[until]


def end_label(reason: EndReason) -> str:
    """Return why a plan is over."""
    return {
        EndReason.REACHED: _("もう連絡しなくてよくなった"),
        EndReason.NOT_WISHED: _("ご家庭が連絡を希望していない"),
        EndReason.WITHDRAWN: _("紹介または同意が取りやめになった"),
        EndReason.REFERRAL_CLOSED: _("紹介がおわった"),
        EndReason.ERASED: _("ご家庭のデータが消された"),
    }[reason]


#: The buttons after a call, in the order of how often they are needed.
RESULTS = (
    (CallResult.TALKED, "primary"),
    (CallResult.NOT_REACHED, ""),
    (CallResult.MESSAGE_LEFT, ""),
    (CallResult.LATER, ""),
    (CallResult.NOT_WISHED, ""),
    (CallResult.NOT_MADE, "quiet"),
)


def result_label(result: str | None) -> str:
    """Return what came of a contact."""
    if result is None:
        return _("結果は、まだです")
    labels: dict[str, str] = {
        CallResult.TALKED: _("話せた"),
        CallResult.NOT_REACHED: _("出なかった"),
        CallResult.MESSAGE_LEFT: _("留守電に残した"),
        CallResult.LATER: _("またかけてほしい"),
        CallResult.NOT_WISHED: _("連絡はいらない"),
        CallResult.NOT_MADE: _("かけなかった"),
        SENT: _("送った"),
    }
    return labels.get(result, result)


def nature_label(nature: Nature) -> str:
    """Return why somebody contacted a family."""
    return {
        Nature.ADVANCE: _("こちらから"),
        Nature.ANSWER: _("ご家庭から"),
        Nature.DUTY: _("安全のため"),
    }[nature]

"""What staff read for codes of referrals; no family is shown these."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.referrals.rules import (
    Outcome,
    ReferralSource,
    ReferralState,
    Stage,
    Todo,
    Urgency,
)


def stage_words(stage: Stage) -> str:
    """Return which interview it was."""
    return {
        Stage.NOTIFICATION: _("妊娠届出のときの面談"),
        Stage.EIGHTH_MONTH: _("妊娠8か月ごろの面談"),
        Stage.AFTER_BIRTH: _("出生後の面談"),
        Stage.OTHER: _("そのほかの相談"),
    }[stage]


def urgency_words(urgency: Urgency) -> str:
    """Return how soon somebody must act."""
    return {
        Urgency.NORMAL: _("ふつう"),
        Urgency.SOON: _("早めに"),
        Urgency.URGENT: _("今日中に"),
    }[urgency]


def state_words(state: ReferralState) -> str:
    """Return where a referral stands."""
    return {
        ReferralState.DRAFT: _("下書き"),
        ReferralState.SENT: _("受け取り待ち"),
        ReferralState.RECEIVED: _("受け取りました"),
        ReferralState.IN_CONTACT: _("連絡がつきました"),
        ReferralState.VISITED: _("見学・面談すみ"),
        ReferralState.REGISTERED: _("登録ずみ"),
        ReferralState.USED: _("利用しました"),
        ReferralState.CLOSED: _("終わりました"),
        ReferralState.REFUSED: _("引き受けられません"),
        ReferralState.PASSED_ON: _("ほかへつなぎました"),
        ReferralState.RECALLED: _("取り下げました"),
    }[state]


def state_kind(state: ReferralState) -> str:
    """Return the colour of a state's chip; sign and word say the same."""
    if state in {ReferralState.REGISTERED, ReferralState.USED}:
        return "ok"
    if state in {ReferralState.REFUSED, ReferralState.SENT}:
        return "warn"
    ended = {ReferralState.CLOSED, ReferralState.PASSED_ON, ReferralState.RECALLED}
    return "off" if state in ended or state is ReferralState.DRAFT else "info"


def todo_words(what: Todo) -> str:
    """Return what comes next."""
    return {
        Todo.RECEIVE: _("紹介を受け取る"),
        Todo.CONTACT: _("ご家庭に連絡する"),
        Todo.VISIT: _("見学・面談をする"),
        Todo.REGISTER: _("事前登録をする"),
        Todo.USE: _("はじめての利用"),
        Todo.DECIDE: _("ほかの園・支援をさがす"),
    }[what]


def outcome_words(outcome: Outcome) -> str:
    """Return what came of a referral."""
    return {
        Outcome.USED: _("利用しました"),
        Outcome.NOT_NEEDED: _("いまは必要がなくなりました"),
        Outcome.NOT_WISHED: _("ご家庭が希望しませんでした"),
        Outcome.OTHER_HELP: _("ほかの支援を使います"),
        Outcome.NOT_REACHED: _("連絡がつきませんでした"),
        Outcome.MOVED: _("引っ越しました"),
        Outcome.WITHDRAWN: _("ご家庭が同意を取りやめました"),
        Outcome.ENDED: _("紹介を終えました"),
    }[outcome]


def event_words(kind: str) -> str:
    """Return what happened to a referral."""
    return {
        "send": _("送りました"),
        "receive": _("受け取りました"),
        "contact": _("ご家庭と連絡がつきました"),
        "visit": _("見学・面談をしました"),
        "register": _("事前登録ができました"),
        "use": _("はじめて利用しました"),
        "close": _("終わりにしました"),
        "refuse": _("引き受けられないと返事をしました"),
        "hand_on": _("ほかへつなぎました"),
        "recall": _("取り下げました"),
        "withdrawn": _("ご家庭が同意を取りやめました。連絡はやめてください"),
        "no_contact": _("ご家庭は、園からの連絡を希望しません。連絡はやめてください"),
        "ended": _("紹介を終えました。連絡はやめてください"),
        "linked": _("園のご家庭の記録とつなぎました"),
        "printed": _("紹介の紙を印刷しました（FAX・手わたし用）"),
        "booked": _("面談の場で予約しました"),
        "rebooked": _("面談の場でした予約の日時を変えました"),
        "unbooked": _("面談の場でした予約を取り消しました"),
    }.get(kind, _("記録しました"))


def source_words(source: ReferralSource) -> str:
    """Return by what way a referral was written."""
    return {
        ReferralSource.INTERVIEW: _("面談で"),
        ReferralSource.ONWARD: _("ほかの紹介からつないで"),
        ReferralSource.API: _("ほかのシステムから"),
        ReferralSource.CSV: _("ファイルから"),
        ReferralSource.PAPER: _("紙・FAXから"),
    }[source]

"""Words about cases that staff read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from portal.contacts.rules import ContactChannel
from portal.documents.dates import day_and_time, jdate, jdatetime, jspan, jtime
from portal.documents.i18n import gettext as _
from portal.kernel.clock import local_date, today
from portal.noshow.rules import CaseKind, CaseState, CheckResult, NextStep
from portal.noshow.telling import Line


def kind_words(kind: CaseKind) -> str:
    """Return what a case is called."""
    return {CaseKind.NO_SHOW: _("来園なし"), CaseKind.WORRY: _("気になること")}[kind]


def state_words(state: CaseState) -> str:
    """Return where a case stands."""
    return {
        CaseState.SUSPECTED: _("確かめるところ"),
        CaseState.EXCUSED: _("事情がわかりました"),
        CaseState.CHECKED: _("確かめました"),
        CaseState.REPORTED: _("知らせて、返事を待っています"),
        CaseState.TAKEN_OVER: _("次の支援が決まりました"),
        CaseState.CLOSED: _("閉じました"),
    }[state]


def state_chip(state: CaseState) -> str:
    """Return the kind of chip for a state."""
    return {
        CaseState.SUSPECTED: "bad",
        CaseState.EXCUSED: "ok",
        CaseState.CHECKED: "warn",
        CaseState.REPORTED: "warn",
        CaseState.TAKEN_OVER: "info",
        CaseState.CLOSED: "off",
    }[state]


def result_words(result: CheckResult) -> str:
    """Return what was found."""
    return {
        CheckResult.CAME_LATE: _("おくれて来た・来る"),
        CheckResult.ILL: _("病気・けが"),
        CheckResult.FORGOT: _("忘れていた・思いちがい"),
        CheckResult.REACHED_WELL: _("話せた（無事）"),
        CheckResult.REACHED_WORRIED: _("話せた（心配がある）"),
        CheckResult.NOT_REACHED: _("つながらない"),
    }[result]


def step_words(step: NextStep) -> str:
    """Return how the support goes on."""
    return {
        NextStep.BOOK_AGAIN: _("予約を取りなおす"),
        NextStep.VISIT: _("訪問する"),
        NextStep.PHONE: _("電話する"),
        NextStep.OTHER_SERVICE: _("ほかのサービスにつなぐ"),
        NextStep.SUPPORT_PLAN: _("サポートプランで話しあう"),
        NextStep.WATCH: _("しばらく見守る"),
        NextStep.NO_MORE_NEEDED: _("支援は足りている"),
    }[step]


def channel_words(channel: ContactChannel) -> str:
    """Return how a family was tried."""
    return {
        ContactChannel.PHONE: _("電話"),
        ContactChannel.MAIL: _("メール"),
        ContactChannel.LETTER: _("手紙"),
        ContactChannel.FAX: _("FAX"),
        ContactChannel.VISIT: _("訪問"),
        ContactChannel.PORTAL: _("ポータルのお知らせ"),
    }[channel]


def line_words(line: Line) -> str:
    """Return what a line of a report is called."""
    return {
        Line.WHO: _("だれ"),
        Line.PHONE: _("電話"),
        Line.WHAT: _("何が"),
        Line.NOTES: _("園が気づいたこと"),
    }[line]


def attempt_kind(channel: ContactChannel, result: CheckResult) -> str:
    """Return the kind of event that an attempt is stored as."""
    return f"{channel.value}.{result.value}"


def event_words(kind: str) -> str:
    """Return what happened, as the timeline says it."""
    channel, dot, result = kind.partition(".")
    if dot:
        return _("%(channel)s：%(result)s") % {
            "channel": channel_words(ContactChannel(channel)),
            "result": result_words(CheckResult(result)),
        }
    words = {
        "raised": _("来園なし"),
        "noticed": _("園が気づいたこと"),
        "worry": _("気になることを書きました"),
        "alerted": _("紹介したところに、自動で知らせました"),
        "child_arrived": _("来園しました"),
        "arrival_undone": _("登園の記録を元にもどしました"),
        "family_explained": _("ご家庭から連絡がありました"),
        "reported": _("知らせました"),
        "acknowledged": _("受け取りました"),
        "next_step": _("次の支援を決めました"),
        "passed_on": _("ほかのところにも知らせました"),
        "closed": _("閉じました"),
        "overdue_check": _("確かめる時間をすぎました"),
        "overdue_check_again": _("1日すぎても、確かめていません"),
        "overdue_answer": _("受け取りの返事の時間をすぎました"),
        "overdue_answer_again": _("1日すぎても、受け取りの返事がありません"),
        "overdue_step": _("次の支援の期限をすぎました"),
    }
    return words.get(kind, kind)


def stay_words(starts_at: datetime, ends_at: datetime | None) -> str:
    """Return the day and hours of the stay."""
    hours = jtime(starts_at) if ends_at is None else jspan(starts_at, ends_at)
    return day_and_time(jdate(starts_at, local_date(starts_at)), hours)


def what_words(
    starts_at: datetime,
    ends_at: datetime | None,
    attempts: Sequence[tuple[datetime, ContactChannel, CheckResult]],
) -> str:
    """Return the line that says what happened: the stay, and each attempt with its result."""
    said = [
        _("%(stay)s の予約に、来園がありませんでした。") % {"stay": stay_words(starts_at, ends_at)}
    ]
    said.extend(
        _("%(at)s %(channel)s：%(result)s。")
        % {
            "at": day_and_time(jdate(at, local_date(at)), jtime(at)),
            "channel": channel_words(channel),
            "result": result_words(result),
        }
        for at, channel, result in attempts
    )
    if not attempts:
        said.append(_("園が、ご家庭に連絡しています。"))
    return "".join(said)


def until_words(due_at: datetime, now: datetime) -> str:
    """Say until when something waits (aware times, shown in JST), or that this has passed."""
    at = {"at": jdatetime(due_at, today(now))}
    return _("%(at)s までに") % at if now <= due_at else _("期限の %(at)s をすぎました") % at

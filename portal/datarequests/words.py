"""What an audit row and a mail are called, for the family that reads about itself."""

from __future__ import annotations

from portal.datarequests.queries import LogLine
from portal.datarequests.rules import RequestKind, RequestState, RequestTopic
from portal.documents.i18n import gettext as _


def who_word(line: LogLine) -> str:
    """Return who did or saw it, as the family knows her."""
    if line.who == "me":
        return _("あなた")
    if line.who == "guardian":
        return _("もう一人の保護者")
    if line.who == "portal":
        return _("自動の処理")
    return line.body or _("運用担当")


def action_word(action: str) -> str:
    """Return what was done or seen, from the audit's dotted code; a general word for a new one."""
    words = {
        "read.child_record": _("児童票（体のこと）を見ました"),
        "read.support_data": _("児童票の発達・支援と保険証の所を見ました"),
        "read.insurance_numbers": _("保険証・医療証の番号をすべて見ました"),
        "read.upload": _("書類の写真を見ました"),
        "upload.stored": _("写真を保存しました"),
        "upload.given": _("写真を園に渡しました"),
        "upload.removed": _("写真を消しました"),
        "consent.given": _("同意しました"),
        "consent.refused": _("同意しないと答えました"),
        "consent.withdrawn": _("同意を取りやめました"),
        "read.consents": _("同意の記録を見ました"),
        "read.consent": _("同意の控えを印刷しました"),
        "provision.made": _("同意のあったことを、ほかのところに伝えました"),
        "read.booking_note": _("予約の「園に伝えること」を見ました"),
        "read.preregistration_messages": _("事前登録のやりとりを見ました"),
        "read.day_sheet": _("1日の名簿（紙）を作りました"),
        "read.home_facts": _("住まいと世帯のことを見ました"),
        "home.said": _("住まいと世帯のことを記録しました"),
        "home.ended": _("住まいと世帯の記録を終わりにしました"),
        "use.told": _("ほかで預けた日を入れました"),
        "use.taken_back": _("ほかで預けた日を取り消しました"),
        "read.protected_address": _("公開しない住所を見ました"),
        "protection.requested": _("住所を公開しないことを求めました"),
        "protection.set": _("住所を公開しないことにしました"),
        "protection.renewed": _("住所を公開しない期間をのばしました"),
        "protection.ended": _("住所を公開しないことを終えました"),
        "guardian.rights_set": _("保護者ができることを決めました"),
        "guardian.invited": _("保護者を招待しました"),
        "guardian.claimed": _("保護者のアカウントをつなぎました"),
        "read.notice_calls": _("お知らせを電話で伝えるため、お子さんのお名前と予約を見ました"),
        "read.own_copy": _("データの控えを作りました"),
        "read.data_request": _("データについての求めを見ました"),
        "family.registered": _("ご家庭を登録しました"),
        "guardian.added": _("保護者を登録しました"),
        "guardian.changed": _("保護者の登録を直しました"),
        "child.added": _("お子さんを登録しました"),
        "child.changed": _("お子さんの登録を直しました"),
        "child.born": _("お子さんの誕生を登録しました"),
        "child.birth_undone": _("お子さんの登録を、生まれる前にもどしました"),
        "child.closed": _("登録を閉じました"),
        "child.reopened": _("閉じた登録をもどしました"),
        "preregistration.copied": _("事前登録の申し込みを、いっしょに生まれたお子さんに写しました"),
        "child_record.saved": _("児童票（体のこと）を書きました"),
        "child_record.confirmed": _("児童票（体のこと）に変わりがないことを確かめました"),
        "child_record.asked": _("体のことに変わりがないか、年に1回のお知らせをしました"),
        "child_record.noted": _("児童票（体のこと）の変わったところを確かめました"),
        "pickup.added": _("お迎えの人を登録しました"),
        "pickup.removed": _("お迎えの人からはずしました"),
        "pickup.photo_set": _("お迎えの人の写真を登録しました"),
        "preregistration.applied": _("事前登録を申し込みました"),
        "preregistration.ask_back": _("事前登録について質問しました"),
        "preregistration.step_done": _("利用の前の段階を、すんだことにしました"),
        "preregistration.step_undone": _("利用の前の段階を、元にもどしました"),
        "preregistration.step_ordered": _("利用の前の段階を、お願いしました"),
        "preregistration.step_order_taken_back": _("利用の前の段階のお願いを、やめました"),
        "preregistration.step_waived": _("利用の前の段階を、なしで進めることにしました"),
        "trial.outcome": _("ならし預かりの結果を記録しました"),
        "read.trial_note": _("ならし預かりの職員のメモを見ました"),
        "preregistration.answer": _("事前登録の質問に答えました"),
        "preregistration.accept": _("事前登録を承諾しました"),
        "preregistration.decline": _("事前登録をお断りしました"),
        "preregistration.withdraw": _("事前登録を取り下げました"),
        "preregistration.wait": _("事前登録の空きを待つことになりました"),
        "preregistration.extend": _("事前登録を続けました"),
        "preregistration.word": _("事前登録についてことばを送りました"),
        "preregistration.family_agreed": _("園の説明を読んだことを記録しました"),
        "preregistration.facility_agreed": _("児童票を読んだことを記録しました"),
        "preregistration.renewal_asked": _("事前登録を続けたいと伝えました"),
        "preregistration.renew": _("事前登録を新しい年度に続けました"),
        "booking.placed": _("予約を入れました"),
        "booking.changed": _("予約を変えました"),
        "booking.cancelled": _("予約を取り消しました"),
        "attendance.arrived": _("登園を記録しました"),
        "attendance.departed": _("降園を記録しました"),
        "attendance.undone": _("登園・降園の記録を取り消しました"),
        "attendance.corrected": _("登園・降園の時刻を直しました"),
        "attendance.times_corrected": _("登園・降園の時刻を直しました"),
        "attendance.no_show": _("連絡のないお休みを記録しました"),
        "attendance.excused_absence": _("お休みを記録しました"),
        "attendance.word": _("遅れる・休むという連絡を受けました"),
        "feed.made": _("カレンダーのアドレスを作りました"),
        "feed.renewed": _("カレンダーのアドレスを新しくしました"),
        "feed.ended": _("カレンダーのアドレスをやめました"),
        "attendance.word_late": _("遅れるという連絡を受けました"),
        "attendance.word_absent": _("休むという連絡を受けました"),
        "notice.sent": _("お知らせを送りました"),
        "notice.told": _("お知らせを電話で伝えました"),
        "notice.read": _("お知らせを読んだことを伝えました"),
        "account.signed_up": _("アカウントを作りました"),
        "account.renamed": _("アカウントのお名前を変えました"),
        "account.language_changed": _("ことばを変えました"),
        "account.password_changed": _("パスワードを変えました"),
        "account.password_reset": _("パスワードを決め直しました"),
        "account.mail_change_asked": _("メールアドレスを変える手つづきを始めました"),
        "account.mail_changed": _("メールアドレスを変えました"),
        "account.other_sessions_ended": _("ほかの端末をログアウトしました"),
        "account.guardian_mail_change_issued": _("メールアドレスを変えるための案内を送りました"),
        "letter.made": _("おたよりを作りました"),
        "read.letter": _("おたよりを印刷しました"),
        "letter.closed": _("おたよりをわたしました"),
        "letter.reopened": _("おたよりをわたした印をとりました"),
        "read.paper": _("用紙を印刷しました"),
        "preregistration.told_by_family": _("電話や紙で受けたことを入れました"),
        "mail.failure_seen": _("届かなかったメールを確かめました"),
        "data_request.asked": _("データについて求めました"),
        "data_request.withdrawn": _("データについての求めを取り下げました"),
        "data_request.done": _("データについての求めに応じました"),
        "data_request.declined": _("データについての求めに応じませんでした"),
    }
    if action in words:
        return words[action]
    return _("登録されたことを見ました") if action.startswith("read.") else _("登録を変えました")


def mail_word(kind: str) -> str:
    """Return what a mail was about, from its kind; a general word for a new one."""
    words = {
        "bookings/placed": _("予約の確認"),
        "bookings/changed": _("予約の変更"),
        "bookings/cancelled": _("予約の取り消し"),
        "attendance/reminder": _("前の日のお知らせ"),
        "notices/sent": _("園からのお知らせ"),
        "notices/again": _("園からのお知らせ（2回目）"),
        "drafts/ending": _("書きかけの申し込みのお知らせ"),
        "preregistration/received": _("事前登録の受け付け"),
        "trials/outcome": _("ならし預かりのあとのお知らせ"),
        "preregistration/asked_back": _("事前登録の質問"),
        "preregistration/accepted": _("事前登録の承諾"),
        "preregistration/declined": _("事前登録のお返事"),
        "preregistration/waiting": _("事前登録の空き待ち"),
        "preregistration/withdrawn": _("事前登録の取り下げ"),
        "preregistration/word": _("事前登録についての園のことば"),
        "preregistration/renew": _("事前登録を続ける手続き"),
        "preregistration/extended": _("事前登録が続くこと"),
        "preregistration/record": _("体のことの、年に1回の確認"),
        "datarequests/asked": _("データについての求めの受け付け"),
        "datarequests/answered": _("データについての求めのお返事"),
        "accounts/password_reset": _("パスワードの決め直し"),
        "accounts/mail_change": _("メールアドレスの確認"),
        "families/signed_out": _("ログアウトのお知らせ"),
        "families/joined": _("保護者のアカウントがつながったお知らせ"),
        "accounts/told_of_change": _("登録が変わったお知らせ"),
    }
    return words.get(kind, _("お知らせ"))


def kind_word(kind: RequestKind) -> str:
    """Return what is asked for."""
    return {
        RequestKind.CORRECTION: _("直してほしい"),
        RequestKind.ERASURE: _("すべて消してほしい"),
    }[kind]


def topic_word(topic: RequestTopic) -> str:
    """Return which record is meant."""
    return {
        RequestTopic.ATTENDANCE: _("登園・降園の時刻"),
        RequestTopic.FEE: _("料金"),
        RequestTopic.BOOKING: _("予約の内容"),
        RequestTopic.RECORD: _("園が書いた記録"),
        RequestTopic.OTHER: _("そのほか"),
        RequestTopic.EVERYTHING: _("ご家庭のデータすべて"),
    }[topic]


def state_word(state: RequestState) -> str:
    """Return where a request stands."""
    return {
        RequestState.OPEN: _("園の返事を待っています"),
        RequestState.DONE: _("すみました"),
        RequestState.DECLINED: _("応じられないと返事がありました"),
        RequestState.WITHDRAWN: _("取り下げました"),
    }[state]

"""Why signing in or an account's change did not work."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, Sentences

SENTENCES: Sentences = {
    "AccountRefusal.sign_in_does_not_match": "メールアドレスかパスワードがちがいます",
    "AccountRefusal.password_does_not_match": "いまのパスワードがちがいます",
    "AccountRefusal.code_does_not_match": (
        "コードがちがうか、もう使われています。アプリに出ている新しいコードを入れてください"
    ),
    "AccountRefusal.password_too_short": "パスワードは{least}文字以上にしてください",
    "AccountRefusal.password_too_long": "パスワードは{most}文字までにしてください",
    "AccountRefusal.password_too_common": (
        "このパスワードはよく使われていて、あてられやすいものです。ほかの言葉をえらんでください"
    ),
    "AccountRefusal.password_is_own_name": (
        "お名前やメールアドレスそのままのパスワードは、あてられやすいものです。"
        "ほかの言葉をえらんでください"
    ),
    "AccountRefusal.last_director": (
        "園長・主任がだれもいなくなります。先に、ほかの方を園長・主任にしてください"
    ),
    "AccountRefusal.last_of_role": (
        "この組織で、この役割の方がだれもいなくなります。"
        "先に、ほかの方を招待し、登録がすんでから終わりにしてください"
    ),
    "AccountRefusal.oneself": (
        "ご自分の登録は、ご自分では終わりにできません。ほかの方にたのんでください"
    ),
    "AccountRefusal.role_of_another_body": (
        "この役割は、この組織のものではありません。組織に合う役割をえらんでください"
    ),
    "AccountRefusal.works_elsewhere": (
        "この方は、ほかの施設でも登録しています。2段階認証のやり直しは、運用担当にたのんでください"
    ),
    "AccountRefusal.link_not_open": (
        "このリンクは、もう使えません。もう一度、はじめからお願いします"
    ),
}

HELPS: Helps = {}

"""Which files families read, and what their texts may leave out: lists for ``translations.py``."""

from __future__ import annotations

#: What only staff read stays Japanese. Everything else is a family's, new features included.
STAFF = (
    *("portal/__main__.py", "portal/api/", "portal/commands/", "portal/config.py", "portal/db/"),
    *(
        "portal/facilities/exports.py",
        "portal/facilities/lists/",
        "portal/jobs/",
        "portal/kernel/",
        "portal/liaison/",
    ),
    *("portal/office/", "portal/reports/", "portal/accounts/staff", "portal/documents/dates.py"),
    *(
        *("portal/documents/i18n.py", "portal/documents/readings.py"),
        "portal/documents/csv_files.py",
        "portal/documents/xlsx_files.py",
    ),
    *("portal/accounts/invitations.py", "portal/calendars/rules.py", "portal/facilities/mail.py"),
    *(
        "portal/facilities/points.py",
        "portal/facilities/rules.py",
        "portal/slots/hours.py",
        "portal/slots/published.py",
    ),
    *("portal/daysheets/", "templates/daysheets/"),
    *("portal/families/record_card.py", "portal/families/record_day.py"),
    *("portal/letters/", "templates/papers/"),
    *("portal/trials/forms.py", "portal/trials/rules.py"),
    *("portal/referrals/on_the_spot.py",),
    *("portal/referrals/ground_", "portal/referrals/provision_routes.py"),
    *(
        f"portal/referrals/{name}.py"
        for name in (
            "words",
            "records_forms",
            "pages",
            "ending_forms",
            "todo",
            "offering",
            "said",
            "listing",
            "finding",
        )
    ),
    *("portal/referrals/file_columns.py", "portal/referrals/paper.py"),
    *("portal/referrals/mail.py", "templates/referrals/"),
    *("portal/referrals/withdrawal_form.py", "portal/consents/mail.py"),
    *("templates/grounds/", "templates/provisions/", "templates/consents/mail/"),
    *("portal/noshow/", "templates/noshow/"),
    "portal/priorities/",
    *("portal/visits/session_forms.py", "portal/visits/staff_words.py"),
    *("portal/notices/forms.py", "portal/notices/routes.py", "portal/rulebooks/differences.py"),
    *("portal/rulebooks/contradictions.py", "portal/rulebooks/outside_hours.py"),
    *("portal/rulebooks/reading/", "portal/rulebooks/problem_"),
    *("portal/rulebooks/objections", "portal/rulebooks/trying/"),
    *("portal/rulebooks/reference/", "portal/rulebooks/crosscheck.py", "portal/rulebooks/kept.py"),
    *("portal/rulebooks/never_admits.py", "portal/rulebooks/kinds.py"),
    *("portal/rulebooks/promised_places.py", "portal/rulebooks/schema.py"),
    *("portal/rulebooks/senseless.py", "portal/rulebooks/doubtful"),
    *("portal/rulebooks/near_codes.py", "portal/rulebooks/caution.py"),
    *("portal/rulebooks/explain.py", "portal/rulebooks/candidates.py"),
    "templates/families/apart.html",
    *(
        f"templates/notices/{name}.html"
        for name in ("calls", "follow", "index", "new", "show", "stays")
    ),
    *(
        f"portal/documents/wording/{feature}_ja.py"
        for feature in (
            "facilities",
            "grounds",
            "letters",
            "noshow",
            "priorities",
            "notices",
            "organisations",
            "referral_files",
            "on_the_spot",
            "outreach",
            "referrals",
            "registrations",
            "rulebooks",
            "slots",
            "steps",
            "visit_sessions",
            "workbooks",
        )
    ),
    *("templates/demo/", "templates/facilities/mail/", "templates/liaison/", "templates/office/"),
    *("templates/operator/", "templates/reports/", "templates/layout/board.html"),
    *("templates/layout/downloads.html", "templates/layout/todo.html"),
    *(
        f"templates/accounts/{name}"
        for name in (
            *("enrol.html", "guardian_mail.html", "invitation.html", "invitations.html"),
            *("invite.html", "invite_where.html", "mail/invitation.txt"),
            *("member.html", "member_end.html", "members.html"),
            *("recovery_codes.html", "renew_second_factor.html", "second_factor.html"),
        )
    ),
)

#: How lists of cities call the kinds of nurseries.
KINDS = (
    *("認可保育所", "認可外保育所", "認定こども園", "幼保連携型認定こども園"),
    *("幼稚園型認定こども園", "小規模保育事業", "事業所内保育事業"),
)

#: What goes by the language rather than by a text: context, key, and what it may take besides.
IN_CONTEXT: dict[tuple[str | None, str], frozenset[str]] = {
    ("language name", "日本語"): frozenset(),
    ("language tag", "ja"): frozenset(),
    ("the child", "お子さん"): frozenset(),
    ("sentences", "%(first)s%(next)s"): frozenset(),
    ("list", "、"): frozenset(),
    ("list", "・"): frozenset(),
    ("list", "と"): frozenset(),
    ("list", "。"): frozenset(),
    ("list", "で、"): frozenset(),
    ("either", "」か「"): frozenset(),
    ("money", "%(amount)s円"): frozenset(),
    ("time", "%(start)s〜%(end)s"): frozenset(),
    ("time", "%(first)s〜"): frozenset(),
    ("duration", "%(count)s分"): frozenset(),
    ("duration", "%(count)s時間"): frozenset(),
    ("duration", "%(hours)s%(minutes)s"): frozenset(),
    ("each", "%(count)s分"): frozenset(),
    ("each", "%(count)s時間"): frozenset(),
    ("age", "0歳%(count)sか月"): frozenset(),
    ("age", "%(count)s歳"): frozenset(),
    ("age", "%(count)sか月"): frozenset(),
    ("age", "%(years)s%(months)s"): frozenset(),
    ("calendar day", "%(day)s日"): frozenset(),
    **{("weekday", day): frozenset() for day in "月火水木金土日"},
    **{("closed weekday", f"{day}曜"): frozenset() for day in "月火水木金土日"},
    **{("month", f"{month}月"): frozenset() for month in range(1, 13)},
    **{
        ("date", pattern): frozenset({"month_name", "day_name"})
        for pattern in (
            *(
                "%(month)s月%(day)s日（%(weekday)s）",
                "%(year)s年%(month)s月%(day)s日（%(weekday)s）",
            ),
            *("%(month)s月%(day)s日", "%(year)s年%(month)s月", "%(month)s月"),
            "%(year)s年%(month)s月%(day)s日",
        )
    },
    ("date", "%(date)s%(time)s"): frozenset(),
    **{("era", era): frozenset() for era in ("令和", "平成", "昭和", "大正", "元")},
    ("era", "（%(era)s%(number)s年）"): frozenset(),
    ("era", "%(year)s年%(era)s"): frozenset(),
    ("era", "%(year)s%(day)s"): frozenset(),
}

#: What a catalogue may leave out, since few patterns of dates ask for it (``day_name``).
MAY_BE_LEFT_OUT: dict[tuple[str | None, str], frozenset[str]] = {
    ("day of the month", f"{day}日"): frozenset() for day in range(1, 32)
}

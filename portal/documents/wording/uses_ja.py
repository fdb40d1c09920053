"""Why care outside the portal is not written down, and what to do."""

from __future__ import annotations

from portal.documents.wording.entries import Helps, Sentences

SENTENCES: Sentences = {
    "UseRefusal.use_no_day": "利用した日を、1日以上入れてください",
    "UseRefusal.use_too_many_days": "1回に入れられるのは、{most}日までです。分けて入れてください",
    "UseRefusal.use_day_too_far_back": "{first_on:jdate}より前の日は、入れなくてだいじょうぶです",
    "UseRefusal.use_day_too_far_ahead": "{last_on:jdate}までの日を入れてください",
    "UseRefusal.use_length_impossible": "時間は、1分から24時間までで入れてください",
    "UseRefusal.use_told_already": "{on:jdate}は、もう入っています",
    "UseRefusal.use_not_told": "この日は、もう取り消してあります。ページを開きなおしてください",
}

HELPS: Helps = {}

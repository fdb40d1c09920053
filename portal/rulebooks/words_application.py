"""Kind G19's third part in words: the documents and consents that an application asks for."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.documents.i18n import sentences
from portal.policies.application import ApplicationRule, AskedDocument
from portal.rulebooks.fact import Fact


def application_facts(rule: ApplicationRule) -> list[Fact]:
    """Return what a family shows at registration, and what it is asked to agree to."""
    found = []
    if rule.documents:
        shown = [_document(each) for each in rule.documents]
        found.append(Fact(_("登録のときに見せる書類"), sentences(*shown, _later_too())))
    asked = []
    if rule.emergency_care:
        asked.append(_("救急のとき、お子さんのことを救急隊や医師に伝えてよいかをたずねます。"))
    if rule.photographs:
        asked.append(_("預かりのあいだに、写真をとってよいかをたずねます。"))
    if asked:
        found.append(Fact(_("同意をたずねること"), sentences(*asked)))
    return found


def _later_too() -> str:
    return _("あとからでも、紙でも出せます。")


def _document(each: AskedDocument) -> str:
    name = {"name": _(each.name)}
    said = (
        _("「%(name)s」（お子さん1人ごと）。") % name
        if each.each_child
        else _("「%(name)s」（家庭で1つ）。") % name
    )
    hint = _(each.hint)
    # Typed as a note, without a full stop as often as not.
    stop = "。" if hint and hint[-1] not in "。！？.!?" else ""
    return sentences(said, hint + stop)

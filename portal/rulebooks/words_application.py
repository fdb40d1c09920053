"""Kind G19's third part in words: the documents and consents that an application asks for."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed, sentences
from portal.policies.application import ApplicationRule, AskedDocument
from portal.rulebooks.fact import Fact


def application_facts(rule: ApplicationRule) -> list[Fact]:
    """Return what a family shows at registration, and what it is asked to agree to."""
    found = []
    if rule.documents:
        documents = listed([_document(each) for each in rule.documents])
        shown = _("%(documents)sを見せてください。") % {"documents": documents}
        found.append(Fact(_("登録のときに見せる書類"), sentences(shown, _later_too())))
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
    details = [_("お子さん1人ごと") if each.each_child else _("家庭で1つ")]
    if each.hint:  # typed with a full stop or without
        details.append(_(each.hint).removesuffix("。"))
    return _("「%(name)s」（%(details)s）") % {
        "name": _(each.name),
        "details": listed(details, "。"),
    }

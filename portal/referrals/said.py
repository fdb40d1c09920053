"""How refusals and children read on the pages of referrals."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.documents.wording.sentences import help_for, sentence
from portal.families.models import Child
from portal.kernel import clock
from portal.kernel.age import age_in_months
from portal.kernel.errors import Reason
from portal.policies.document import RulesDocument
from portal.referrals.passed_on import PassedChild
from portal.rulebooks.rule_facts import rule_of


def in_full(
    reason: Reason,
    document: RulesDocument | None = None,
    names: Mapping[uuid.UUID, str] = MappingProxyType({}),
) -> str:
    """Return why, and what would help.

    Args:
        document: The rules that were asked; with them the reason names its own.
        names: Of children, with さん; a child that stands in none is one of the family's.
    """
    on = clock.today(clock.now())
    child = names.get(reason.child_id) if reason.child_id else None
    helped = help_for(reason, child=child, today=on)
    said = sentence(reason, child=child, today=on)
    rule = rule_of(reason.code, document) if document is not None else None
    if rule is not None:
        said += _("（きまり：%(name)s）") % {"name": rule.name}
    return _("%(why)s。%(help)s") % {"why": said, "help": helped.text} if helped else said


def child_words(child: Child | PassedChild, on: date) -> str:
    """Return a child with its age, or when it is due."""
    if child.born_on is None:
        if child.due_on is None:
            return child.name or _("お子さん")
        return _("生まれる予定のお子さん（予定日 %(day)s）") % {"day": jdate(child.due_on, on)}
    months = age_in_months(child.born_on, max(on, child.born_on))
    years, rest = divmod(months, 12)
    age = _("%(years)s歳%(months)sか月") % {"years": years, "months": rest}
    if not child.name:
        return age
    return _("%(name)sさん（%(age)s）") % {"name": child.name, "age": age}


def ages_words(children: list[Child], on: date) -> str:
    """Return the ages alone, for lists: 「妊娠中・2歳」."""
    words = []
    for child in children:
        if child.born_on is None:
            words.append(_("妊娠中"))
        else:
            years = age_in_months(child.born_on, max(on, child.born_on)) // 12
            words.append(_("%(years)s歳") % {"years": years})
    return "・".join(dict.fromkeys(words))

"""What sessions and visits are called, as families and staff read it."""

from __future__ import annotations

from portal.documents.i18n import gettext as _
from portal.policies.steps import StepKind
from portal.visits.models import VisitSession
from portal.visits.rules import ChildrenCome, Place, VisitKind


def kind_words(kind: VisitKind | StepKind) -> str:
    """Return what a session is for, in a word or two."""
    return {
        "tour": _("見学"),
        "interview": _("面談"),
        "support_centre": _("子育て支援の広場"),
        "consultation": _("相談"),
        "prenatal": _("出産前の体験"),
        "trial_care": _("ならし預かり"),
    }[kind.value]


def kind_explained(kind: VisitKind) -> str:
    """Return what happens there, in one sentence."""
    return {
        VisitKind.TOUR: _("園の中を見て、ふだんのようすを聞けます。"),
        VisitKind.INTERVIEW: _("お子さんのことを話し、園のことを聞きます。"),
        VisitKind.SUPPORT_CENTRE: _("親子で遊んだり、ほかのご家庭と話したりできます。"),
        VisitKind.CONSULTATION: _("子育ての心配ごとを、園の人に話せます。"),
        VisitKind.PRENATAL: _("赤ちゃんをむかえる前に、抱っこやおむつ替えをためせます。"),
    }[kind]


def place_words(of: VisitSession) -> str:
    """Return where a session is held; of an online one, that it is online."""
    if of.place is Place.ONLINE:
        return _("オンライン")
    if of.place is Place.ELSEWHERE:
        return of.place_words or ""
    return " ".join(filter(None, (of.facility.name, of.place_words)))


def size_words(of: VisitSession) -> str:
    """Return whether a family is alone or with others."""
    if not of.is_group:
        return _("1組ずつ")
    return _("ほかのご家庭といっしょ（%(seats)s組まで）") % {"seats": of.seats}


def free_words(of: VisitSession) -> str:
    """Return how many families can still come."""
    return _("のこり%(free)s組") % {"free": of.free} if of.free else _("満員")


def children_words(of: ChildrenCome) -> str:
    """Return whether children come along, as families read it."""
    return {
        ChildrenCome.TOGETHER: _("お子さんもいっしょに来てください"),
        ChildrenCome.EITHER: _("お子さんは、いっしょでも、いっしょでなくてもかまいません"),
        ChildrenCome.ADULTS: _("保護者の方だけで来てください"),
    }[of]

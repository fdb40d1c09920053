"""What the steps before the first stay are called, by the code that rules use."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from portal.documents.i18n import gettext

STEP_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "tour": "見学",
        "interview": "面談",
        "trial_care": "ならし預かり",
        "support_centre": "子育て支援拠点の利用",
        "consultation": "相談",
        "prenatal": "妊娠中の体験",
    }
)


def step_name(code: str) -> str:
    """Return what a step is called, in the language in use."""
    return gettext(STEP_NAMES[code])

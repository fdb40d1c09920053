"""What the steps before the first stay are called, by the code that rules use."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

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

"""Kinds of pools. Pure."""

from __future__ import annotations

from enum import StrEnum


class PoolKind(StrEnum):
    """What a pool limits. A stay takes one unit from each pool of its facility that fits it."""

    TOTAL = "total"  # 全体の定員
    AGE_BAND = "age_band"  # クラス年齢ごとの上限

"""Kinds of bodies."""

from __future__ import annotations

from enum import StrEnum


class OrganisationKind(StrEnum):
    """What a body is; each kind has its own roles and pages."""

    PROVIDER = "provider"  # 事業者
    MUNICIPALITY = "municipality"  # 市区町村
    FAMILY_CENTER = "family_center"  # こども家庭センター
    CONSULTATION_OFFICE = "consultation_office"  # 地域子育て相談機関
    SUPPORT_CENTRE = "support_centre"  # 地域子育て支援拠点
    HEALTH_CENTRE = "health_centre"  # 保健センター
    OPERATOR = "operator"  # 運用


#: Bodies that belong to a municipality and support families.
SUPPORTING = (
    OrganisationKind.FAMILY_CENTER,
    OrganisationKind.CONSULTATION_OFFICE,
    OrganisationKind.SUPPORT_CENTRE,
    OrganisationKind.HEALTH_CENTRE,
)


class OrganisationRefusal(StrEnum):
    """Why a body is not added or written so; sentences stand in ``documents/wording``."""

    PROVIDER_EXISTS = "provider_exists"
    BODY_EXISTS = "body_exists"
    CODE_TAKEN = "code_taken"

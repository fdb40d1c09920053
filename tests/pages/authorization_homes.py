"""Who gets in where facts of homes and care outside the portal are; written by hand as the rest."""

from __future__ import annotations

from typing import Final

from tests.pages.authorization_roles import FAMILY, WORKERS, Expected, both, look, send

HOMES: Final[dict[str, Expected]] = {
    "selfservice_homes.index": look(FAMILY),
    "selfservice_homes.place": both(FAMILY),
    "selfservice_homes.child": both(FAMILY),
    "selfservice_uses.index": both(FAMILY),
    "selfservice_uses.take_back": send(FAMILY),
    "selfservice_uses.restore": send(FAMILY),
    "office_homes.show": look(WORKERS),
    "office_homes.place": both(WORKERS),
    "office_homes.note": both(WORKERS),
    "office_homes.end": send(WORKERS),
    "office_homes.confirm": send(WORKERS),
    "office_uses.index": both(WORKERS),
    "office_uses.take_back": send(WORKERS),
    "office_uses.restore": send(WORKERS),
}

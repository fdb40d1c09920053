"""What ``take_places`` is asked for: a judged wish as one stay for each child."""

from __future__ import annotations

import uuid
from typing import Any

from portal.bookings.queries.cases import CaseFile
from portal.bookings.queries.lists import Group
from portal.bookings.set_aside import reasons_as_kept
from portal.bookings.tickets import as_kept
from portal.policies.coupons import spent_by
from portal.policies.decide import Decision
from portal.slots.places import Stay


def stays_of(
    file: CaseFile, decision: Decision, *, group_id: uuid.UUID, moving: Group | None = None
) -> list[Stay]:
    """Return the stays of a wish, each with its part of the fee.

    Args:
        moving: The bookings that move here; each child's stay takes the place of its own.
    """
    wish = file.wish
    replaced = {each.child_id: each.id for each in (moving.live if moving else ())}
    overruled: dict[str, Any] | None = None
    if decision.overruled:
        codes = [reason.code.value for reason in decision.overruled]
        reasons = reasons_as_kept(decision.overruled, wish.child_there)
        overruled = {"codes": codes, "because": wish.overruled_because, "reasons": reasons}
    if overruled and decision.left_to_facility:
        overruled["asked_later"] = [reason.code.value for reason in decision.left_to_facility]
    ids = [child.id for child in file.children]
    spent = spent_by(decision.fee, file.household.coupons, ids, wish.span.day)
    stays = []
    for child in file.children:
        fee = decision.fee.for_child(child.id, known_as=wish.child_there(child.id))
        stays.append(
            Stay(
                id=uuid.uuid4(),
                group_id=group_id,
                programme_id=wish.programme_id,
                family_id=wish.stands_under,
                child_id=wish.child_there(child.id),
                purpose=wish.purpose.value,
                span=wish.span,
                rulebook_id=file.rulebook_id,
                fee_yen=fee.total_yen,
                fee_lines=fee.as_json(),
                cancel_until=decision.cancel_until,
                channel=wish.channel.value,
                received_at=file.received_at,
                pickup_person_id=wish.pickup_person_id,
                overruled=overruled,
                replaces=replaced.get(child.id),
                trial_part=wish.trial_part,
                referral_id=wish.referral_id,
                priority_id=wish.priority_id,
                guardian_stays=bool(file.trial_part and file.trial_part.with_guardian),
                counts_toward_caps=file.trial_rule is None or file.trial_rule.counts_toward_caps,
                use_type=wish.use_type,
                use_reason=wish.use_reason,
                options=tuple(sorted(wish.options)),
                tickets=as_kept(spent[child.id]),
            )
        )
    return stays

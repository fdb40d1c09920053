"""Every table, imported once: a model not imported here is one that Alembic does not see."""

from portal.accounts import addresses, api_tokens
from portal.accounts import models as accounts
from portal.attendance import models as attendance
from portal.audit import models as audit
from portal.bookings import models as bookings
from portal.consents import models as consents
from portal.contacts import models as contacts
from portal.datarequests import models as datarequests
from portal.daysheets import models as daysheets
from portal.db.base import Base
from portal.drafts import models as drafts
from portal.facilities import models as facilities
from portal.families import models as families
from portal.families import record_models as child_records
from portal.homes import models as homes
from portal.letters import models as letters
from portal.messages import models as messages
from portal.noshow import models as noshow
from portal.notices import models as notices
from portal.organisations import models as organisations
from portal.outreach import models as outreach
from portal.preregistration import models as preregistration
from portal.priorities import models as priorities
from portal.referrals import models as referrals
from portal.rulebooks import models as rulebooks
from portal.slots import models as slots
from portal.trials import models as trials
from portal.uploads import models as uploads
from portal.uses import models as uses
from portal.visits import models as visits

__all__ = [
    "Base",
    "accounts",
    "addresses",
    "api_tokens",
    "attendance",
    "audit",
    "bookings",
    "child_records",
    "consents",
    "contacts",
    "datarequests",
    "daysheets",
    "drafts",
    "facilities",
    "families",
    "homes",
    "letters",
    "messages",
    "noshow",
    "notices",
    "organisations",
    "outreach",
    "preregistration",
    "priorities",
    "referrals",
    "rulebooks",
    "slots",
    "trials",
    "uploads",
    "uses",
    "visits",
]

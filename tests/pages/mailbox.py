"""The mails about accounts that were queued, read as their receiver reads them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.accounts import links, own, service, staff
from portal.accounts.mail import MAILS
from portal.db.session import acting_as
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS
from portal.messages import outbox
from portal.messages.letters import Letter, Wanted


@dataclass
class Mailbox:
    """Queued mails, the last one last. The app role cannot read the outbox, so they are caught."""

    queued: list[tuple[str, tuple[uuid.UUID, ...], dict[str, Any]]] = field(default_factory=list)

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def enqueue(
            session: Session, kind: str, *, about: Sequence[uuid.UUID] = (), **more: Any
        ) -> uuid.UUID:
            self.queued.append((kind, tuple(about), more))
            return outbox.enqueue(session, kind, about=about, **more)

        for module in (links, own, service, staff):
            monkeypatch.setattr(module, "enqueue", enqueue)

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _, _ in self.queued]

    def letter(self, number: int = -1) -> Letter | None:
        kind, about, more = self.queued[number]
        wanted = Wanted(
            id=uuid.uuid4(),
            kind=kind,
            subject_ids=about,
            context=more.get("context") or {},
            organisation_id=None,
            family_id=None,
            to_user_id=more.get("to_user"),
            to_mail=more.get("to_mail") or "somebody@example.test",
            to_name=None,
            base_url="https://portal.test",
            is_demo=False,
            now=clock.now(),
        )
        with acting_as(ANONYMOUS) as session:
            letter = MAILS[kind](session, wanted)
            session.rollback()
        return letter

    def link(self, number: int = -1) -> str:
        """The path of the first link of the mail."""
        letter = self.letter(number)
        assert letter is not None
        found = re.search(r"https://portal\.test(/\S+)", letter.text)
        assert found, letter.text
        return found[1]

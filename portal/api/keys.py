"""A request with a key happens once: sent again it gets the same answer, other content gets 409."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Final

from flask import request
from psycopg.types.json import Jsonb
from sqlalchemy.orm import Session

from portal.accounts.api_tokens import Bearer
from portal.api.problems import Problem
from portal.db.statements import Statement

HEADER: Final = "Idempotency-Key"
_CLAIM = Statement(
    "INSERT INTO api_answers (token_id, organisation_id, key_hash, body_hash)"
    " VALUES (%(token)s, %(body_of)s, %(key)s, %(body)s) ON CONFLICT DO NOTHING"
)
_FIND = Statement(
    "SELECT body_hash, status, answer FROM api_answers"
    " WHERE token_id = %(token)s AND key_hash = %(key)s"
)
_KEEP = Statement(
    "UPDATE api_answers SET status = %(status)s, answer = %(answer)s"
    " WHERE token_id = %(token)s AND key_hash = %(key)s"
)


def sent_json() -> Any:
    """Return what was sent, as JSON.

    Raises:
        Problem: 415 for another kind of content, 400 where it cannot be read.
    """
    if request.mimetype != "application/json":
        raise Problem(415, "not_json", "JSONではないものが届きました。")
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError):
        raise Problem(400, "unreadable", "JSONとして読めません。") from None


class Key:
    """The key of one request, within its transaction."""

    def __init__(self, session: Session, bearer: Bearer, content: Any) -> None:
        typed = request.headers.get(HEADER, "")
        if not re.fullmatch(r"[\x21-\x7e]{8,200}", typed):
            raise Problem(
                400,
                "key_needed",
                f"{HEADER} がないか、使えない文字が入っています。",
                f"{HEADER} に、紹介ごとにちがう8〜200文字（英数字と記号）をつけてください。",
            )
        canonical = json.dumps(content, sort_keys=True).encode()
        self._session = session
        self._values: dict[str, object] = {
            "token": bearer.token_id,
            "body_of": bearer.actor.organisation_id,
            "key": hashlib.sha256(typed.encode()).digest(),
            "body": hashlib.sha256(canonical).digest(),
        }

    def answered_before(self) -> tuple[int, Any] | None:
        """Claim the key, and return status and answer where it was answered before.

        A second request with the key waits here until the first one is done.

        Raises:
            Problem: 409, the key was used for other content.
        """
        if _CLAIM.run(self._session, self._values) == 1:
            return None
        [(body_hash, status, answer)] = _FIND.rows(self._session, self._values)
        if bytes(body_hash) != self._values["body"]:
            raise Problem(
                409,
                "key_of_other_content",
                f"この {HEADER} は、ほかの内容でもう使われています。",
                f"内容を変えて送るときは、新しい {HEADER} をつけてください。",
            )
        return status, answer

    def keep(self, status: int, answer: Any) -> None:
        """Keep the answer for whoever sends the same again."""
        _KEEP.run(self._session, {**self._values, "status": status, "answer": Jsonb(answer)})

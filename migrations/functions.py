"""Changing a stored function in places, so that whatever else it has become since then stays.

Stable, as ``row_security``: a released migration's meaning hangs on it.
"""

from __future__ import annotations

from alembic import op

#: What a function says in one place, before and after.
Change = tuple[str, str]


def rewrite(owner: str, signature: str, *changes: Change) -> None:
    """Let a function of schema ``public`` say something else in these places, one after the other.

    A function is replaced by its ``owner`` alone, whose rights it goes on working with.

    Raises:
        sqlalchemy.exc.ProgrammingError: it does not say that exactly once; nothing is changed.
    """
    op.execute(f"SET LOCAL ROLE {owner}")
    for was, now in changes:
        op.execute(f"""
            DO $do$
            DECLARE
                said text := pg_get_functiondef('public.{signature}'::regprocedure);
                times integer := cardinality(string_to_array(said, $was${was}$was$)) - 1;
            BEGIN
                IF times <> 1 THEN
                    RAISE EXCEPTION '{signature} says % times what is replaced', times;
                END IF;
                EXECUTE replace(said, $was${was}$was$, $now${now}$now$);
            END $do$""")
    op.execute("RESET ROLE")


def write_back(owner: str, signature: str, *changes: Change) -> None:
    """Undo ``rewrite``: the last change first."""
    rewrite(owner, signature, *((now, was) for was, now in reversed(changes)))

"""Words every feature shares: clock, ages, spans, yen, ``Actor``, ``Refusal``.

Pure standard library: no Flask, no database, no settings. Start at ``actor.py``.
"""

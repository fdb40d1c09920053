"""One's own data: what is held, who saw it, a copy of it; requests for correction and erasure.

Not the audit log itself (``audit``). Start at ``service.py``; the erasing is SQL, migration 0019.
"""

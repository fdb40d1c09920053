"""ICS feeds at secret, renewable addresses, for a facility and for a family.

How a calendar file is written belongs to ``documents.ics``. Start at ``routes.py``.
"""

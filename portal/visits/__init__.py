"""Getting to know each other: dated sessions of staff, and the visits that families book to them.

Start at ``rules.py``; which days a repeated session falls on is in ``recurrence.py``.
"""

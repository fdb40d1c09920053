"""A city's list of facilities: bytes in, rows with remarks out, and what they would change.

Not: tables, uploads or pages; nothing here is written anywhere. Start at ``parsing.py``.
"""

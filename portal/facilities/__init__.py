"""Facilities, their programmes and opening hours, and the import of a city's open-data list.

Not: free places (``slots``) or a programme's rules (``rulebooks``). Start at ``rules.py``.
"""

"""What is known of a family's home as far as rules ask for it: where it lives, papers, tickets.

Not the child's record (``families``), not why a family goes first (``priorities``). Start at
``rules.py``.
"""

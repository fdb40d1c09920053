"""Every contact with a family, counted from its side.

Start at ``rules.py``: when may a family be contacted next.
"""

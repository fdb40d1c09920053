"""Places: pools, patterns, single days, closures, what is free. The heart of the portal.

Who may book, when and for how much is not decided here (``policies``). Start at ``places.py``.
"""

"""The database: sessions, the one ``transaction()``, refusals from constraints, encrypted columns.

No tables of features (they have their own ``models``). Start at ``session.py``.
"""

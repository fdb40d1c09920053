"""A face: pages of the municipality and its bodies.

Routes, forms and templates only: no tables, no rules. Start at ``imports.py``.
"""

"""Families: guardians, children born and expected, child records, who picks up, who may see whom.

A family belongs to no organisation (decision 2 of the architecture). Start at ``models.py``.
"""

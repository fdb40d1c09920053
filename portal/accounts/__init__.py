"""Accounts, roles, sign-in, second factor, sessions that can be ended.

Not the guardians' data (``families``). Start at ``service.py``; the gate is migration 0002.
"""

"""Contact that goes on and never presses: whom to contact next, about what, until when.

Start at ``rules.py``; how often is decided in ``portal/contacts``.
"""

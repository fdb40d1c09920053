"""A face: pages for families and for everyone without sign-in.

Routes, forms and templates only: no tables, no rules. Start at ``public.py`` and ``bookings.py``.
"""

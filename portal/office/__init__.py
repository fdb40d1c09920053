"""A face: staff pages that span features: the day board, places, families, bookings by phone.

Routes, forms and templates only: no tables, no rules. Start at ``board.py``.
"""

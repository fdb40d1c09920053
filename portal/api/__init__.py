"""The JSON interface for other programs: referrals in, and how far they have come.

Not: tables or rules; what is asked of a referral stands in ``referrals/``. Start at ``routes.py``.
"""

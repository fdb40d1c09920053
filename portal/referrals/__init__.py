"""Interviews of the municipality and consented referrals to who can help (紹介).

Start at ``rules.py``: what follows what, and what must stand before a referral leaves.
"""

"""A portal for temporary childcare (一時預かり): places, knowing each other first, nobody lost.

Not a nursery ICT system: no contact book, nap checks or rosters. Start at ``portal/app.py``.
"""

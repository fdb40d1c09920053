"""Children who did not come, and worries: cases that stay open until somebody has taken over.

Start at ``rules.py``: who may do what next, and who may close.
"""

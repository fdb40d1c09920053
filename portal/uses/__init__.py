"""Care that a child had outside the portal, as its family or staff tell it: limits count it too.

Not bookings of the portal (``bookings``). Start at ``service.py``.
"""

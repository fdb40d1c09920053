"""Trial care (ならし預かり): whose turn it is, what came of a part, and what staff noted.

Its stays are bookings with a ``trial_part``. Start at ``service.record_outcome``.
"""

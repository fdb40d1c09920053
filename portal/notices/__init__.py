"""Word to families about a closure: sent once, read or told by phone, corrected or withdrawn.

Not the mails of a booking (bookings), not the closing of days itself (slots). Start at ``rules``.
"""

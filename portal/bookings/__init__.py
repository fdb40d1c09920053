"""Bookings: place, change, cancel. A booking is never deleted.

Whether one may book is decided in ``policies``, whether a place is left in ``slots``. Start at
``service.place_booking``.
"""

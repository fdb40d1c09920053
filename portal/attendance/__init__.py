"""The day itself: arrival, departure, who was told what. Actual times, versus booked ones.

What follows a no-show is not here. Start at ``service.taps.arrive``.
"""

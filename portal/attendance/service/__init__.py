"""What is done on the day: ``board`` opened, ``taps``, ``words`` from families, ``reminders``.

Not the case that follows a no-show. Start at ``taps.arrive``.
"""

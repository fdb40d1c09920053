"""What bookings are read: cases to decide, places left, lists and groups.

Nothing is written here. Start at ``cases.case_for`` and ``lists.group``.
"""

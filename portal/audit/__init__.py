"""Who did what, and who saw what: one row in the same transaction, never changed after.

Not the technical log. Start at ``service.record`` (writes) and ``service.record_read`` (reads).
"""

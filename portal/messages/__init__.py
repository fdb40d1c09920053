"""Mail on its way: the outbox, and the one job that delivers it.

What a mail says belongs to its feature (``<feature>/mail.py``). Start at ``outbox.enqueue``.
"""

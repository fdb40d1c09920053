"""Who agreed to what, towards whom, in which words: given on its own, withdrawn at any time.

Whether something may be done asks ``queries.in_force``. Start at ``service.give``.
"""

"""Flask glue: who may open what, forms, writes that happen once, error pages, headers.

No pages of its own. Start at ``access.py`` and ``writes.py``.
"""

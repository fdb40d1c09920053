"""The ``portal`` command: one module a word, each with ``add_to(subparsers)``.

No rules and no queries of their own: commands call services. Start at ``portal/__main__.py``.
"""

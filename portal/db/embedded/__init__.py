"""The portal's own PostgreSQL for trying, demo and tests: found, started, kept, stopped.

Not for families' data in earnest, and no SQL of a feature. Start reading in ``server.py``.
"""

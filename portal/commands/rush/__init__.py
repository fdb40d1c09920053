"""The booking rush as a benchmark: the whole product, a bare Flask app, and bare SQL, in one run.

Measures; proves nothing about correctness beyond its own count. Start at ``run.py``.
"""

"""Background jobs: names, the queue, periodic work. Procrastinate behind one seam.

What a job does belongs to its feature. Start at ``app.py``.
"""

"""A programme's rules documents as stored: versioned, in force from a date.

What a document means is decided in ``policies`` alone. Start at ``queries.rules_in_force``.
"""

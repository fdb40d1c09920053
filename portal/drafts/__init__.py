"""Unfinished forms: each of one person, sealed, shown to nobody else, gone after a month.

Not what was sent: that belongs to the feature whose form it is. Start at ``service.save``.
"""

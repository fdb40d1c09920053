"""Letters on paper for families that no mail reaches, and forms to fill in by hand.

A letter's words are the mail's; see docs/paper.md.
"""

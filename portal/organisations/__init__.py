"""The bodies that use the portal: providers, municipalities, family centers, consultation offices.

Not their facilities, not the people who work there. Start at ``models.py``.
"""

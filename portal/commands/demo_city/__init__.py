"""The demo: a city with invented families, its mailbox, and doors into everybody's shoes.

Never part of a real portal: its blueprint is registered by ``portal demo`` alone. Start at
``portal/commands/demo.py``.
"""

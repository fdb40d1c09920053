"""Making things to hand out: language, dates as Japan writes them, templates, papers.

Knows neither Flask nor a feature. Start at ``templating.py``.
"""

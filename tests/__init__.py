"""The suite: rules, services, pages, browser, architecture, drills.

What the product itself needs stands elsewhere. Start at ``pytest.ini_options``, ``pyproject.toml``.
"""

"""A city at real size, and years behind it: data for measurements, nothing to look at in detail.

Not the demo's life. Start at ``city.found_city`` and ``years.add_years``.
"""

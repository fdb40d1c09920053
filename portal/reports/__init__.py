"""Attendance reports: page, PDF and CSV from one source, equal to the day boards.

What a paper looks like belongs to ``templates/reports``. Start at ``queries.month_report``.
"""

"""Benchmarks: the whole product, a bare Flask app and bare SQL, side by side on one fresh server.

They measure, and count what was booked. Start at ``benches.py``; docs/speed.md tells what came out.
"""

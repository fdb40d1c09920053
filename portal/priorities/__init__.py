"""Families that go first at a nursery (R25): why, until when, and who may know it.

See docs/support-needs.md.
"""

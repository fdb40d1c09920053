"""placeholder"""


def reference() -> str:
    """Return."""
    return ""

"""Trying rules out: cases from a file, decided without a database, held to what was expected."""

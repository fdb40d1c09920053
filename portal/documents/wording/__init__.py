"""Words for codes: what a refusal says, and what would help; one module per feature and language.

Keys are names such as ``BookingRefusal.too_late``: this floor does not know the features above.
Start at ``sentences.py``; an error's wording is changed in ``<feature>_ja.py`` and nowhere else.
"""

"""The rules providers publish, as validated data: one file a kind, one document a programme.

Pure (pydantic and the kernel only). Start at ``document.py``; everybody asks ``decide.py``.
"""

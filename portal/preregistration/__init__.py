"""事前登録: a family applies to a facility for a child; the facility accepts or asks back.

Tours, interviews and trial care come with ``visits``. Start at ``service.apply``.
"""
